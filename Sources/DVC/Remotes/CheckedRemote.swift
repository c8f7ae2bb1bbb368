package import Events

/// An object that a cache or remote is to have.
package struct ExpectedObject: Sendable, Equatable {
    /// MD5, with `.dir` for a manifest.
    package let id: String
    /// Bytes; nil where nobody has recorded it.
    package let size: Int?
    /// Nil where nobody has recorded it.
    package let sha256: Digest?

    package init(id: String, size: Int? = nil, sha256: Digest? = nil) {
        self.id = id
        self.size = size
        self.sha256 = sha256
    }

    package var isManifest: Bool { id.hasSuffix(".dir") }
}

/// What is wrong with an object.
package enum ObjectFault: Sendable, Equatable {
    case missing
    /// Says how the bytes differ from those that were recorded.
    case damaged(String)
}

/// A remote whose objects this program can look at and mend.
package protocol CheckedRemote: Remote {
    /// Finds objects that are missing or have other bytes than their names say.
    ///
    /// - Parameters:
    ///   - reads: whether all bytes are read, also where the server vouches for their MD5.
    ///   - progress: called now and then with the number of objects that were looked at.
    func faults(
        among objects: [ExpectedObject],
        reads: Bool,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> [String: ObjectFault]

    /// Reads an object; nil where it is missing or has other bytes.
    func read(_ object: ExpectedObject) async throws -> [UInt8]?

    /// Whether such a look also tells other bytes of the same size, and not only what is missing.
    func comparesBytes(reads: Bool) -> Bool

    /// Puts objects of the cache in place of what the remote has under their names; they are on its disk on return.
    ///
    /// What could not be replaced is told by the next look.
    func replace(_ objects: [ExpectedObject], from cache: DVCCache) async throws

    /// Removes what killed replacements by the same owner left; only while none is under way.
    func sweep() async throws
}

extension CheckedRemote {
    package func comparesBytes(reads: Bool) -> Bool { true }
    package func sweep() async throws {}
}
