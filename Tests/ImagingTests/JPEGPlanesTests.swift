import Imaging
import Synchronization
import Testing

/// JPEG tiles of a JPEG whose brightness and colours go from file to tile without becoming RGB between.
///
/// The other way is forced here by a blank rule that leaves nothing out but has to look at pixels.
@Suite("JPEG tiles from a JPEG's planes")
struct JPEGPlanesTests {
    /// Tiles of a file, by planes where the engine takes them, and by way of RGB.
    private func cut(
        _ file: [UInt8],
        _ settings: TilingSettings,
        profile: ICCProfile? = nil
    ) throws -> (planes: [EncodedTile], pixels: [EncodedTile]) {
        func tiles(_ settings: TilingSettings) throws -> [EncodedTile] {
            let made = Mutex<[EncodedTile]>([])
            _ = try Tiler.cut(ImageFile(bytes: file), as: Appearance(profile: profile), settings: settings) { tile in
                if case .made(let tile) = tile { made.withLock { $0.append(tile) } }
            }
            return made.withLock { $0 }.sorted {
                ($0.window.row, $0.window.column) < ($1.window.row, $1.window.column)
            }
        }
        var detour = settings
        detour.blank = .noData(share: 1, value: 0)
        return (try tiles(settings), try tiles(detour))
    }

    private static func settings(
        _ subsampling: JPEGSubsampling = .s420,
        edge: EdgePolicy = .drop,
        size: Int = 64,
        overlap: Int = 16
    ) -> TilingSettings {
        TilingSettings(
            tileWidth: size,
            tileHeight: size,
            overlap: overlap,
            edge: edge,
            // Finer than the files: else both ways would find the files' own coefficients again.
            encoding: .jpeg(quality: 100, subsampling: subsampling)
        )
    }

    private static func source(
        _ sampling: String,
        width: Int = 208,
        height: Int = 160,
        _ options: String...
    ) throws -> [UInt8] {
        // Colours vary slowly, as a lens leaves them: only then can two ways of halving them be compared.
        let pixels = (0..<width * height).flatMap { at -> [UInt8] in
            let (y, x) = at.quotientAndRemainder(dividingBy: width)
            let texture = (x * 7 + y * 13) % 17
            let (across, down) = (x * 100 / width, y * 80 / height)
            return [40 + across, 60 + down, 200 - (across + down) / 2].map { UInt8($0 + texture) }
        }
        return try LosslessSample.encode(
            pixels,
            width: width,
            height: height,
            channels: 3,
            encode: ["-sample", sampling, "-quality", "95"] + options
        )
    }

    /// The mean and the greatest difference of two tiles' decoded samples.
    private func difference(_ one: EncodedTile, _ other: EncodedTile) throws -> (mean: Double, most: Int) {
        let pixels = try [one, other].map { try PixelDecoder.decode(ImageFile(bytes: $0.bytes)).pixels }
        try #require(pixels[0].count == pixels[1].count)
        var sum = 0
        var most = 0
        for (a, b) in zip(pixels[0], pixels[1]) {
            let difference = abs(Int(a) - Int(b))
            sum += difference
            most = max(most, difference)
        }
        return (Double(sum) / Double(pixels[0].count), most)
    }

    static let pairs: [(String, JPEGSubsampling)] = [("2x2", .s420), ("2x1", .s420), ("2x1", .s422), ("1x1", .s444)]

    @Test(
        "tiles show what they show by way of RGB, to the byte where no colours are halved",
        arguments: pairs,
        [true, false]
    )
    func pixels(pair: (sampling: String, tiles: JPEGSubsampling), isProgressive: Bool) throws {
        let file = try Self.source(pair.sampling, isProgressive ? "-progressive" : "-optimize")
        let (planes, pixels) = try cut(file, Self.settings(pair.tiles))
        #expect(planes.count == 12 && planes.map(\.window) == pixels.map(\.window))
        // Where nothing is halved, three rounded colours give the brightness and the colours back that they were made of:
        // the errors of a half in each add up to a half at most.
        #expect((planes.map(\.sha256) == pixels.map(\.sha256)) == (pair.tiles == .s444))
        for (one, other) in zip(planes, pixels) {
            let (mean, most) = try difference(one, other)
            #expect(mean < 1.2 && most < 24, "\(one.window): \(mean), \(most)")
        }
    }

