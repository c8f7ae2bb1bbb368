/// A place that observed objects are fetched from.
package protocol ObjectStore: Sendable {
    /// Brings the very version that is wanted to `destination`, a name that nothing has, on disk when it returns.
    ///
    /// Nothing is left at `destination` where it throws.
    func fetch(_ wanted: WantedObject, to destination: String) async throws -> FetchedObject
    /// Returns where that very version would be given now, without bringing it.
    func ask(for wanted: WantedObject) async throws
}

/// One version of one key, as it was observed.
package struct WantedObject: Sendable, Equatable {
    /// The bucket's name, or the folder's absolute path.
    package let bucket: String
    package let key: String
    /// What the observation calls the version: an ETag without quotes, or the time of a file's last change.
    package let version: String
    /// Without quotes.
    package let etag: String?
    package let versionID: String?
    /// Bytes; nil where whoever announced the object did not say.
    package let size: Int?

    package init(
        bucket: String,
        key: String,
        version: String,
        etag: String? = nil,
        versionID: String? = nil,
        size: Int?
    ) {
        self.bucket = bucket
        self.key = key
        self.version = version
        self.etag = etag
        self.versionID = versionID
        self.size = size
    }
}

/// What a fetch brought.
package struct FetchedObject: Sendable, Equatable {
    /// 64 hexadecimal digits.
    package let sha256: String
    package let bytes: Int
    /// How the bytes are kept: `copy`, or `hardlink` where a folder's file has a second name.
    package let kept: String

    package init(sha256: String, bytes: Int, kept: String) {
        self.sha256 = sha256
        self.bytes = bytes
        self.kept = kept
    }
}
