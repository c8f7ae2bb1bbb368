import Imaging
import Testing

@Suite("Odd PNGs")
struct CorpusOddPNGTests {
    @Test("every legal format, with random filters, gives ImageMagick's pixels", arguments: formats)
    func legal(file: OddFile) throws { try file.check(Self.convert) }

    @Test("with odd chunks give ImageMagick's pixels", arguments: oddChunks)
    func sound(file: OddFile) throws { try file.check(Self.convert) }

    @Test("that break the rules give a reason", arguments: headers + chunks + streams)
    func broken(file: OddFile) throws { try file.check { image, _ in image.pixels } }

    @Test("interlaced in all sizes up to 9 x 9 equal plain ones, and empty passes take nothing")
    func smallInterlaced() throws {
        for width in 1...9 {
            for height in 1...9 {
                let bytes = CorpusPNG(width: width, height: height, bitDepth: 8, colourType: 0, interlaced: true).bytes
                let image = try PixelDecoder.decode(ImageFile(bytes: bytes))
                let plain = try PNGEncoder.encode(pixels: image.pixels, width: width, height: height, channels: 1)
                #expect(try Samples.tiles(bytes).tiles.map(\.md5) == Samples.tiles(plain).tiles.map(\.md5))
            }
        }
    }

    /// The specification calls it an error; every decoder shows black.
    @Test("colours that the palette does not have are black")
    func shortPalette() throws {
        var short = CorpusPNG(width: 33, height: 21, bitDepth: 8, colourType: 3)
        var black = short
        short["PLTE"].removeLast(3 * 100)
        black["PLTE"].replaceSubrange((3 * 156)..., with: [UInt8](repeating: 0, count: 3 * 100))
        #expect(
            try PixelDecoder.decode(ImageFile(bytes: short.bytes)) == PixelDecoder.decode(ImageFile(bytes: black.bytes))
        )
    }

    /// ImageMagick gives red, green, blue and opacity of everything; grey has three equal ones.
    private static func convert(_ image: DecodedImage, _ bytes: [UInt8]) throws -> [UInt8] {
        let sample = image.info.bitDepth / 8
        let pixels = try Peers.run(
            "convert",
            ["-quiet", "png:@in", "-depth", "\(image.info.bitDepth)", "-endian", "MSB", "rgba:@out"],
            input: bytes
        )
        let kept = [1: [0], 2: [0, 3], 3: [0, 1, 2], 4: [0, 1, 2, 3]][image.info.channels, default: []]
        return stride(from: 0, to: pixels.count, by: 4 * sample).flatMap { at in
            kept.flatMap { pixels[(at + $0 * sample)..<(at + ($0 + 1) * sample)] }
        }
    }

    static func changed(
        bitDepth: Int = 8,
        colourType: Int = 2,
        _ change: @escaping @Sendable (inout CorpusPNG) -> Void
    ) -> @Sendable () throws -> [UInt8] {
        {
            var file = CorpusPNG(width: 19, height: 13, bitDepth: bitDepth, colourType: colourType)
            change(&file)
            return file.bytes
        }
    }
}
