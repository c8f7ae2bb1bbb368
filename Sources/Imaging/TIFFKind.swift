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
        let file = File(bytes: bytes, little: little)
        let develop = "develop it to JPEG or PNG first"
        switch file.read16(2) {
        case 42:
            if bytes.count >= 10, bytes[8] == 0x43, bytes[9] == 0x52 {
                (name, advice) = ("Canon CR2 raw", develop)
            } else if let raw = Self.raw(file) {
                (name, advice) = (raw, develop)
            } else {
                (name, advice) = ("TIFF", "convert it to PNG, which keeps 16 bits")
            }
        case 43: (name, advice) = ("BigTIFF", "convert it to PNG, which keeps 16 bits")
        case 0x4F52, 0x5352: (name, advice) = ("Olympus ORF raw", develop)
        case 0x0055: (name, advice) = ("Panasonic RW2 raw", develop)
        default: return nil
        }
    }

    /// The raw format of a file with TIFF's own magic; nil for a plain TIFF.
    ///
    /// DNGVersion (0xC612) marks a DNG (DNG 1.7, chapter 4). Other makers' first directory is a reduced image
    /// (NewSubfileType 1; TIFF 6.0, section 8), or one of a colour filter array (PhotometricInterpretation 32803; TIFF/EP,
    /// ISO 12234-2), which plain images are not.
    private static func raw(_ file: File) -> String? {
        let directory = file.firstDirectory()
        if directory[0xC612] != nil { return "DNG raw" }
        let isReduced = directory[0x00FE].map { file.number(at: $0) & 1 == 1 } ?? false
        let isFilterArray = directory[0x0106].map { file.number(at: $0) == 32_803 } ?? false
        guard isReduced || isFilterArray, let make = directory[0x010F] else { return nil }
        let makers = [
            ("NIKON", "Nikon NEF raw"), ("SONY", "Sony ARW raw"), ("PENTAX", "Pentax PEF raw"),
            ("RICOH", "Pentax PEF raw"),
        ]
        return makers.first { file.text(at: make).hasPrefix($0.0) }?.1
    }
}

/// Numbers of a TIFF structure, compared without ever reading past its end.
private struct File {
    let bytes: [UInt8]
    let little: Bool

    /// Where the entries of the first directory stand, by tag.
    func firstDirectory() -> [Int: Int] {
        let start = read32(4)
        guard start + 2 <= bytes.count else { return [:] }
        var entries: [Int: Int] = [:]
        for entry in 0..<read16(start) {
            let at = start + 2 + 12 * entry
            guard at + 2 <= bytes.count else { break }
            if entries[read16(at)] == nil { entries[read16(at)] = at }
        }
        return entries
    }

    /// The first value of an entry of SHORT or LONG.
    func number(at entry: Int) -> Int { read16(entry + 2) == 3 ? read16(entry + 8) : read32(entry + 8) }

    /// The beginning of an entry of ASCII, in capitals.
    func text(at entry: Int) -> String {
        let count = min(read32(entry + 4), 16)
        let start = count <= 4 ? entry + 8 : read32(entry + 8)
        guard start + count <= bytes.count else { return "" }
        return String(decoding: bytes[start..<start + count], as: UTF8.self).uppercased()
    }

    /// 0 beyond the end.
    func read16(_ offset: Int) -> Int {
        guard offset + 2 <= bytes.count else { return 0 }
        let first = Int(bytes[offset])
        let second = Int(bytes[offset + 1])
        return little ? second << 8 | first : first << 8 | second
    }

    private func read32(_ offset: Int) -> Int {
        let (first, second) = (read16(offset), read16(offset + 2))
        return little ? second << 16 | first : first << 16 | second
    }
}
