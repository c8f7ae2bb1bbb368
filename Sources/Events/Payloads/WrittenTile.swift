/// What a `TileWritten` says of the file alone: its name, size and digests.
///
/// Almost all events of a log are tiles, and what only has to find them reads nothing else of each.
package struct WrittenTile: Sendable, Equatable {
    package let name: String
    package let bytes: Int
    package let sha256: Digest
    /// Its first byte is the highest, as it is read aloud.
    package let md5: UInt128

    private static let keys: [StaticString] = ["bytes", "md5", "name", "sha256"]

    /// Reads it from the event.
    ///
    /// - Throws: `unknown-event` for another type or a newer version than this program's, else what is wrong with it.
    package init(_ event: RecordedEvent) throws(EventError) {
        let json = try event.fields(Self.keys, of: TileWritten.self)
        name = try json.string("name")
        bytes = try json.int("bytes")
        sha256 = try json.digest("sha256")
        md5 = try json.number128("md5")
    }
}
