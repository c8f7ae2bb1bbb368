// Chunks: PNG Third Edition section 11.3; XMP in iTXt: XMP Specification Part 3 section 1.1.5.
extension MetadataBlocks {
    mutating func walkPNG(_ image: Span<UInt8>) {
        var position = 8
        while position + 12 <= image.count {
            let length = (0..<4).reduce(0) { $0 << 8 | Int(image[position + $1]) }
            guard length <= image.count - position - 12 else {
                doubt("png: a chunk is longer than the file, later chunks not read")
                return
            }
            let type = String(decoding: image.bytes(from: position + 4, to: position + 8), as: UTF8.self)
            switch type {
            case "IEND": return
            case "eXIf", "iTXt", "zTXt", "tEXt", "iCCP", "gAMA", "cHRM", "sRGB":
                if length > Self.maxBytes {
                    doubt("png: a metadata chunk is larger than 4 MiB, not read")
                } else {
                    take(type, image.bytes(from: position + 8, to: position + 8 + length))
                }
            default: break
            }
            position += 12 + length
        }
    }

    private mutating func take(_ type: String, _ payload: [UInt8]) {
        switch type {
        case "eXIf": takeBareExif(payload)
        case "iTXt": takeInternationalText(payload)
        case "zTXt": takeText(payload, isCompressed: true)
        case "tEXt": takeText(payload, isCompressed: false)
        case "iCCP": takeProfile(payload)
        default: takeColour(type, payload)
        }
    }

    /// A TIFF structure; some writers put the header of the JPEG segment before it.
    private mutating func takeBareExif(_ bytes: [UInt8]) {
        let header = Array("Exif".utf8) + [0]
        takeExif(bytes.starts(with: header) && bytes.count > 6 ? Array(bytes[6...]) : bytes)
    }

    /// Keyword, NUL, compressed flag, method, language, NUL, translated keyword, NUL, text.
    private mutating func takeInternationalText(_ payload: [UInt8]) {
        let keyword = Array("XML:com.adobe.xmp".utf8) + [0]
        guard payload.starts(with: keyword), payload.count >= keyword.count + 2 else { return }
        let rest = payload[(keyword.count + 2)...]
        guard let language = rest.firstIndex(of: 0),
            let translated = rest[(language + 1)...].firstIndex(of: 0)
        else {
            doubt("xmp: the block is cut short, not read")
            return
        }
        let text = rest[(translated + 1)...]
        if payload[keyword.count] == 0 {
            takeXMP(Array(text))
        } else if let inflated = inflate(text) {
            takeXMP(inflated)
        } else {
            doubt("xmp: the block cannot be inflated, not read")
        }
    }

    /// Keyword, NUL, then the text; compressed text has its method, 0, before it.
    private mutating func takeText(_ payload: [UInt8], isCompressed: Bool) {
        guard let end = payload.firstIndex(of: 0) else { return }
        let keyword = String(decoding: payload[..<end].prefix(80), as: UTF8.self)
        guard ["Raw profile type exif", "Raw profile type APP1", "Raw profile type xmp"].contains(keyword) else {
            return
        }
        var text = payload[(end + 1)...]
        if isCompressed {
            guard let inflated = inflate(text.dropFirst()) else {
                doubt("\(keyword): the block cannot be inflated, not read")
                return
            }
            text = inflated[...]
        }
        guard let bytes = Self.hexadecimal(text) else {
            doubt("\(keyword): is not written in hexadecimal, not read")
            return
        }
        if keyword.hasSuffix("xmp") {
            takeXMP(bytes)
        } else if keyword.hasSuffix("APP1") {
            takeAPP1(bytes)
        } else {
            takeBareExif(bytes)
        }
    }

    /// The bytes of a profile as ImageMagick writes it: a name and a length on lines of their own, then digits.
    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let lines = text.split(separator: UInt8(ascii: "\n"))
        guard lines.count >= 3 else { return nil }
        var digits: [UInt8] = []
        for byte in lines[2...].joined() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digits.append(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digits.append(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Name, NUL, compression method 0, zlib stream.
    private mutating func takeProfile(_ payload: [UInt8]) {
        guard let end = payload.firstIndex(of: 0), payload.count > end + 2, payload[end + 1] == 0,
            let bytes = inflate(payload[(end + 2)...])
        else {
            profile.doubts.append("icc: the profile cannot be inflated, not used")
            return
        }
        profile.add(bytes[...], number: 1, of: 1)
    }

    /// Whole numbers of four bytes (gamma and chromaticities times 100,000) or one (the rendering intent).
    private mutating func takeColour(_ type: String, _ payload: [UInt8]) {
        let size = type == "sRGB" ? 1 : 4
        let count = type == "cHRM" ? 8 : 1
        guard payload.count == size * count else {
            doubt("png: chunk \(type) has another length than its kind, not read")
            return
        }
        let numbers = (0..<count).map { index in
            payload[(index * size)..<((index + 1) * size)].reduce(0) { $0 << 8 | Int($1) }
        }
        if pngColour[type] == nil { pngColour[type] = numbers.map(String.init).joined(separator: " ") }
    }
}
