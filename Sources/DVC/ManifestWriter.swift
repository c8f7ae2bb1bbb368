import Crypto
import Events
import Files

/// The manifest of one directory: the bytes of DVC's `.dir` object.
package struct Manifest: Sendable, Equatable {
    package let bytes: [UInt8]
    /// The object's name: the MD5 of the bytes and `.dir`.
    package let id: String
    package let count: Int
    /// The sum of the files' sizes in bytes.
    package let totalSize: Int
}

/// Writes a manifest entry by entry, byte for byte as DVC does.
///
/// The form is Python's `json.dumps(entries, sort_keys=True)`: `[{"md5": "…", "relpath": "…"}, …]`, everything outside
/// printable ASCII as lower-case `\uXXXX` in UTF-16 units, no newline at the end. A manifest in any other form, though
/// equal as JSON, has another name, and DVC would report the directory as modified for ever.
package struct ManifestWriter {
    private var bytes: [UInt8] = [UInt8(ascii: "[")]
    private var count = 0
    private var totalSize = 0
    private var last = ""

    package init() {}

    /// Makes room for entries of usual length.
    package mutating func reserveCapacity(_ entries: Int) {
        bytes.reserveCapacity(entries * 100)
    }

    /// Adds the next entry; entries come in the order of the UTF-8 bytes of their paths, each path once.
    package mutating func append(_ entry: ManifestEntry) throws(DVCError) {
        guard entry.relpath.isSafeRelativePath else {
            throw DVCError(
                .badPath,
                "\(entry.relpath.debugDescription) is no path below a directory: make it with DatasetName.path(for:)"
            )
        }
        guard entry.md5.isMD5 else {
            throw DVCError(
                .badManifest,
                "\(entry.md5.debugDescription) is no MD5 of 32 lower-case hexadecimal digits"
            )
        }
        guard let size = entry.size, size >= 0 else {
            throw DVCError(.badManifest, "\(entry.relpath.debugDescription) needs its size in bytes")
        }
        guard count == 0 || last.precedesInBytes(entry.relpath) else { throw Self.outOfOrder(entry, last) }
        if count > 0 { bytes.append(contentsOf: ", ".utf8) }
        bytes.append(contentsOf: #"{"md5": ""#.utf8)
        bytes.append(contentsOf: entry.md5.utf8)
        bytes.append(contentsOf: #"", "relpath": ""#.utf8)
        appendEscaped(entry.relpath)
        bytes.append(contentsOf: #""}"#.utf8)
        count += 1
        totalSize += size
        last = entry.relpath
    }

    /// Adds the next entry as another manifest of this form has it; its size counts with `finish(addingSize:)`.
    mutating func append(_ entry: ManifestEntry, written: ArraySlice<UInt8>) throws(DVCError) {
        guard count == 0 || last.precedesInBytes(entry.relpath) else { throw Self.outOfOrder(entry, last) }
        if count > 0 { bytes.append(contentsOf: ", ".utf8) }
        bytes.append(contentsOf: written)
        count += 1
        last = entry.relpath
    }

    /// Ends the manifest.
    ///
    /// - Parameter size: of the files whose entries came without one, bytes.
    package consuming func finish(addingSize size: Int = 0) -> Manifest {
        bytes.append(UInt8(ascii: "]"))
        let digest = hexadecimal(Insecure.MD5.hash(data: bytes))
        return Manifest(bytes: bytes, id: digest + ".dir", count: count, totalSize: totalSize + size)
    }

    private static func outOfOrder(_ entry: ManifestEntry, _ last: String) -> DVCError {
        DVCError(
            .outOfOrder,
            "\(entry.relpath.debugDescription) came after \(last.debugDescription): feed each path once, sorted by UTF-8 bytes"
        )
    }

    private mutating func appendEscaped(_ text: String) {
        for unit in text.utf16 {
            switch unit {
            case 0x22: bytes.append(contentsOf: #"\""#.utf8)
            case 0x5C: bytes.append(contentsOf: #"\\"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
            case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
            case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
            case 0x0C: bytes.append(contentsOf: #"\f"#.utf8)
            case 0x20...0x7E: bytes.append(UInt8(unit))
            default:
                bytes.append(contentsOf: #"\u"#.utf8)
                bytes.append(contentsOf: hexadecimal([UInt8(unit >> 8), UInt8(unit & 255)]).utf8)
            }
        }
    }
}
