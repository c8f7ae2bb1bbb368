/// Which of the many formats built on TIFF 6.0 a file is.
///
/// Raw formats hide behind TIFF's magic; what tells them apart is in the first image directory.
struct TIFFKind {
    let name: String
    let advice: String

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 8 else { return nil }
        let little = bytes[0] == 0x49 && bytes[1] == 0x49
        guard little || (bytes[0] == 0x4D && bytes[1] == 0x4D) else { return nil }
        let version = Self.read16(bytes, at: 2, little: little)
        let develop = "develop it to JPEG or PNG first"
        switch version {
        case 42:
            if bytes.count >= 10, bytes[8] == 0x43, bytes[9] == 0x52 {
                (name, advice) = ("Canon CR2 raw", develop)
            } else if Self.firstDirectory(of: bytes, little: little).contains(0xC612) {
                (name, advice) = ("DNG raw", develop)
            } else {
                (name, advice) = ("TIFF", "convert it to PNG, which keeps 16 bits")
            }
        case 43: (name, advice) = ("BigTIFF", "convert it to PNG, which keeps 16 bits")
        case 0x4F52, 0x5352: (name, advice) = ("Olympus ORF raw", develop)
        case 0x0055: (name, advice) = ("Panasonic RW2 raw", develop)
        default: return nil
        }
    }

    /// The tags of the first directory; 0xC612 is DNGVersion (DNG 1.7, chapter 4).
    private static func firstDirectory(of bytes: [UInt8], little: Bool) -> Set<Int> {
        let start =
            read16(bytes, at: little ? 4 : 6, little: little) | read16(
                bytes,
                at: little ? 6 : 4,
                little: little
            ) << 16
        guard start + 2 <= bytes.count else { return [] }
        let entries = read16(bytes, at: start, little: little)
        var tags: Set<Int> = []
        for entry in 0..<entries {
            let at = start + 2 + 12 * entry
            guard at + 2 <= bytes.count else { break }
            tags.insert(read16(bytes, at: at, little: little))
        }
        return tags
    }

    private static func read16(_ bytes: [UInt8], at offset: Int, little: Bool) -> Int {
        let first = Int(bytes[offset])
        let second = Int(bytes[offset + 1])
        return little ? second << 8 | first : first << 8 | second
    }
}
