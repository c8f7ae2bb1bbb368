/// Names for partitions and files that DVC, git and the file system can all hold.
package enum DatasetName {
    /// The directory and pointer name for the first component of an object's key.
    ///
    /// A valid name stays: `[A-Za-z][A-Za-z0-9._-]*`, at most 100 bytes, nothing that YAML, DVC or this program gives a
    /// meaning to. Any other is sanitised and gets `-` and the first 8 digits of the SHA-256 of the original, and so
    /// does a valid name that already looks like such a result: two originals share a name only if their digests do.
    package static func partition(for component: String) -> String {
        if isPartition(component), !looksShortened(component) { return component }
        let digest = hex(Digest(of: component.utf8).bytes)
        let kept = component.unicodeScalars.map { isNameScalar($0) ? Character($0) : "_" }
        var stem = String(kept.prefix(100 - 9))
        if stem.isEmpty { stem = "root" }
        if !isLetter(stem.unicodeScalars[stem.startIndex]) { stem = "p" + stem.prefix(100 - 10) }
        return stem + "-" + digest.prefix(8)
    }

    /// Whether a partition may have this name.
    package static func isPartition(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, isLetter(first), name.utf8.count <= 100 else {
            return false
        }
        let lower = name.lowercased()
        return name.unicodeScalars.allSatisfy(isNameScalar) && !reserved.contains(lower)
            && !lower.hasSuffix(".dvc")
    }

    /// The path of a file for an object's key: each component verbatim where that is safe.
    ///
    /// Escaped as `%XX` are control characters; one byte of `.`, `..`, of names that git or DVC act upon, and of names
    /// that an image tile of the directory above could have; and a `%` that could be read as an escape. An empty component
    /// becomes `%`. A component longer than 255 bytes is cut and ends in `%~` and 32 digits of its SHA-256. Different keys
    /// never get the same path.
    ///
    /// Names that only a tile of a variant or an array could have stay as they are, unless a key is the directory above
    /// (``escaped(_:at:)``): keys have had places under this rule since before there were such tiles.
    package static func path(for key: String) -> String {
        key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .enumerated()
            .map { component(for: Array($1), isInside: $0 > 0) }
            .joined(separator: "/")
    }

    private static let reserved: Set<String> = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "root", "nan", "inf", "dvc", "dvc.yaml",
        "dvc.lock",
    ]
    /// Besides these, DVC reads every `*.dvc` that git does not ignore as a pointer.
    private static let actedUpon: Set<String> = [
        ".", "..", ".git", ".hg", ".dvc", ".dvcignore", ".gitignore", ".gitattributes", ".gitmodules",
        "dvc.yaml",
        "dvc.lock",
    ]

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        isLetter(scalar) || ("0"..."9").contains(scalar) || [".", "_", "-"].contains(scalar)
    }

    private static func looksShortened(_ name: String) -> Bool {
        let tail = Array(name.utf8.suffix(9))
        return tail.count == 9 && tail[0] == UInt8(ascii: "-") && tail.dropFirst().allSatisfy(isLowerHexDigit)
    }

    private static func isLowerHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte)
    }

    private static func component(for original: [UInt8], isInside: Bool) -> String {
        if original.isEmpty { return "%" }
        let marked = escapedIndex(in: original) ?? (isInside && isTileName(original) ? 0 : nil)
        var escaped: [UInt8] = []
        for (index, byte) in original.enumerated() {
            if byte < 0x20 || byte == 0x7F || index == marked
                || (byte == UInt8(ascii: "%") && opensEscape(original, at: index))
            {
                escaped.append(UInt8(ascii: "%"))
                escaped.append(contentsOf: hex([byte]).uppercased().utf8)
            } else {
                escaped.append(byte)
            }
        }
        if escaped.count > 255 {
            let digest = hex(Digest(ofPieces: original).bytes).prefix(32)
            return prefix(of: escaped, bytes: 255 - 34) + "%~" + digest
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// Whether the directory of any key's tiles could hold a file of this name: `tiles.jsonl` or `<row>_<col>.<ext>`.
    private static func isTileName(_ name: [UInt8]) -> Bool {
        if name.elementsEqual("tiles.jsonl".utf8) { return true }
        guard let tile = TileName(String(decoding: name, as: UTF8.self)) else { return false }
        return !tile.isOfVariant && tile.fileExtension != "npy"
    }

    /// A path's components, told apart by bytes: a combining mark after a slash makes one Character of the two.
    package static func components(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    }

    /// A path with one more of its components escaped, by its first character; nil where that gives no other path.
    ///
    /// A key has one path and its escaped one, and no other key has either.
    package static func escaped(_ path: String, at index: Int) -> String? {
        var components = self.components(of: path)
        guard let first = components[index].unicodeScalars.first, first != "%" else { return nil }
        let escape = String(first).utf8.map { "%" + hex([$0]).uppercased() }.joined()
        let component = escape + String(components[index].unicodeScalars.dropFirst())
        guard component.utf8.count <= 255 else { return nil }
        components[index] = component
        return components.joined(separator: "/")
    }

    /// Where a name that git or DVC acts upon is changed, so that they do not; always at an ASCII byte.
    private static func escapedIndex(in original: [UInt8]) -> Int? {
        let lower = String(decoding: original.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
        if actedUpon.contains(lower) { return 0 }
        return lower.utf8.suffix(4).elementsEqual(".dvc".utf8) ? original.count - 4 : nil
    }

    /// Whether a reader could take the `%` here for one of ours: alone, before two digits, or before `~`.
    private static func opensEscape(_ bytes: [UInt8], at index: Int) -> Bool {
        let rest = bytes[(index + 1)...].prefix(2)
        if bytes.count == 1 || rest.first == UInt8(ascii: "~") { return true }
        return rest.count == 2 && rest.allSatisfy { (48...57).contains($0) || (65...70).contains($0) }
    }

    /// As much of the text as fits, cut between scalars.
    private static func prefix(of bytes: [UInt8], bytes limit: Int) -> String {
        var end = limit
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
