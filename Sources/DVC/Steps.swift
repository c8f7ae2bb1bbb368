/// What has to change in a directory so that it holds a manifest's files, whichever of its earlier states it is in.
struct Steps {
    private(set) var removed: [String] = []
    private(set) var placed: [ManifestEntry] = []

    var isEmpty: Bool { removed.isEmpty && placed.isEmpty }

    /// Walks all manifests at once in the order of their paths; with no earlier one, everything is placed.
    init(from earlier: [[UInt8]], to wanted: [UInt8]) throws(DVCError) {
        var old: [Cursor] = []
        for bytes in earlier { old.append(try Cursor(bytes)) }
        var new = try Cursor(wanted)
        while let path = Self.first(old, new) {
            let before = old.map { $0.takes(path) }
            if let entry = new.takes(path) {
                if before.isEmpty || before.contains(where: { $0?.md5 != entry.md5 }) { placed.append(entry) }
                try new.advance()
            } else {
                removed.append(path)
            }
            for index in old.indices where before[index] != nil { try old[index].advance() }
        }
    }

    private static func first(_ old: [Cursor], _ new: Cursor) -> String? {
        (old + [new]).compactMap(\.entry?.relpath).min { $0.precedesInBytes($1) }
    }

    private struct Cursor {
        private var reader: ManifestReader
        private(set) var entry: ManifestEntry?

        init(_ bytes: [UInt8]) throws(DVCError) {
            reader = ManifestReader(bytes)
            entry = try reader.next()
        }

        mutating func advance() throws(DVCError) { entry = try reader.next() }

        /// The entry at the cursor if it is for this path.
        func takes(_ path: String) -> ManifestEntry? {
            guard let entry, entry.relpath.utf8.elementsEqual(path.utf8) else { return nil }
            return entry
        }
    }
}
