import Crypto
import Imaging
import Synchronization
import Testing

@Suite("Cutting into tiles")
struct TilerTests {
    @Test(
        "every tile holds the source's pixels at its window, upright",
        arguments: Orientation.allCases,
        [(1, 8), (2, 8), (3, 8), (4, 8), (1, 16), (2, 16), (3, 16), (4, 16)]
    )
    func pixels(orientation: Orientation, kind: (channels: Int, bitDepth: Int)) throws {
        let width = 151
        let height = 97
        let source = try Samples.noise(
            width: width,
            height: height,
            channels: kind.channels,
            bitDepth: kind.bitDepth
        )
        let pixelBytes = kind.channels * kind.bitDepth / 8
        let settings = TilingSettings(tileWidth: 40, tileHeight: 32, overlap: 7)
        let (result, tiles) = try Samples.tiles(source.file, orientation: orientation, settings: settings, workers: 2)
        for tile in tiles {
            let decoded = try PixelDecoder.decode(ImageFile(bytes: tile.bytes))
            #expect(decoded.info.channels == kind.channels && decoded.info.bitDepth == kind.bitDepth)
            let map = tile.window.storedMap(
                orientation: orientation,
                storedWidth: width,
                storedHeight: height
            )
            var expected: [UInt8] = []
            for y in 0..<tile.window.height {
                for x in 0..<tile.window.width {
                    let stored = map.apply(x: x, y: y)
                    let at = (stored.y * width + stored.x) * pixelBytes
                    expected += source.pixels[at..<at + pixelBytes]
                }
            }
            #expect(decoded.pixels == expected)
        }
        let plan = try TilePlan(
            width: result.orientedWidth,
            height: result.orientedHeight,
            settings: settings
        )
        #expect(result.tiles == plan.count)
        #expect(tiles.map(\.window) == plan.windows)
    }

    @Test("the same input gives the same bytes, whatever number of threads makes them", arguments: [1, 2, 3, 7])
    func determinism(workers: Int) async throws {
        let file = try Samples.jpeg(width: 300, height: 200)
        for encoding in [TileEncoding.png(.fast), .jpeg(quality: 85, subsampling: .s420)] {
            let settings = TilingSettings(tileWidth: 64, tileHeight: 64, overlap: 10, encoding: encoding)
            let first = try Samples.tiles(file, settings: settings).tiles.map(\.sha256)
            let others = try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try Samples.tiles(file, settings: settings, workers: workers).tiles.map(\.sha256)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(others.count == 6 && others.allSatisfy { $0 == first })
        }
    }

