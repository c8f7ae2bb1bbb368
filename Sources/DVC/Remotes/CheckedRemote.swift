/// An object that a cache or remote is to have.
package struct ExpectedObject: Sendable, Equatable {
    /// MD5, with `.dir` for a manifest.
    package let id: String
    /// Bytes; nil where nobody has recorded it.
    package let size: Int?
    /// Hexadecimal; nil where nobody has recorded it.
    package let sha256: String?

    package init(id: String, size: Int? = nil, sha256: String? = nil) {
        self.id = id
        self.size = size
        self.sha256 = sha256
    }
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

    /// Puts an object's bytes in place of what the remote has under its name; they are on its disk on return.
    func replace(_ object: ExpectedObject, with bytes: [UInt8]) async throws
}
