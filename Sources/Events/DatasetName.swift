/// Names that git, DVC and file systems can all hold, made from the names that sources use.
package enum DatasetName {
    /// The longest component that common file systems hold, in bytes.
    private static let longestComponent = 255
    private static let longestPartition = 100

    /// Names that YAML 1.1 would not read back as text, or that are ours.
    private static let reserved: Set<String> = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "root", "params", "dvc",
    ]

    /// The partition for a key's first component: `[A-Za-z][A-Za-z0-9._-]*`, at most 100 bytes.
    ///
    /// A component that can't stand as it is gets its odd characters replaced and the first eight digits of its SHA-256
    /// appended, so that two components never share a name.
    package static func partition(for component: String) -> String {
        var name = String(component.unicodeScalars.map { isPlain($0) ? Character($0) : "_" })
        if name.unicodeScalars.first.map(isLetter) != true { name = "p" + name }
        guard name != component || reserved.contains(name.lowercased()) || name.utf8.count > longestPartition
            || name.hasSuffix(".dvc")
        else { return name }
        return name.prefix(longestPartition - 9) + "-" + shortDigest(component)
    }

    /// The directory for a key: its components as they are, but for those that DVC, git or a file system can't hold.
    ///
    /// `.`, `..`, empty components, DVC's and git's own names, and control characters but the newline are written as
    /// `%XX`; so is a per cent sign that could be read as such an escape, so that two keys never share a path. A
    /// component that is too long is cut and gets its digest.
    package static func path(for key: String) -> String {
        key.split(separator: "/", omittingEmptySubsequences: false).map { component(String($0)) }
            .joined(separator: "/")
    }

    private static let special: Set<String> = [
        ".", "..", ".git", ".dvc", ".hg", ".dvcignore", ".gitignore", ".gitattributes", ".gitmodules",
    ]

    private static func component(_ name: String) -> String {
        if name.isEmpty { return "%" }
        var out: [UInt8] = []
        let text = Array(name.utf8)
        let isSpecial = special.contains(name.lowercased())
        for (index, byte) in text.enumerated() {
            let opensEscape = byte == UInt8(ascii: "%") && (text.count == 1 || isHexPair(text[(index + 1)...].prefix(2)))
            let isControl = byte < 0x20 && byte != UInt8(ascii: "\n") || byte == 0x7F
            if opensEscape || isControl || isSpecial && index == 0 {
                out.append(contentsOf: "%\(hex([byte]))".utf8)
            } else {
                out.append(byte)
            }
        }
        guard out.count > longestComponent else { return String(decoding: out, as: UTF8.self) }
        let kept = String(decoding: out, as: UTF8.self).unicodeScalars.reduce(into: "") { kept, scalar in
            if kept.utf8.count + String(scalar).utf8.count <= longestComponent - 9 { kept.unicodeScalars.append(scalar) }
        }
        return kept + "~" + shortDigest(name)
    }

    private static func isHexPair(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count == 2 && Events.bytes(hex: String(decoding: bytes, as: UTF8.self)) != nil
    }

    private static func shortDigest(_ text: String) -> String {
        hex(Digest(of: text.utf8).bytes.prefix(4))
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        isLetter(scalar) || ("0"..."9").contains(scalar) || "._-".unicodeScalars.contains(scalar)
    }
}
