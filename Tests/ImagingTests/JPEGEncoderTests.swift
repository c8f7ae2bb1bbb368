import Imaging
import Testing

@Suite("JPEG encoder")
struct JPEGEncoderTests {
    @Test("metadata segments follow SOI at once, and no JFIF segment does")
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
