/// The size that a header claims, read by hand so that no library sees a file before the limits do.
struct HeaderScan: Equatable {
    let width: Int
    let height: Int

    /// Finds the frame header of a JPEG file (T.81, B.2.2) and refuses the frames that are not decoded by their names.
    static func jpeg(_ bytes: [UInt8]) throws(ImagingError) -> HeaderScan {
        var at = 2
        while true {
            // Any number of fill bytes may stand before a marker (B.1.1.2).
            while at < bytes.count, bytes[at] == 0xFF, at + 1 < bytes.count, bytes[at + 1] == 0xFF { at += 1 }
            guard at + 4 <= bytes.count else { throw cutOff(at: bytes.count) }
            guard bytes[at] == 0xFF else {
                throw ImagingError(
                    .corrupt,
                    "no marker where one must stand before the frame header",
                    byteOffset: at
                )
            }
            let marker = bytes[at + 1]
            switch marker {
            case 0x01, 0xD0...0xD7:
                at += 2
                continue
            case 0xDA, 0xD9, 0xD8:
                throw ImagingError(.corrupt, "the JPEG has no frame header before its pixels", byteOffset: at)
            default: break
            }
            let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
            guard length >= 2 else {
                throw ImagingError(
                    .corrupt,
                    "a JPEG segment is shorter than its own length field",
                    byteOffset: at
                )
            }
            if (0xC0...0xCF).contains(marker) || marker == 0xF7, marker != 0xC4, marker != 0xC8,
                marker != 0xCC
            {
                return try frame(bytes, marker: marker, at: at, length: length)
            }
            at += 2 + length
        }
    }

    private static func frame(
        _ bytes: [UInt8],
        marker: UInt8,
        at: Int,
        length: Int
    ) throws(ImagingError) -> HeaderScan {
        let name: String? =
            switch marker {
            case 0xC0, 0xC1, 0xC2: nil
            case 0xC3: "lossless JPEG"
            case 0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF: "hierarchical JPEG"
            case 0xF7: "JPEG-LS"
            default: "arithmetic-coded JPEG"
            }
        if let name {
            throw ImagingError(
                .unsupportedFormat,
                "\(name) is not cut; convert it to baseline JPEG or PNG",
                byteOffset: at
            )
        }
        guard length >= 8, at + 10 <= bytes.count else { throw cutOff(at: bytes.count) }
        let precision = bytes[at + 4]
        guard precision == 8 else {
            throw ImagingError(
                .unsupportedFormat,
                "\(precision)-bit JPEG is not cut; convert it to 8-bit JPEG or 16-bit PNG",
                byteOffset: at + 4
            )
        }
        let components = bytes[at + 9]
        guard [1, 3, 4].contains(components) else {
            throw ImagingError(
                .unsupportedFormat,
                "JPEG with \(components) components is not cut; convert it to grey or RGB",
                byteOffset: at + 9
            )
        }
        let height = Int(bytes[at + 5]) << 8 | Int(bytes[at + 6])
        let width = Int(bytes[at + 7]) << 8 | Int(bytes[at + 8])
        if height == 0 && width > 0 {
            throw ImagingError(
                .unsupportedFormat,
                "a JPEG that tells its height only after the first scan (DNL) is not cut; save it anew",
                byteOffset: at + 5
            )
        }
        return HeaderScan(width: width, height: height)
    }

    /// Reads IHDR, which the PNG specification wants to be the first chunk (5.6).
    static func png(_ bytes: [UInt8]) throws(ImagingError) -> HeaderScan {
        guard bytes.count >= 33 else { throw cutOff(at: bytes.count) }
        if bytes[12..<16].elementsEqual("CgBI".utf8) {
            throw ImagingError(
                .unsupportedFormat,
                "a PNG of Apple's CgBI variant is not cut; undo it with Xcode's pngcrush",
                byteOffset: 12
            )
        }
        guard bytes[8..<16].elementsEqual([0, 0, 0, 13] + Array("IHDR".utf8)) else {
            throw ImagingError(.corrupt, "the first PNG chunk is not IHDR", byteOffset: 8)
        }
        func word(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        return HeaderScan(width: word(16), height: word(20))
    }

    private static func cutOff(at offset: Int) -> ImagingError {
        ImagingError(.truncated, "the file ends inside its header; fetch it again", byteOffset: offset)
    }
}
