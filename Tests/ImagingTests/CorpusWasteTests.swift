import Foundation
import Imaging
import TestSupport
import Testing

/// Small files that ask for much work or memory, and get a fraction of it.
@Suite("Files that are made to waste time")
struct CorpusWasteTests {
    /// The largest image whose coefficients fit the limit, 4 million blocks in 2 MB.
    @Test("400 empty scans over 16,384 x 15,872 pixels are refused within 5 seconds of work")
    func scans() throws {
        let file = ImageFile(bytes: Self.emptyScans(height: 15_872, count: 400))
        let before = Self.processorSeconds()
        let error = #expect(throws: ImagingError.self) { try PixelDecoder.decode(file, limits: ImageLimits()) }
        #expect(Self.processorSeconds() - before < 5)
        #expect(error?.code == .corrupt && error?.message.contains("scans") == true, "\(String(describing: error))")
    }

    @Test("as many scans as encoders write pass, however large the image")
    func enoughScans() throws {
        let file = ImageFile(bytes: Self.emptyScans(height: 15_872, count: 14))
        #expect(try PixelDecoder.decode(file, limits: ImageLimits()).info.height == 15_872)
    }

    @Test("a progressive JPEG that takes more than 512 MB is refused before it takes them")
    func bufferedBytes() throws {
        let error = #expect(throws: ImagingError.self) {
            try ImageProbe.probe(ImageFile(bytes: Self.emptyScans(height: 17_408, count: 1)))
        }
        #expect(error?.code == .tooManyPixels && error?.message.contains("536870912") == true)
    }

    @Test("20 MB of restart markers in a file of 64 x 64 pixels take no memory of their own")
    func restarts() async throws {
        let scratch = try Scratch("restarts")
        let path = scratch.file("restarts.jpg")
        try Data(Self.restarts(count: 10_000_000)).write(to: URL(filePath: path))
        await #expect(processExitsWith: .success) { [path = path as String] in
            let image = try ImageFile(path: path)
            let before = ProcessMemory()
            let error = #expect(throws: ImagingError.self) {
                try LosslessJPEG(image, columns: [(0, 64)], rows: [(0, 64)])
            }
            let after = ProcessMemory()
            #expect([.corrupt, .truncated].contains(error?.code))
            // The bits without their markers are none, but have room for all of the file.
            #expect(after.peakResident - before.peakResident < 24 << 20)
        }
    }

    /// Seconds that this thread has worked: others that run meanwhile do not count.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A sound head of 64 x 64 pixels with a restart at each MCU, then nothing but restart markers in their turn.
    private static func restarts(count: Int) throws -> [UInt8] {
        var jpeg = CorpusJPEG(try Samples.jpeg(width: 64, height: 64, channels: 1))
        jpeg.insert(0xDD, [0, 1], at: jpeg.segments.count - 1)
        jpeg[0xDA].pixels = []
        var bytes = Array(jpeg.bytes.dropLast(2))
        var markers = (0..<16).map { $0 % 2 == 0 ? 0xFF : 0xD0 | UInt8($0 / 2) }
        while markers.count < 2 * count { markers += markers }
        bytes += markers
        return bytes + [0xFF, 0xD9]
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
        let started = Self.processorSeconds()
        let metadata = ImageMetadata.read(bytes)
        #expect(Self.processorSeconds() - started < 5)
        #expect(metadata.make == nil && (1...100).contains(metadata.doubts.count))
    }

    private static let openings = ["<", "<!--", "<a b='", "<a:b>", "&amp;"]

    @Test("XML of nothing but beginnings takes less than 5 seconds", arguments: openings)
    func text(part: String) {
        var file = CorpusPNG(width: 1, height: 1, bitDepth: 8, colourType: 0)
        let text = String(repeating: part, count: 3_000_000 / part.utf8.count)
        file.insert("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + Array(text.utf8), before: "IDAT")
        let bytes = file.bytes
        let started = Self.processorSeconds()
        _ = ImageMetadata.read(bytes)
        #expect(Self.processorSeconds() - started < 5)
    }

    /// A grey progressive JPEG: one scan with a bit for each block, then scans in which a few bytes skip all blocks.
    ///
    /// It is 16,384 wide; a height that is a multiple of 512 makes whole codes of the blocks that are skipped.
    private static func emptyScans(height: Int, count: Int) -> [UInt8] {
        let blocks = 2_048 * height / 8
        let oneCode: [UInt8] = [1] + [UInt8](repeating: 0, count: 15)
        var bytes: [UInt8] = [0xFF, 0xD8]
        func add(_ code: UInt8, _ body: [UInt8]) {
            bytes += [0xFF, code, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 0xFF)] + body
        }
        add(0xDB, [0] + [UInt8](repeating: 1, count: 64))
        add(0xC2, [8, UInt8(height >> 8), UInt8(height & 0xFF), 64, 0, 1, 1, 0x11, 0])
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
