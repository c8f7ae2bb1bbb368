// APP1 and APP2 segments before the first scan: EXIF 2.32 section 4.5.4, ICC.1:2022 annex B.4.
extension MetadataBlocks {
    mutating func walkJPEG(_ image: Span<UInt8>) {
        var position = 2
        while position + 4 <= image.count {
            guard image[position] == 0xFF else {
                doubt("jpeg: no marker where one was expected, later segments not read")
                return
            }
            let code = image[position + 1]
            switch code {
            case 0xFF:
                position += 1
                continue
            case 0x01, 0xD0...0xD8:
                position += 2
                continue
            case 0xD9, 0xDA:
                return
            default: break
            }
            let length = Int(image[position + 2]) << 8 | Int(image[position + 3])
            guard length >= 2, position + 2 + length <= image.count else {
                doubt("jpeg: a segment is longer than the file, later segments not read")
                return
            }
            if code == 0xE1 { takeAPP1(image.bytes(from: position + 4, to: position + 2 + length)) }
            if code == 0xE2 { takeAPP2(image.bytes(from: position + 4, to: position + 2 + length)) }
            position += 2 + length
        }
    }

    /// Name, NUL, number of this part from 1, number of parts, bytes.
    private mutating func takeAPP2(_ payload: [UInt8]) {
        let header = Array("ICC_PROFILE".utf8) + [0]
        guard payload.starts(with: header) else { return }
        guard payload.count >= header.count + 2 else {
            profile.doubts.append("icc: a part is cut short, the profile was not used")
            return
        }
        profile.add(
            payload[(header.count + 2)...],
            number: Int(payload[header.count]),
            of: Int(payload[header.count + 1])
        )
    }
}
