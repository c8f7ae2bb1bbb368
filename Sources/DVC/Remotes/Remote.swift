/// A place that dataset versions are pushed to, in DVC's form: `files/md5/<2 digits>/<30 digits>[.dir]`.
package protocol Remote: Sendable {
    /// As events name it: an absolute directory, or a URL.
    var url: String { get }

    /// Sends what the remote lacks of a manifest and its files, the manifest last.
    ///
    /// DVC takes a manifest on a remote as the proof that its files are there too, hence the order, which also makes a
    /// push that was killed safe to repeat. When it returns, every file is known to be there: it was found, or sent.
    ///
    /// - Parameters:
    ///   - cache: where the objects are.
    ///   - id: the manifest.
    ///   - entries: its files; a size that an entry does not know is asked from the cache.
    ///   - previous: a manifest that was pushed before: while the remote has it whole, its files are not looked for again.
    func push(
        from cache: DVCCache,
        manifest id: String,
        entries: [ManifestEntry],
        since previous: String?
    ) async throws -> PushResult
}

/// What a push did.
package struct PushResult: Sendable, Equatable {
    /// Objects written, the manifest included, and their bytes.
    package var objects = 0
    package var bytes = 0
    /// Objects that were there already.
    package var present = 0

    package init(objects: Int = 0, bytes: Int = 0, present: Int = 0) {
        self.objects = objects
        self.bytes = bytes
        self.present = present
    }
}
