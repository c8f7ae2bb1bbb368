/// The bytes of a TIFF structure and their byte order.
struct TIFFBlock {
    let bytes: [UInt8]
    let isBigEndian: Bool
    /// Where the first directory is, not yet checked.
    let firstDirectory: Int

    /// Nil when the eight bytes of the header are not a TIFF header.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 8 else { return nil }
        switch (bytes[0], bytes[1]) {
        case (0x49, 0x49): isBigEndian = false
        case (0x4D, 0x4D): isBigEndian = true
        default: return nil
        }
        self.bytes = bytes
        firstDirectory = Self.unsigned32(bytes, at: 4, isBigEndian)
        guard unsigned16(at: 2) == 42 else { return nil }
    }

    func unsigned16(at offset: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - 2 else { return nil }
        let first = Int(bytes[offset])
        let second = Int(bytes[offset + 1])
        return isBigEndian ? first << 8 | second : second << 8 | first
    }

    func unsigned32(at offset: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - 4 else { return nil }
        return Self.unsigned32(bytes, at: offset, isBigEndian)
    }

    private static func unsigned32(_ bytes: [UInt8], at offset: Int, _ isBigEndian: Bool) -> Int {
        (0..<4).reduce(0) { $0 << 8 | Int(bytes[offset + (isBigEndian ? $1 : 3 - $1)]) }
    }
}