    @Test("many images share one crew", .timeLimit(.minutes(5)), arguments: [1, 2, 5])
    func sharedCrew(workers: Int) async throws {
        let crew = TileCrew(workers: workers)
        let settings = TilingSettings(tileWidth: 32, tileHeight: 32, overlap: 4)
        let counts = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for image in 0..<24 {
                group.addTask {
                    let file = try Samples.jpeg(width: 60 + 30 * image, height: 200)
                    let delivered = Mutex(0)
                    let result = try Tiler.cut(ImageFile(bytes: file), settings: settings, crew: crew) { _ in
                        delivered.withLock { $0 += 1 }
                    }
                    return (result.tiles, delivered.withLock { $0 })
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts.count == 24 && counts.allSatisfy { $0.0 == $0.1 && $0.0 > 10 })
    }

    @Test("digests are those of the bytes, and the sums add up", arguments: [1, 3, 8, 9, 40])
    func digests(columns: Int) throws {
        // Few and many tiles, of many lengths.
        let pixels = Samples.photograph(width: 20 * columns, height: 45, channels: 3)
        let file = try PNGEncoder.encode(pixels: pixels, width: 20 * columns, height: 45, channels: 3)
        let settings = TilingSettings(tileWidth: 20, tileHeight: 30, overlap: 0)
        let (result, tiles) = try Samples.tiles(file, settings: settings)
        for tile in tiles {
            #expect(tile.sha256 == Array(SHA256.hash(data: tile.bytes)))
            #expect(tile.md5 == Array(Insecure.MD5.hash(data: tile.bytes)))
        }
        #expect(result.tiles == columns * 2 && tiles.count == columns * 2)
        #expect(result.tileBytes == tiles.reduce(0) { $0 + $1.bytes.count })
    }

    @Test("JPEG tiles are near the source's pixels", arguments: [1, 3], [Orientation.up, .right])
    func jpegTiles(channels: Int, orientation: Orientation) throws {
        let width = 120
        let height = 90
        let pixels = (0..<width * height * channels).map { UInt8(60 + $0 / channels % width) }
        let file = try PNGEncoder.encode(pixels: pixels, width: width, height: height, channels: channels)
        let settings = TilingSettings(
            tileWidth: 50,
            tileHeight: 40,
            overlap: 5,
            encoding: .jpeg(quality: 95, subsampling: .s420)
        )
        for tile in try Samples.tiles(file, orientation: orientation, settings: settings).tiles {
            let decoded = try PixelDecoder.decode(ImageFile(bytes: tile.bytes))
            #expect(decoded.info.format == .jpeg && decoded.info.channels == channels)
            let map = tile.window.storedMap(
                orientation: orientation,
                storedWidth: width,
                storedHeight: height
            )
            for y in 0..<tile.window.height {
                for x in 0..<tile.window.width {
                    let wanted = 60 + map.apply(x: x, y: y).x
                    #expect(abs(Int(decoded.pixels[(y * tile.window.width + x) * channels]) - wanted) < 8)
                }
            }
        }
    }

    @Test("JPEG tiles of transparent or 16-bit images are refused", arguments: [(2, 8), (4, 8), (3, 16)])
    func jpegRefusals(kind: (channels: Int, bitDepth: Int)) throws {
        let file = try Samples.noise(width: 9, height: 9, channels: kind.channels, bitDepth: kind.bitDepth)
            .file
        let error = #expect(throws: ImagingError.self) {
            try Samples.tiles(file, settings: TilingSettings(encoding: .jpeg(quality: 90, subsampling: .s420)))
        }
        #expect(error?.code == .encodeFailed && error?.message.contains("use PNG") == true)
    }

    @Test("cutting stops when asked, and no tile comes after", arguments: [0, 1, 2, 5], [1, 2])
    func cancelled(after tiles: Int, workers: Int) throws {
        let file = try Samples.jpeg(width: 300, height: 2000)
        let delivered = Mutex(0)
        let error = #expect(throws: ImagingError.self) {
            try Tiler.cut(
                ImageFile(bytes: file),
                settings: TilingSettings(tileWidth: 64, tileHeight: 64, overlap: 10),
                crew: TileCrew(workers: workers),
                isCancelled: { delivered.withLock { $0 >= tiles } },
                deliver: { _ in delivered.withLock { $0 += 1 } }
            )
        }
        #expect(error?.code == .cancelled)
        #expect(delivered.withLock { $0 } < 40)
    }

    @Test("what the receiver throws comes through")
    func receiver() throws {
        struct DiskFull: Error {}
        #expect(throws: DiskFull.self) {
            try Tiler.cut(ImageFile(bytes: Samples.jpeg()), settings: TilingSettings()) { _ in
                throw DiskFull()
            }
        }
    }

    @Test(
        "an image smaller than a tile gives one tile of its size",
        arguments: [(1, 1), (1, 600), (600, 1), (511, 512)]
    )
    func small(size: (width: Int, height: Int)) throws {
        let file = try Samples.noise(width: size.width, height: size.height, channels: 3).file
        for orientation in Orientation.allCases {
            let (result, tiles) = try Samples.tiles(
                file,
                orientation: orientation,
                settings: TilingSettings(overlap: 0)
            )
            let oriented = orientation.orientedSize(width: size.width, height: size.height)
            #expect(result.orientedWidth == oriented.width && result.orientedHeight == oriented.height)
            #expect(tiles[0].window.width == min(512, oriented.width))
            #expect(tiles.count == (size.width > 512 || size.height > 512 ? 2 : 1))
        }
    }

    @Test("real drone images are cut whole, where they are at hand")
    func originals() throws {
        for name in ["brighton_DJI_0018", "brighton_DJI_0024", "brighton_DJI_0032", "leica_T_rot270"] {
            guard let file = try? ImageFile(path: "../shared/images/\(name).JPG") else { continue }
            let result = try Tiler.cut(file, settings: TilingSettings()) { _ in }
            #expect(result.tiles == 45 || result.tiles == 88)
        }
    }
}
