/// Reads the entries of a manifest one by one, in the order of the bytes.
///
/// It takes what DVC writes with any white space and any order of the two keys, and nothing else: sorted paths, once
/// each, that stay below their directory. So two readers can be merged without a look-up table.
package struct ManifestReader {
    private let bytes: [UInt8]
    private var position = 0
    private var last: String?
    private var ended = false
    /// Where the bytes of the last entry are, from its brace to its brace.
    private(set) var lastEntry = 0..<0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// All entries; their sizes are unknown.
    package static func entries(of bytes: [UInt8]) throws(DVCError) -> [ManifestEntry] {
        var reader = ManifestReader(bytes)
        var entries: [ManifestEntry] = []
        while let entry = try reader.next() { entries.append(entry) }
        return entries
    }

    /// The next entry, or nil at the end.
    package mutating func next() throws(DVCError) -> ManifestEntry? {
        if ended { return nil }
        if last == nil { try expect("[") }
        if accept("]") {
            skipSpace()
            guard position == bytes.count else { throw malformed("has bytes after its end") }
            ended = true
            return nil
        }
        if last != nil { try expect(",") }
        skipSpace()
        let start = position
        let entry = try object()
        lastEntry = start..<position
        guard entry.md5.isMD5 else { throw malformed("holds an MD5 that is none") }
        guard entry.relpath.isSafeRelativePath else {
            throw DVCError(
                .badPath,
                "the manifest names \(entry.relpath.debugDescription), which is no path below its directory"
            )
        }
        if let last, !last.precedesInBytes(entry.relpath) {
            throw DVCError(.outOfOrder, "the manifest names \(entry.relpath.debugDescription) out of order")
        }
        last = entry.relpath
        return entry
    }

    private mutating func object() throws(DVCError) -> ManifestEntry {
        var md5: String?
        var relpath: String?
        try expect("{")
        repeat {
            let key = try string()
            try expect(":")
            switch key {
            case "md5": md5 = try string()
            case "relpath": relpath = try string()
            default: throw malformed("holds the unknown key \(key.debugDescription)")
            }
        } while accept(",")
        try expect("}")
        guard let md5, let relpath else { throw malformed("lacks a path or an MD5") }
        return ManifestEntry(relpath: relpath, md5: md5, size: nil)
    }

    private mutating func string() throws(DVCError) -> String {
        try expect("\"")
        // Nearly every string stands as it is.
        var end = position
        while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\") { end += 1 }
        var text = bytes[position..<end]
        position = end
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else {
                    throw malformed("is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): try text.append(contentsOf: escape())
            default: text.append(byte)
            }
        }
        throw malformed("ends inside a string")
    }

    /// The UTF-8 bytes of what follows a backslash.
    private mutating func escape() throws(DVCError) -> [UInt8] {
        guard position < bytes.count else { throw malformed("ends inside a string") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var value = try unit()
            if (0xD800..<0xDC00).contains(value) {
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw malformed("holds half a surrogate pair") }
                position += 2
                let low = try unit()
                guard (0xDC00..<0xE000).contains(low) else { throw malformed("holds half a surrogate pair") }
                value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else {
                throw malformed("names a file that is not UTF-8")
            }
            return Array(UTF8.encode(scalar) ?? .init())
        default: throw malformed("holds an unknown escape")
        }
    }

    private mutating func unit() throws(DVCError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw malformed("ends inside a string") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed("holds a bad escape")
            }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(DVCError) {
        guard accept(character) else { throw malformed("lacks a '\(character)'") }
    }

    private func malformed(_ what: String) -> DVCError {
        DVCError(
            .badManifest,
            "the directory manifest \(what) (at byte \(position)): run `dvc fetch` to restore it"
        )
    }
}