    @Test(
        "a file's own sampling loses next to nothing of its colours",
        arguments: [("2x2", JPEGSubsampling.s420), ("1x1", .s444)]
    )
    func fidelity(pair: (sampling: String, tiles: JPEGSubsampling)) throws {
        // One tile of all of it: no tile's edge cuts the colours' neighbours off.
        var settings = Self.settings(pair.tiles, size: 160, overlap: 0)
        settings.tileWidth = 208
        settings.encoding = .jpeg(quality: 100, subsampling: pair.tiles)
        let file = try Self.source(pair.sampling)
        let (planes, pixels) = try cut(file, settings)
        let source = try PixelDecoder.decode(ImageFile(bytes: file)).pixels
        func error(_ tile: EncodedTile) throws -> Double {
            let tile = try PixelDecoder.decode(ImageFile(bytes: tile.bytes)).pixels
            return zip(tile, source).reduce(0.0) { $0 + Double(abs(Int($1.0) - Int($1.1))) } / Double(source.count)
        }
        let (ours, detour) = (try error(planes[0]), try error(pixels[0]))
        #expect(ours < 0.7 && ours <= detour, "\(ours) \(detour)")
    }

    @Test(
        "every policy gives the same windows and pixels either way, whether its tiles are whole MCUs or not",
        arguments: TilePlanTests.policies,
        [(208, 160), (202, 154), (203, 151), (192, 150), (50, 40), (64, 64), (17, 200)]
    )
    func edges(edge: EdgePolicy, size: (width: Int, height: Int)) throws {
        let file = try Self.source("2x2", width: size.width, height: size.height)
        let (planes, pixels) = try cut(file, Self.settings(edge: edge))
        #expect(planes.map(\.window) == pixels.map(\.window))
        let isWhole = planes.allSatisfy { tile in
            tile.window.x % 2 == 0 && tile.window.y % 2 == 0 && tile.window.width % 16 == 0
                && tile.window.height % 16 == 0 && tile.window.validWidth == tile.window.width
                && tile.window.validHeight == tile.window.height
        }
        if !isWhole { #expect(planes.map(\.sha256) == pixels.map(\.sha256), "planes were taken of parts of MCUs") }
        for (one, other) in zip(planes, pixels) {
            let (mean, most) = try difference(one, other)
            #expect(mean < 1.2 && most < 24, "\(one.window): \(mean), \(most)")
        }
    }

    @Test("what planes can't give goes by way of RGB", arguments: ["1x2", "4x1", "1x1", "grey", "rgb"])
    func fallback(kind: String) throws {
        let file =
            switch kind {
            case "grey": try Samples.jpeg(width: 208, height: 160, channels: 1)
            case "rgb": try Self.source("1x1", "-rgb")
            default: try Self.source(kind)
            }
        let (planes, pixels) = try cut(file, Self.settings(.s420))
        #expect(planes.count == 12 && planes.map(\.sha256) == pixels.map(\.sha256))
    }

    /// Threads share a row of tiles out; those of one share are coded together, but for the last of the row, which lies off
    /// the grid of the others' MCUs.
    @Test("tiles are the same whichever others are coded with them, on any number of threads", arguments: pairs)
    func threads(pair: (sampling: String, tiles: JPEGSubsampling)) throws {
        let file = try Self.source(pair.sampling, width: 394, height: 394)
        let digests = try [1, 2, 3, 8].map { workers in
            let settings = Self.settings(pair.tiles, edge: .shift)
            return try Samples.tiles(file, settings: settings, workers: workers).tiles.map(\.sha256)
        }
        #expect(digests[0].count == 64 && digests.allSatisfy { $0 == digests[0] })
    }

    @Test("tiles carry the colour profile")
    func profile() throws {
        var jpeg = CorpusJPEG(try Self.source("2x2"))
        for segment in ICCSample.segments(ICCSample.profile(), parts: 1) {
            jpeg.insert(segment.marker, segment.payload, at: 1)
        }
        let file = jpeg.bytes
        let profile = try #require(ImageMetadata.read(file).profile)
        for tile in try cut(file, Self.settings(), profile: profile).planes {
            #expect(ImageMetadata.read(tile.bytes).profile == profile)
        }
    }

    @Test("a damaged file gives no tiles, by the same reason", arguments: ["2x2", "2x1", "1x1"])
    func damage(sampling: String) throws {
        let whole = try Self.source(sampling)
        for length in [whole.count / 3, whole.count * 2 / 3, whole.count - 3] {
            let cut = ImageFile(bytes: Array(whole[..<length]))
            let error = #expect(throws: ImagingError.self) {
                try Tiler.cut(cut, settings: Self.settings(sampling == "1x1" ? .s444 : .s420)) { _ in }
            }
            #expect(error?.code == Samples.verdict(cut.bytes)?.code)
        }
    }
}
