/// The metadata blocks of an image file, copied out of their container.
struct MetadataBlocks {
    /// A TIFF structure, without the `Exif\0\0` before it.
    private(set) var exif: [UInt8]?
    /// UTF-8 XML.
    private(set) var xmp: [UInt8]?
    /// The parts of the colour profile.
    var profile = ICCParts()
    /// What PNG chunks say about colour beside a profile, by the chunk's name.
    var pngColour: [String: String] = [:]
    private(set) var doubts: [String] = []

    /// Larger blocks are left alone: a PNG chunk may claim 2 GiB, and a small one may inflate to as much.
    static let maxBytes = 4 << 20
    /// Inflating costs a thousand times what sending does.
    private static let maxInflated = 8
    private var inflated = 0

    init(of image: Span<UInt8>) {
        if image.starts(with: [0xFF, 0xD8]) {
            walkJPEG(image)
        } else if image.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            walkPNG(image)
        }
    }

    /// Takes what is behind the length of an APP1 segment (EXIF 2.32 section 4.5.4, XMP Specification Part 3 section
    /// 1.1.3).
    mutating func takeAPP1(_ payload: [UInt8]) {
        let xmpHeader = Array("http://ns.adobe.com/xap/1.0/".utf8) + [0]
        let extensionHeader = Array("http://ns.adobe.com/xmp/extension/".utf8) + [0]
        // The sixth byte of the EXIF header is padding, and not every writer makes it zero.
        if payload.starts(with: Array("Exif".utf8) + [0]), payload.count > 6 {
            takeExif(Array(payload[6...]))
        } else if payload.starts(with: xmpHeader) {
            takeXMP(Array(payload[xmpHeader.count...]))
        } else if payload.starts(with: extensionHeader) {
            doubt("xmp: has a second, extended part, which was not read")
        }
    }

    mutating func takeExif(_ bytes: [UInt8]) {
        guard exif == nil else {
            if exif != bytes { doubt("exif: a second block is there, the first was used") }
            return
        }
        exif = bytes
    }

    mutating func takeXMP(_ bytes: [UInt8]) {
        guard xmp == nil else {
            if xmp != bytes { doubt("xmp: a second block is there, the first was used") }
            return
        }
        xmp = bytes
    }

    /// Inflates a block; nil when it is damaged or too large, or when there were too many before it.
    mutating func inflate(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        inflated += 1
        return inflated <= Self.maxInflated ? try? Inflate.zlib(bytes, atMost: Self.maxBytes) : nil
    }

    mutating func doubt(_ sentence: String) {
        if !doubts.contains(sentence) { doubts.append(sentence) }
    }
}

extension Span<UInt8> {
    func starts(with prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        for index in prefix.indices where self[index] != prefix[index] { return false }
        return true
    }

    /// The caller has checked that the range lies inside.
    func bytes(from start: Int, to end: Int) -> [UInt8] {
        var part: [UInt8] = []
        part.reserveCapacity(end - start)
        for index in start..<end { part.append(self[index]) }
        return part
    }
}
