import Imaging
import TestSupport
import Testing

/// JPEG files of every kind that is cut without loss, and what other programs cut from them.
enum LosslessSample {
    /// How a file is made: by cjpeg, and then by jpegtran where it says so.
    struct Recipe: Sendable, CustomTestStringConvertible {
        var name: String
        var encode: [String] = []
        var transcode: [String] = []
        var channels = 3
        var width = 150
        var height = 110

        var testDescription: String { "\(name) \(width)x\(height)" }

        func make() throws -> [UInt8] {
            let pixels = Samples.photograph(width: width, height: height, channels: channels)
            return try LosslessSample.encode(
                pixels,
                width: width,
                height: height,
                channels: channels,
                encode: encode,
                transcode: transcode
            )
        }
    }

    static func encode(
        _ pixels: [UInt8],
        width: Int,
        height: Int,
        channels: Int,
        encode: [String],
        transcode: [String] = []
    ) throws -> [UInt8] {
        let head = "P\(channels == 1 ? 5 : 6) \(width) \(height) 255\n"
        let file = try Peers.run(
            "cjpeg",
            encode + ["-outfile", "@out", "@in"],
            input: Array(head.utf8) + pixels
        )
        guard !transcode.isEmpty else { return file }
        return try Peers.run("jpegtran", transcode + ["-outfile", "@out", "@in"], input: file)
    }

    private static let samplings = ["1x1", "2x1", "2x2", "1x2", "4x1", "4x2"]

    /// Files of one scan of Huffman codes, whose bits are spliced.
    static let spliced: [Recipe] =
        samplings.map { Recipe(name: $0, encode: ["-sample", $0]) }
        + samplings.map { Recipe(name: "\($0) optimised", encode: ["-sample", $0, "-optimize", "-quality", "95"]) }
        + ["1B", "2B", "7B", "10B", "13B", "1", "2"].flatMap { interval in
            [
                Recipe(name: "4:2:0 restart \(interval)", encode: ["-sample", "2x2", "-restart", interval]),
                Recipe(name: "4:2:2 restart \(interval)", encode: ["-sample", "2x1", "-restart", interval]),
                Recipe(name: "grey restart \(interval)", encode: ["-restart", interval, "-optimize"], channels: 1),
            ]
        }
        + [
            Recipe(name: "grey", channels: 1),
            Recipe(name: "grey with factors", encode: ["-sample", "2x2"], channels: 1),
            Recipe(name: "RGB", encode: ["-rgb"]), Recipe(name: "16-bit quantisation", encode: ["-quality", "3"]),
            Recipe(name: "fine", encode: ["-quality", "100", "-sample", "1x1"]),
        ]
        + [(1, 1), (7, 9), (8, 8), (16, 16), (17, 33), (33, 17), (160, 1), (1, 160)].flatMap { size in
            [
                Recipe(name: "4:2:0", width: size.0, height: size.1),
                Recipe(name: "grey", channels: 1, width: size.0, height: size.1),
            ]
        }

    /// Files that go through their coefficients.
    static let coded: [Recipe] = [
        Recipe(name: "progressive", encode: ["-progressive"]),
        Recipe(name: "progressive 4:2:2 with restarts", encode: ["-progressive", "-sample", "2x1", "-restart", "3B"]),
        Recipe(name: "progressive grey", encode: ["-progressive"], channels: 1),
        Recipe(name: "progressive", encode: ["-progressive"], width: 17, height: 33),
        Recipe(name: "progressive", encode: ["-progressive"], width: 1, height: 1),
        Recipe(name: "progressive RGB", encode: ["-progressive", "-rgb"]),
    ]

    /// Spans along one axis: all of it, the first MCU, overlapping ones inside, and the edge.
    static func spans(length: Int, mcu: Int) -> [(Int, Int)] {
        let last = (length - 1) / mcu * mcu
        var spans = [(0, length)]
        if last >= mcu { spans += [(0, mcu), (last, length - last)] }
        if last >= 3 * mcu { spans += [(mcu, 2 * mcu), (2 * mcu, length - 2 * mcu)] }
        return spans
    }

    /// Cuts every tile that the spans give.
    static func cut(
        _ bytes: [UInt8],
        limits: ImageLimits = ImageLimits()
    ) throws(ImagingError) -> (
        source: LosslessJPEG, windows: [(column: Int, row: Int, x: Int, y: Int, width: Int, height: Int)]
    ) {
        let image = ImageFile(bytes: bytes)
        let grid = try LosslessJPEG.grid(of: image, limits: limits)
        let columns = spans(length: grid.info.width, mcu: grid.mcuWidth)
        let rows = spans(length: grid.info.height, mcu: grid.mcuHeight)
        let source = try LosslessJPEG(
            image,
            columns: columns.map { ($0.0, $0.1) },
            rows: rows.map { ($0.0, $0.1) },
            limits: limits
        )
        let windows = rows.enumerated().flatMap { row, vertical in
            columns.enumerated().map { column, horizontal in
                (column, row, horizontal.0, vertical.0, horizontal.1, vertical.1)
            }
        }
        return (source, windows)
    }

    /// All tiles, row by row.
    static func tiles(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let (source, windows) = try cut(bytes)
        return try windows.map { try source.tile(column: $0.column, row: $0.row) }
    }

    /// The code that reading the file for lossless tiles ends with; nil where there are tiles.
    static func verdict(_ bytes: [UInt8], limits: ImageLimits = ImageLimits(maxPixels: 4_000_000)) -> ImagingError? {
        do {
            _ = try cut(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    /// A file's coefficients in jpegtran's own words.
    ///
    /// Files of one size with the same quantisation and coefficients become the same. jpegtran ends with an error where
    /// it warns.
    static func canonical(_ tile: [UInt8]) throws -> [UInt8] {
        try Peers.run("jpegtran", ["-copy", "none", "-optimize", "-outfile", "@out", "@in"], input: tile)
    }

    /// The same, of a window that jpegtran cuts.
    static func crop(_ bytes: [UInt8], x: Int, y: Int, width: Int, height: Int) throws -> [UInt8] {
        let crop = "\(width)x\(height)+\(x)+\(y)"
        return try Peers.run(
            "jpegtran",
            ["-copy", "none", "-optimize", "-crop", crop, "-outfile", "@out", "@in"],
            input: bytes
        )
    }

    /// Checks every tile against jpegtran: the same coefficients and the same pixels.
    static func compare(_ bytes: [UInt8]) throws {
        let (source, windows) = try cut(bytes)
        for window in windows {
            let tile = try source.tile(column: window.column, row: window.row)
            let peer = try crop(bytes, x: window.x, y: window.y, width: window.width, height: window.height)
            #expect(try canonical(tile) == peer, "\(window)")
            let decoded = try PixelDecoder.decode(ImageFile(bytes: tile))
            #expect(decoded.pixels == (try PixelDecoder.decode(ImageFile(bytes: peer)).pixels), "\(window)")
            #expect(decoded.info.colourModel == source.info.colourModel && decoded.trailingBytes == 0)
            #expect((decoded.info.width, decoded.info.height) == (window.width, window.height))
            #expect(!decoded.info.progressive)
        }
    }

    /// The places of a marker before the pixels.
    static func places(of marker: UInt8, in bytes: [UInt8]) -> [Int] {
        var places: [Int] = []
        var at = 2
        while at + 4 <= bytes.count, bytes[at] == 0xFF {
            if bytes[at + 1] == marker { places.append(at) }
            if bytes[at + 1] == 0xDA { break }
            at += 2 + Int(bytes[at + 2]) << 8 + Int(bytes[at + 3])
        }
        return places
    }
}
