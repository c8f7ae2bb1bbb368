/// What has to change in a directory so that it holds a manifest's files, whichever of its earlier states it is in.
package struct Steps {
    package private(set) var removed: [String] = []
    package private(set) var placed: [ManifestEntry] = []

    package var isEmpty: Bool { removed.isEmpty && placed.isEmpty }

    /// Walks all manifests at once in the order of their paths; with no earlier one, everything is placed.
    package init(from earlier: [[UInt8]], to wanted: [UInt8]) throws(DVCError) {
        var (earlier, wanted) = (earlier, wanted)
        if earlier.count == 1 { (earlier[0], wanted) = Self.differing(earlier[0], wanted) }
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

    /// Two manifests without the entries that both begin with and that both end with.
    ///
    /// Entries are as their bytes are. Where one ends and the next begins is plain: inside a string every quotation mark
    /// has a backslash before it. A manifest that is not as DVC writes it has no such place, and stays whole.
    private static func differing(_ old: [UInt8], _ new: [UInt8]) -> ([UInt8], [UInt8]) {
        let between = Array(#""}, {""#.utf8)
        // In the middle of it: what comes before ends with a brace, what comes after begins with one.
        func isBetween(_ bytes: [UInt8], _ index: Int) -> Bool {
            index >= 2 && index + 4 <= bytes.count && bytes[index - 2..<index + 4].elementsEqual(between)
        }
        let shorter = min(old.count, new.count)
        var start = 0
        while start < shorter, old[start] == new[start] { start += 1 }
        while start > 0, !(isBetween(old, start) && isBetween(new, start)) { start -= 1 }
        var end = 0
        while end < shorter - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
        while end > 0, !(isBetween(old, old.count - end) && isBetween(new, new.count - end)) { end -= 1 }
        func middle(_ bytes: [UInt8]) -> [UInt8] {
            // Without the commas that joined it to what goes.
            let first = start == 0 ? 1 : start + 2
            let last = end == 0 ? bytes.count - 1 : bytes.count - end
            return [UInt8(ascii: "[")] + (first < last ? bytes[first..<last] : []) + [UInt8(ascii: "]")]
        }
        return (middle(old), middle(new))
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
