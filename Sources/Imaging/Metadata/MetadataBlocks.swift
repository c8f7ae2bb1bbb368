/// The EXIF and XMP blocks of an image file, copied out of their container.
///
/// JPEG: APP1 segments before the first scan (EXIF 2.32 section 4.5.4, XMP Specification Part 3 section 1.1.3).
/// PNG: the `eXIf` chunk and an `iTXt` chunk with the keyword `XML:com.adobe.xmp` (PNG Third Edition 11.3, XMP
/// Specification Part 3 section 1.1.5).
struct MetadataBlocks {
    /// A TIFF structure, without the `Exif\0\0` before it.
    private(set) var exif: [UInt8]?
    /// UTF-8 XML.
    private(set) var xmp: [UInt8]?
    private(set) var doubts: [String] = []

    /// A PNG chunk may claim 2 GiB; metadata larger than this is left alone.
    private static let maxPNGBlock = 4 << 20

    init(of image: Span<UInt8>) {
        if image.starts(with: [0xFF, 0xD8]) {
            walkJPEG(image)
        } else if image.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            walkPNG(image)
        }
    }

    private mutating func walkJPEG(_ image: Span<UInt8>) {
        var position = 2
        while position + 4 <= image.count {
            guard image[position] == 0xFF else {
                doubts.append("jpeg: no marker where one was expected, later segments not read")
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
                doubts.append("jpeg: a segment is longer than the file, later segments not read")
                return
            }
            if code == 0xE1 { takeAPP1(image.bytes(from: position + 4, to: position + 2 + length)) }
            position += 2 + length
        }
    }

    private mutating func takeAPP1(_ payload: [UInt8]) {
        let exifHeader: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0]
        let xmpHeader = Array("http://ns.adobe.com/xap/1.0/".utf8) + [0]
        // The sixth byte of the EXIF header is padding, and not every writer makes it zero.
        if payload.starts(with: exifHeader), payload.count > 6 {
            takeExif(Array(payload[6...]))
        } else if payload.starts(with: xmpHeader) {
            takeXMP(Array(payload[xmpHeader.count...]))
        }
    }

    private mutating func takeExif(_ bytes: [UInt8]) {
        guard exif == nil else {
            if exif != bytes { doubts.append("exif: a second block is there, the first was used") }
            return
        }
        exif = bytes
    }

    private mutating func takeXMP(_ bytes: [UInt8]) {
        guard xmp == nil else {
            if xmp != bytes { doubts.append("xmp: a second block is there, the first was used") }
            return
        }
        xmp = bytes
    }

    private mutating func walkPNG(_ image: Span<UInt8>) {
        var position = 8
        while position + 12 <= image.count {
            let length = (0..<4).reduce(0) { $0 << 8 | Int(image[position + $1]) }
            guard length <= image.count - position - 12 else {
                doubts.append("png: a chunk is longer than the file, later chunks not read")
                return
            }
            let type = image.bytes(from: position + 4, to: position + 8)
            let isExif = type == Array("eXIf".utf8)
            if isExif || type == Array("iTXt".utf8) {
                if length > Self.maxPNGBlock {
                    doubts.append("png: a metadata chunk is larger than 4 MiB, not read")
                } else {
                    let payload = image.bytes(from: position + 8, to: position + 8 + length)
                    if isExif { takeExif(payload) } else { takeInternationalText(payload) }
                }
            }
            if type == Array("IEND".utf8) { return }
            position += 12 + length
        }
    }

    /// Keyword, NUL, compressed flag, method, language, NUL, translated keyword, NUL, text.
    private mutating func takeInternationalText(_ payload: [UInt8]) {
        let keyword = Array("XML:com.adobe.xmp".utf8) + [0]
        guard payload.starts(with: keyword), payload.count >= keyword.count + 2 else { return }
        guard payload[keyword.count] == 0 else {
            doubts.append("xmp: the block is compressed, not read")
            return
        }
        let rest = payload[(keyword.count + 2)...]
        guard let language = rest.firstIndex(of: 0),
            let translated = rest[(language + 1)...].firstIndex(of: 0)
        else {
            doubts.append("xmp: the block is cut short, not read")
            return
        }
        takeXMP(Array(rest[(translated + 1)...]))
    }
}

extension Span<UInt8> {
    fileprivate func starts(with prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        for index in prefix.indices where self[index] != prefix[index] { return false }
        return true
    }

    /// The caller has checked that the range lies inside.
    fileprivate func bytes(from start: Int, to end: Int) -> [UInt8] {
        var part: [UInt8] = []
        part.reserveCapacity(end - start)
        for index in start..<end { part.append(self[index]) }
        return part
    }
}
