import Imaging
import Testing

/// Small files that ask for much work or memory, and get a fraction of it.
@Suite("Files that are made to waste time")
struct CorpusWasteTests {
    @Test("400 empty scans over 16,384 x 16,384 pixels are refused")
    func scans() throws {
        let error = #expect(throws: ImagingError.self) {
            try PixelDecoder.decode(ImageFile(bytes: Self.emptyScans(side: 16_384, count: 400)), limits: ImageLimits())
        }
        #expect(error?.code == .corrupt && error?.message.contains("scans") == true, "\(String(describing: error))")
    }

    @Test("64 MB of zeros behind a header of one pixel are refused")
    func zeros() throws {
        let side = 8_192
        let zeros = try PNGEncoder.encode(
            pixels: [UInt8](repeating: 0, count: side * side),
            width: side,
            height: side,
            channels: 1
        )
        var file = CorpusPNG(width: 1, height: 1, bitDepth: 8, colourType: 0)
        // The one IDAT chunk lies between IHDR, its own 12 bytes, and IEND.
        file["IDAT"] = Array(zeros[41..<zeros.count - 16])
        #expect(Samples.verdict(file.bytes)?.code == .corrupt)
    }

    @Test("65,535 EXIF entries that all differ or all are the same take less than 5 seconds", arguments: [true, false])
    func entries(differ: Bool) {
        let count = 65_535
        let start = 8 + 2 + 12 * count
        // Three million equal bytes each, wherever they begin, are a long comparison.
        let length = differ ? 1 : 3_000_000
        var tiff: [UInt8] = [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0xFF, 0xFF]
        for index in 0..<count {
            let (tag, type) = differ ? (index, 0) : (0x010F, 7)
            tiff += CorpusPNG.word(tag << 16 | type) + CorpusPNG.word(length) + CorpusPNG.word(start + index)
        }
        tiff += [UInt8](repeating: 0, count: differ ? 16 : 3_200_000)
        var file = CorpusPNG(width: 1, height: 1, bitDepth: 8, colourType: 0)
        file.insert("eXIf", tiff, before: "IDAT")
        let bytes = file.bytes
        let started = ContinuousClock.now
        let metadata = ImageMetadata.read(bytes)
        #expect(ContinuousClock.now - started < .seconds(5))
        #expect(metadata.make == nil && (1...100).contains(metadata.doubts.count))
    }

    private static let openings = ["<", "<!--", "<a b='", "<a:b>", "&amp;"]

    @Test("XML of nothing but beginnings takes less than 5 seconds", arguments: openings)
    func text(part: String) {
        var file = CorpusPNG(width: 1, height: 1, bitDepth: 8, colourType: 0)
        let text = String(repeating: part, count: 3_000_000 / part.utf8.count)
        file.insert("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + Array(text.utf8), before: "IDAT")
        let bytes = file.bytes
        let started = ContinuousClock.now
        _ = ImageMetadata.read(bytes)
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    /// A grey progressive JPEG: one scan with a bit for each block, then scans in which a few bytes skip all blocks.
    private static func emptyScans(side: Int, count: Int) -> [UInt8] {
        let size = [UInt8(side >> 8), UInt8(side & 0xFF)]
        let blocks = side / 8 * (side / 8)
        let oneCode: [UInt8] = [1] + [UInt8](repeating: 0, count: 15)
        var bytes: [UInt8] = [0xFF, 0xD8]
        func add(_ code: UInt8, _ body: [UInt8]) {
            bytes += [0xFF, code, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 0xFF)] + body
        }
        add(0xDB, [0] + [UInt8](repeating: 1, count: 64))
        add(0xC2, [8] + size + size + [1, 1, 0x11, 0])
        add(0xC4, [0] + oneCode + [0])
        // The one AC symbol ends 16,384 blocks and more: 14 bits say how many more.
        add(0xC4, [0x10] + oneCode + [0xE0])
        add(0xDA, [1, 1, 0, 0, 0, 0])
        bytes += [UInt8](repeating: 0, count: blocks / 8)
        for _ in 0..<count {
            add(0xDA, [1, 1, 0, 1, 63, 0])
            bytes += [UInt8](repeating: 0, count: blocks / 16_384 * 15 / 8)
        }
        return bytes + [0xFF, 0xD9]
    }
}
