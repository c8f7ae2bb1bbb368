import Foundation
import Imaging
import TestSupport
import Testing

@Suite("JPEG encoder")
struct JPEGEncoderTests {
    @Test("EXIF is the first segment, and no JFIF segment is written beside it")
    func markers() throws {
        let bytes = try JPEGEncoder.encode(
            pixels: [UInt8](repeating: 90, count: 16 * 8 * 3),
            width: 16,
            height: 8,
            channels: 3,
            quality: 90,
            markers: [(0xE1, [1, 2, 3]), (0xED, [])]
        )
        #expect(Array(bytes.prefix(13)) == [0xFF, 0xD8, 0xFF, 0xE1, 0, 5, 1, 2, 3, 0xFF, 0xED, 0, 2])
        #expect(Array(bytes.suffix(2)) == [0xFF, 0xD9])
    }

    @Test("a JFIF segment comes first where neither JFIF nor EXIF is given", arguments: [0xE0, 0xE1, 0xE2, 0xEF])
    func header(code: UInt8) throws {
        let bytes = try JPEGEncoder.encode(
            pixels: [UInt8](repeating: 90, count: 16 * 8),
            width: 16,
            height: 8,
            channels: 1,
            quality: 90,
            markers: [(code, Array("JUST A TEST".utf8))]
        )
        let isFirst = Array(bytes[6..<10]) == Array("JFIF".utf8)
        #expect(isFirst == (code > 0xE1))
    }

    @Test(
        "colours are stored as coarsely as asked",
        arguments: JPEGSubsampling.allCases,
        [(1, 1), (17, 31), (512, 512)]
    )
    func subsampling(subsampling: JPEGSubsampling, size: (width: Int, height: Int)) throws {
        let pixels = Samples.photograph(width: size.width, height: size.height, channels: 3)
        let file = try JPEGEncoder.encode(
            pixels: pixels,
            width: size.width,
            height: size.height,
            channels: 3,
            quality: 90,
            subsampling: subsampling
        )
        let factors = try Peers.run(
            "identify",
            ["-format", "%[jpeg:sampling-factor]", "@in"],
            input: file,
            named: "in.jpg"
        )
        let wanted = ["4:2:0": "2x2,1x1,1x1", "4:2:2": "2x1,1x1,1x1", "4:4:4": "1x1,1x1,1x1"]
        #expect(String(decoding: factors, as: UTF8.self) == wanted[subsampling.rawValue])
        let decoded = try PixelDecoder.decode(ImageFile(bytes: file))
        #expect(decoded.info.width == size.width && decoded.info.height == size.height)
    }

    @Test("the same file as cjpeg's", arguments: JPEGSubsampling.allCases, [50, 90, 100])
    func peer(subsampling: JPEGSubsampling, quality: Int) throws {
        let pixels = Samples.photograph(width: 133, height: 91, channels: 3)
        let ours = try JPEGEncoder.encode(
            pixels: pixels,
            width: 133,
            height: 91,
            channels: 3,
            quality: quality,
            subsampling: subsampling
        )
        let sample = ["4:2:0": "2x2", "4:2:2": "2x1", "4:4:4": "1x1"][subsampling.rawValue] ?? ""
        let theirs = try Peers.run(
            "cjpeg",
            ["-quality", "\(quality)", "-sample", sample, "-dct", "int", "@in"],
            input: Array("P6\n133 91\n255\n".utf8) + pixels,
            named: "in.ppm"
        )
        #expect(ours == theirs)
    }

    @Test("pixels of another size than told are refused", arguments: [0, 1, 383, 385])
    func wrongSize(count: Int) {
        #expect(throws: ImagingError.self) {
            try JPEGEncoder.encode(
                pixels: [UInt8](repeating: 0, count: count),
                width: 16,
                height: 8,
                channels: 3,
                quality: 90,
                markers: []
            )
        }
    }
}
