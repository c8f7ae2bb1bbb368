import Imaging
import Testing

@Suite("Lossless JPEG tiles by the recipe")
struct LosslessTileTests {
    @Test("drop leaves nothing of an image that is smaller than a tile, as it does of a PNG, and checks the file")
    func smallerThanATile() throws {
        let file = try Samples.jpeg(width: 100, height: 60)
        let png = try Samples.noise(width: 100, height: 60, channels: 3).file
        var settings = TilingSettings(tileWidth: 128, tileHeight: 128, overlap: 0, edge: .drop)
        let pixels = try Samples.tiles(png, settings: settings).result
        settings.encoding = .jpegLossless
        for progressive in [false, true] {
            let bytes = progressive ? try LosslessSample.Recipe(name: "", encode: ["-progressive"]).make() : file
            let (result, tiles) = try Samples.tiles(bytes, settings: settings.with(side: progressive ? 160 : 128))
            #expect(tiles.isEmpty && result.tiles == 0)
            #expect(result.uncoveredPixels == result.info.width * result.info.height)
        }
        #expect(pixels.tiles == 0 && pixels.uncoveredPixels == 6_000)
        let cut = Array(file[..<(file.count / 2)])
        #expect(throws: ImagingError.Code.truncated) {
            try Self.code { try Samples.tiles(cut, settings: settings) }
        }
    }

    @Test("one axis that is shorter than a tile is enough", arguments: [(300, 60), (60, 300)])
    func narrow(size: (width: Int, height: Int)) throws {
        let settings = TilingSettings(tileWidth: 128, tileHeight: 128, overlap: 0, edge: .drop, encoding: .jpegLossless)
        let file = try Samples.jpeg(width: size.width, height: size.height)
        #expect(try Samples.tiles(file, settings: settings).result.uncoveredPixels == 18_000)
    }

    private static func code<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as ImagingError { throw error.code }
    }
}

extension TilingSettings {
    fileprivate func with(side: Int) -> TilingSettings {
        var settings = self
        settings.tileWidth = side
        settings.tileHeight = side
        return settings
    }
}
