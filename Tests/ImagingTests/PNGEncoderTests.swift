import Imaging
import TestSupport
import Testing

@Suite("PNG encoder")
struct PNGEncoderTests {
    static let sizes = [(1, 1), (1, 37), (37, 1), (2, 2), (3, 5), (64, 64), (255, 3), (300, 301)]

    @Test(
        "libpng reads back every pixel of noise",
        arguments: sizes,
        [(1, 8), (2, 8), (3, 8), (4, 8), (1, 16), (2, 16), (3, 16), (4, 16)]
    )
    func roundTrip(size: (width: Int, height: Int), kind: (channels: Int, bitDepth: Int)) throws {
        let source = try Samples.noise(
            width: size.width,
            height: size.height,
            channels: kind.channels,
            bitDepth: kind.bitDepth
        )
        let decoded = try PixelDecoder.decode(ImageFile(bytes: source.file))
        #expect(decoded.pixels == source.pixels)
        #expect(decoded.info.channels == kind.channels)
        #expect(decoded.info.bitDepth == kind.bitDepth)
        #expect(decoded.trailingBytes == 0)
    }

    /// Flat areas take the run path, slopes the literal path, noise stored blocks.
    @Test("flat, sloping, striped and skewed pixels come back", arguments: 0..<7)
    func kinds(kind: Int) throws {
        let width = 400
        let height = 400
        var noise = SeededGenerator(seed: 9)
        let pixels: [UInt8] =
            switch kind {
            case 0: [UInt8](repeating: 0, count: width * height * 3)
            case 1: [UInt8](repeating: 200, count: width * height * 3)
            case 2: Samples.photograph(width: width, height: height, channels: 3)
            case 3:
                (0..<width * height * 3).map {
                    $0 / 1200 % 50 == 0 ? UInt8.random(in: 0...255, using: &noise) : 7
                }
            case 4: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 / 3 % width) }
            // Zeros of every length around those of a group (32), a match (258) and two of them.
            case 5: runs(count: width * height * 3)
            default: (0..<width * height * 3).map { _ in UInt8.random(in: 0...1, using: &noise) }
            }
        let file = try PNGEncoder.encode(pixels: pixels, width: width, height: height, channels: 3)
        #expect(try PixelDecoder.decode(ImageFile(bytes: file)).pixels == pixels)
        try Peers.run("pngcheck", ["-q", "@in"], input: file, named: "in.png")
        if kind < 2 { #expect(file.count < 4_000, "\(file.count) bytes for a flat tile") }
    }

    /// Zeros of every length around those of a group (32), of a match (258) and of two.
    private func runs(count: Int) -> [UInt8] {
        var pixels: [UInt8] = []
        var length = 0
        while pixels.count < count {
            pixels += [UInt8](repeating: 0, count: length % 600)
            pixels.append(UInt8(length % 250 + 1))
            length += 1
        }
        return Array(pixels[..<count])
    }

    @Test("another decoder reads the same pixels")
    func peer() throws {
        let source = try Samples.noise(width: 61, height: 43, channels: 4, bitDepth: 16)
        let pixels = try Peers.run(
            "convert",
            ["@in", "-depth", "16", "-endian", "MSB", "rgba:@out"],
            input: source.file
        )
        #expect(pixels == source.pixels)
    }

    @Test("noise grows by less than a thousandth")
    func stored() throws {
        let source = try Samples.noise(width: 512, height: 512, channels: 3)
        #expect(source.file.count < 512 * 512 * 3 * 1001 / 1000 + 700)
    }

    @Test("pixels of another size than told are refused", arguments: [0, 11, 13])
    func wrongSize(count: Int) {
        #expect(throws: ImagingError.Code.encodeFailed) {
            try codes { () throws(ImagingError) in
                try PNGEncoder.encode(
                    pixels: [UInt8](repeating: 0, count: count),
                    width: 2,
                    height: 2,
                    channels: 3
                )
            }
        }
    }

    @Test("the deepest Huffman tree is cut to what DEFLATE allows")
    func deepTree() throws {
        // Counts like Fibonacci's numbers make a tree as deep as it has leaves: 24 here, where DEFLATE ends at 15. One
        // row of grey is filtered to its differences, so its running sums put those counts before the compressor.
        var differences: [UInt8] = []
        var (one, two) = (1, 1)
        for symbol in UInt8(1)...25 {
            differences += [UInt8](repeating: symbol, count: one)
            (one, two) = (two, one + two)
        }
        var noise = SeededGenerator(seed: 4)
        differences.shuffle(using: &noise)
        var sum: UInt8 = 0
        let pixels = differences.map { difference in
            sum &+= difference
            return sum
        }
        let file = try PNGEncoder.encode(pixels: pixels, width: pixels.count, height: 1, channels: 1)
        #expect(try PixelDecoder.decode(ImageFile(bytes: file)).pixels == pixels)
        try Peers.run("pngcheck", ["-q", "@in"], input: file, named: "in.png")
    }
}
