/// A place that dataset versions are pushed to, in DVC's form: `files/md5/<2 digits>/<30 digits>[.dir]`.
package protocol Remote: Sendable {
    /// As events name it: an absolute directory, or a URL.
    var url: String { get }

    /// Whether the remote has a manifest whole.
    ///
    /// It is the last thing that a push sends, and so the proof that its files are there: the push of a later version need
    /// not look for them again.
    func holds(manifest id: String) async throws -> Bool

    /// Sends what the remote lacks of some files and then their manifest.
    ///
    /// DVC takes a manifest on a remote as the proof that its files are there too, hence the order, which also makes a
    /// push that was killed safe to repeat. When it returns, every file is known to be there: it was found, or sent.
    ///
    /// - Parameters:
    ///   - cache: where the objects are.
    ///   - id: the manifest.
    ///   - entries: its files, save those of a manifest that the remote holds; a size that an entry does not know is asked
    ///     from the cache.
    func push(
        from cache: DVCCache,
        manifest id: String,
        entries: [ManifestEntry]
    ) async throws -> PushResult

    /// Writes a small file beside the objects, reads it back and removes it.
    func probe() async throws -> RemoteProbe
}

/// What a push did.
package struct PushResult: Sendable, Equatable {
    /// Objects written, the manifest included.
    package var objects = 0
    /// Their bytes; nil where that can't be told.
    package var bytes: Int? = 0
    /// Objects that were there already.
    package var present = 0

    package init(objects: Int = 0, bytes: Int? = 0, present: Int = 0) {
        self.objects = objects
        self.bytes = bytes
        self.present = present
    }

    /// Counts an object by the bytes that were written of it; nil for one that was there.
    mutating func add(_ written: Int?) {
        guard let written else {
            present += 1
            return
        }
        objects += 1
        bytes = bytes.map { $0 + written }
    }
}
