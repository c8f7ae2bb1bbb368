import Foundation
import Imaging
import TestSupport
import Testing

@Suite("PNG at three efforts")
struct PNGCompressionTests {
    @Test(
        "every decoder reads the same pixels",
        arguments: PNGCompression.allCases,
        [(1, 8), (2, 8), (3, 8), (4, 8), (1, 16), (2, 16), (3, 16), (4, 16)]
    )
    func decoders(compression: PNGCompression, kind: (channels: Int, bitDepth: Int)) async throws {
        let scratch = try Scratch("png")
        for drawing in PNGDrawing.allCases {
            for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 3), (5, 70), (121, 97), (700, 500)] {
                let pixels = drawing.pixels(
                    width: width,
                    height: height,
                    channels: kind.channels,
                    bitDepth: kind.bitDepth
                )
                let file = try PNGEncoder.encode(
                    pixels: pixels,
                    width: width,
                    height: height,
                    channels: kind.channels,
                    bitDepth: kind.bitDepth,
                    compression: compression
                )
                #expect(
                    try PixelDecoder.decode(ImageFile(bytes: file)).pixels == pixels,
                    "\(drawing) \(width) x \(height)"
                )
                let name = "\(drawing)-\(width)-\(height)"
                try Data(file).write(to: URL(filePath: scratch.file("\(name).png")))
                try Data(pixels).write(to: URL(filePath: scratch.file("\(name).raw")))
            }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path).filter { $0.hasSuffix(".png") }
        try await Tool("pngcheck", install: "apt-get install pngcheck").check(["-q"] + files.map(scratch.file))
        let outcome = try await Tool(Checkout.peer("python")).check([
            "-c", Self.compare, scratch.path, "\(kind.channels)", "\(kind.bitDepth)",
        ])
        #expect(outcome.text == "\(files.count) files\n")
    }

    /// Decodes with OpenCV and with Pillow (which has no 16-bit colours) and compares with the raw pixels.
    private static let compare = """
        import glob, sys
        import cv2, numpy as np
        from PIL import Image
        folder, channels, depth = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        names = sorted(glob.glob(folder + "/*.png"))
        for name in names:
            width, height = map(int, name[:-4].split("-")[-2:])
            raw = np.fromfile(name[:-3] + "raw", np.uint8 if depth == 8 else ">u2")
            raw = raw.reshape(height, width, channels).astype(np.uint8 if depth == 8 else np.uint16)
            seen = cv2.imread(name, cv2.IMREAD_UNCHANGED).reshape(height, width, -1)
            order = {1: [0], 2: [0, 0, 0, 1], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
            assert np.array_equal(seen, raw[:, :, order]), "OpenCV: " + name
            if depth == 8 or channels == 1:
                seen = np.asarray(Image.open(name)).reshape(height, width, -1)
                assert np.array_equal(seen, raw), "Pillow: " + name
        print(len(names), "files")
        """

    /// One row, which all others equal: black, bright, or sloping.
    static let rows: [[UInt8]] = [
        [UInt8](repeating: 0, count: 1536), [UInt8](repeating: 200, count: 1536),
        (0..<1536).map { UInt8($0 / 3 % 251) },
    ]

    @Test("flat and repeated rows take next to nothing", arguments: PNGCompression.allCases, rows)
    func flat(compression: PNGCompression, row: [UInt8]) throws {
        let pixels = [[UInt8]](repeating: row, count: 512).flatMap { $0 }
        let file = try PNGEncoder.encode(
            pixels: pixels,
            width: 512,
            height: 512,
            channels: 3,
            compression: compression
        )
        #expect(file.count < 4_000)
        #expect(try PixelDecoder.decode(ImageFile(bytes: file)).pixels == pixels)
    }

    @Test("more effort never gives a larger file", arguments: PNGDrawing.allCases, [1, 3, 4])
    func order(drawing: PNGDrawing, channels: Int) throws {
        let pixels = drawing.pixels(width: 512, height: 512, channels: channels)
        let sizes = try PNGCompression.allCases.map { compression in
            try PNGEncoder.encode(
                pixels: pixels,
                width: 512,
                height: 512,
                channels: channels,
                compression: compression
            ).count
        }
        // A choice by trial may be wrong by a hair, or by a kilobyte where there is next to nothing to store.
        #expect(Double(sizes[1]) <= Double(sizes[0]) * 1.02 + 2_000, "\(sizes)")
        #expect(sizes[2] <= sizes[1], "\(sizes)")
    }

    @Test("noise grows by less than a thousandth", arguments: PNGCompression.allCases)
    func stored(compression: PNGCompression) throws {
        let pixels = PNGDrawing.noise.pixels(width: 512, height: 512, channels: 3)
        let file = try PNGEncoder.encode(
            pixels: pixels,
            width: 512,
            height: 512,
            channels: 3,
            compression: compression
        )
        #expect(file.count < 512 * 512 * 3 * 1001 / 1000 + 700)
    }

    /// Matches reach across blocks, and places are kept in 16 bits: so rows of more than 65,536 bytes, and alike ones
    /// exactly that far apart.
    @Test(
        "matches far away come back",
        arguments: [1, 2, 3, 4],
        [32_766, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 80_000]
    )
    func far(channels: Int, rowBytes: Int) throws {
        // With its filter byte, a row is this long; its pixels repeat from row to row, and a few differ.
        let width = (rowBytes - 1) / channels
        var noise = SeededGenerator(seed: 5)
        let row = (0..<width * channels).map { _ in UInt8.random(in: 0...15, using: &noise) }
        var pixels: [UInt8] = []
        for y in 0..<12 {
            pixels += row.map { y % 3 == 2 ? $0 &* UInt8(y) : $0 }
            pixels[pixels.count - 1 - y] &+= 1
        }
        let file = try PNGEncoder.encode(
            pixels: pixels,
            width: width,
            height: 12,
            channels: channels,
            compression: .balanced
        )
        #expect(try PixelDecoder.decode(ImageFile(bytes: file)).pixels == pixels)
    }

    /// Equal rows become matches of up to 258 bytes, and what is left over may be as short as 3 bytes: less than a pixel.
    @Test("equal rows come back, however long they are", arguments: PNGCompression.allCases, [1, 2, 3, 4])
    func repeatedRows(compression: PNGCompression, channels: Int) throws {
        for (bitDepth, width, height) in [8, 16].flatMap({ depth in
            (1...24).flatMap { width in (2...40).map { (depth, width, $0) } }
        }) {
            let row = (0..<width * channels * bitDepth / 8).map { UInt8(truncatingIfNeeded: 51 &* $0 &+ $0 / 5) }
            let pixels = [[UInt8]](repeating: row, count: height).flatMap { $0 }
            let file = try PNGEncoder.encode(
                pixels: pixels,
                width: width,
                height: height,
                channels: channels,
                bitDepth: bitDepth,
                compression: compression
            )
            #expect(
                try PixelDecoder.decode(ImageFile(bytes: file)).pixels == pixels,
                "\(width) x \(height) at \(bitDepth) bits"
            )
        }
    }

    @Test("drone originals: smaller than OpenCV's default", arguments: PNGCompression.allCases)
    func originals(compression: PNGCompression) async throws {
        guard let originals = Checkout.originals else { return }
        for name in ["brighton_DJI_0018", "brighton_DJI_0024", "leica_T_rot270"] {
            let outcome = try await Tool(Checkout.peer("python")).check([
                "-c", Self.cutTiles, "\(originals)/\(name).JPG",
            ])
            let line = outcome.output.prefix { $0 != UInt8(ascii: "\n") }
            let theirs = try #require(Int(String(decoding: line, as: UTF8.self)))
            let tiles = outcome.output[(line.endIndex + 1)...]
            var ours = 0
            for start in stride(from: tiles.startIndex, to: tiles.endIndex, by: 512 * 512 * 3) {
                let file = try PNGEncoder.encode(
                    pixels: Array(tiles[start..<start + 512 * 512 * 3]),
                    width: 512,
                    height: 512,
                    channels: 3,
                    compression: compression
                )
                ours += file.count
            }
            let most = compression == .fast ? 1.0 : 0.92
            #expect(Double(ours) <= Double(theirs) * most, "\(name): \(ours) of \(theirs)")
        }
    }

    /// Prints how large OpenCV's files of four tiles are, then the tiles' RGB bytes.
    private static let cutTiles = """
        import sys
        import cv2
        image = cv2.imread(sys.argv[1])
        tiles = [image[y:y + 512, x:x + 512].copy() for y in (300, 1500) for x in (200, 1500)]
        sys.stdout.buffer.write(b"%d\\n" % sum(len(cv2.imencode(".png", tile)[1]) for tile in tiles))
        for tile in tiles:
            sys.stdout.buffer.write(tile[:, :, ::-1].tobytes())
        """
}
