package import Events

/// One file of a partition.
///
/// Two entries are equal when their bytes are: Swift calls "é" in its composed and decomposed form equal, a file
/// system and DVC do not.
package struct ManifestEntry: Sendable, Equatable {
    /// The path below the partition's directory, parts joined by `/`.
    package let relpath: String
    /// 32 lower-case hexadecimal digits.
    package let md5: String
    /// Bytes; nil in an entry read from a manifest, which does not hold sizes.
    package let size: Int?
    /// As the log has it; nil in an entry read from a manifest.
    package let sha256: Digest?

    package init(relpath: String, md5: String, size: Int?, sha256: Digest? = nil) {
        self.relpath = relpath
        self.md5 = md5
        self.size = size
        self.sha256 = sha256
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.relpath.utf8.elementsEqual(right.relpath.utf8) && left.md5 == right.md5
            && left.size == right.size
    }
}

extension String {
    /// Whether the text comes before the other in the order of UTF-8 bytes, which is also that of code points.
    package func precedesInBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// Whether this is the lower-case hexadecimal form of an MD5.
    var isMD5: Bool {
        utf8.count == 32 && utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Whether a file of this name below a directory stays below it, under exactly this name.
    var isSafeRelativePath: Bool {
        // Of the part between two slashes.
        var (length, dots) = (0, 0)
        for byte in utf8 {
            switch byte {
            case 0: return false
            case UInt8(ascii: "/"):
                guard Self.isSafeName(length, dots: dots) else { return false }
                (length, dots) = (0, 0)
            default:
                length += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
        }
        return Self.isSafeName(length, dots: dots)
    }

    /// Whether a name of so many bytes, these many of them dots, is no `.` or `..`, and one that a file system can hold.
    private static func isSafeName(_ length: Int, dots: Int) -> Bool {
        (1...255).contains(length) && (dots < length || length > 2)
    }
}
