import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Lossless JPEG tiles")
struct LosslessJPEGTests {
    @Test("tiles hold the coefficients and pixels of jpegtran's crops", arguments: LosslessSample.spliced)
    func spliced(recipe: LosslessSample.Recipe) throws {
        try LosslessSample.compare(recipe.make())
    }

    @Test("so do those of files that can't be spliced", arguments: LosslessSample.coded)
    func coded(recipe: LosslessSample.Recipe) throws {
        try LosslessSample.compare(recipe.make())
    }

    @Test(
        "so do those of files of several scans",
        arguments: [
            "0; 1; 2;", "0 1; 2;",
            "0: 0-0, 0, 0; 1: 0-0, 0, 0; 2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;",
        ]
    )
    func scans(script: String) throws {
        let scratch = try Scratch("lossless")
        try Data(script.utf8).write(to: URL(fileURLWithPath: scratch.file("scans")))
        let recipe = LosslessSample.Recipe(name: "scans", encode: ["-scans", scratch.file("scans")])
        try LosslessSample.compare(recipe.make())
    }

    @Test("components that don't fit an MCU together are sent alone")
    func manyBlocks() throws {
        let scratch = try Scratch("lossless")
        try Data("0; 1; 2;".utf8).write(to: URL(fileURLWithPath: scratch.file("scans")))
        let recipe = LosslessSample.Recipe(
            name: "4x4",
            encode: ["-sample", "4x4,1x1,1x1", "-scans", scratch.file("scans")]
        )
        let bytes = try recipe.make()
        let (source, windows) = try LosslessSample.cut(bytes)
        let whole = try source.tile(column: 0, row: 0)
        #expect(
            try PixelDecoder.decode(ImageFile(bytes: whole)).pixels
                == PixelDecoder.decode(ImageFile(bytes: bytes)).pixels
        )
        for window in windows {
            #expect(Samples.verdict(try source.tile(column: window.column, row: window.row)) == nil, "\(window)")
        }
    }

    @Test("inks stay inks", arguments: [0, 2] as [UInt8])
    func inks(transform: UInt8) throws {
        let png = try Samples.noise(width: 90, height: 70, channels: 3).file
        var bytes = try Peers.run("convert", ["@in", "-colorspace", "CMYK", "-quality", "80", "jpeg:@out"], input: png)
        let adobe = try #require(LosslessSample.places(of: 0xEE, in: bytes).first)
        bytes[adobe + 15] = transform
        #expect(try LosslessSample.cut(bytes).source.info.colourModel == (transform == 2 ? .ycck : .cmyk))
        try LosslessSample.compare(bytes)
    }

    /// Half black, half white: few categories in the file, and large differences where a tile begins.
    private func halves(channels: Int) throws -> [UInt8] {
        let (width, height) = (96, 64)
        let pixels = (0..<width * height * channels).map { $0 / channels % width < width / 2 ? 0 : 255 as UInt8 }
        return try LosslessSample.encode(
            pixels,
            width: width,
            height: height,
            channels: channels,
            encode: ["-optimize", "-quality", "100"]
        )
    }

    @Test("a DC table that lacks categories gets them, the codes that it has stay", arguments: [1, 3])
    func fewCategories(channels: Int) throws {
        try LosslessSample.compare(halves(channels: channels))
    }

    @Test("a DC table without room for more is no hindrance", arguments: [1, 3])
    func fullTables(channels: Int) throws {
        try LosslessSample.compare(fillTables(of: halves(channels: channels)))
    }

    /// Gives every code that a DC table leaves free to a symbol that the file does not use, but for sixteen ones,
    /// which no table may use; used codes stay.
    private func fillTables(of bytes: [UInt8]) throws -> [UInt8] {
        var bytes = bytes
        for at in LosslessSample.places(of: 0xC4, in: bytes).reversed() where bytes[at + 4] < 0x10 {
            let longest = try #require((0..<16).last { bytes[at + 5 + $0] > 0 })
            let used = (0...longest).reduce(0) { $0 + Int(bytes[at + 5 + $1]) << (longest - $1) }
            let free = 1 << (longest + 1) - used
            bytes[at + 5 + longest] += UInt8(free - 1)
            for length in longest + 1..<16 { bytes[at + 5 + length] = 1 }
            let added = free - 1 + 15 - longest
            let end = at + 2 + Int(bytes[at + 3])
            bytes.insert(contentsOf: [UInt8](repeating: 5, count: added), at: end)
            bytes[at + 3] += UInt8(added)
        }
        #expect(Samples.verdict(bytes) == nil)
        return bytes
    }

    @Test("tables that are defined twice count as they are when the scan begins")
    func redefinitions() throws {
        let bytes = try LosslessSample.Recipe(name: "4:2:0").make()
        let quantisation: [UInt8] = [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 99, count: 64)
        let code: [UInt8] = [0xFF, 0xC4, 0, 20, 0, 1] + [UInt8](repeating: 0, count: 15) + [7]
        let twice = bytes[..<2] + quantisation + code + bytes[2...]
        #expect(try LosslessSample.tiles(Array(twice)) == LosslessSample.tiles(bytes))
    }

    @Test("fill bytes before markers change nothing")
    func fill() throws {
        let bytes = try LosslessSample.Recipe(name: "restarts", encode: ["-restart", "3B"]).make()
        var filled = Array(bytes[..<2])
        for (at, byte) in bytes.enumerated().dropFirst(2) {
            let isMarker = byte == 0xFF && at + 1 < bytes.count && bytes[at + 1] >= 0xC0 && bytes[at + 1] != 0xFF
            if isMarker { filled += [0xFF, 0xFF] }
            filled.append(byte)
        }
        #expect(filled.count > bytes.count + 40)
        #expect(try LosslessSample.tiles(filled) == LosslessSample.tiles(bytes))
    }

    @Test("bytes after the image are counted", arguments: [0, 1, 4_000], [[], ["-progressive"]])
    func trailing(count: Int, encode: [String]) throws {
        let bytes = try LosslessSample.Recipe(name: "trailing", encode: encode).make()
        let (source, _) = try LosslessSample.cut(bytes + [UInt8](repeating: 0xFF, count: count))
        #expect(source.trailingBytes == count)
        #expect(try source.tile(column: 0, row: 0) == LosslessSample.tiles(bytes)[0])
    }

    @Test("real originals are cut as jpegtran cuts them, where they are at hand")
    func originals() throws {
        guard let folder = Checkout.originals else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".JPG") {
            let image = try ImageFile(path: "\(folder)/\(name)")
            let grid = try LosslessJPEG.grid(of: image)
            let left = grid.info.width / 2 / grid.mcuWidth * grid.mcuWidth
            let top = (grid.info.height - 700) / grid.mcuHeight * grid.mcuHeight
            let source = try LosslessJPEG(
                image,
                columns: [(0, 512), (left, grid.info.width - left)],
                rows: [(0, 512), (top, grid.info.height - top)]
            )
            let windows = [(0, 0, 0, 0, 512, 512), (1, 1, left, top, grid.info.width - left, grid.info.height - top)]
            for (column, row, x, y, width, height) in windows {
                let tile = try source.tile(column: column, row: row)
                let peer = try LosslessSample.crop(image.bytes, x: x, y: y, width: width, height: height)
                #expect(try LosslessSample.canonical(tile) == peer, "\(name) \(column) \(row)")
                #expect(
                    try Peers.run("djpeg", ["-outfile", "@out", "@in"], input: tile)
                        == Peers.run("djpeg", ["-outfile", "@out", "@in"], input: peer),
                    "\(name)"
                )
            }
        }
    }
}
