import Imaging
import TestSupport
import Testing

@Suite("Edges, padding, transparency and blank tiles")
struct EdgePolicyTests {
    static let sizes = [(1, 1), (7, 3), (40, 32), (41, 33), (151, 97), (80, 64), (39, 200)]

    @Test(
        "valid pixels equal the source's, and the rest is what the padding says",
        arguments: sizes,
        [EdgePolicy.shift, .crop, .drop, .pad(.constant(77)), .pad(.edge), .pad(.reflect)]
    )
    func pixels(size: (width: Int, height: Int), edge: EdgePolicy) throws {
        for (channels, bitDepth) in [(1, 8), (3, 8), (4, 8), (2, 16), (3, 16)] {
            let source = try Samples.noise(
                width: size.width,
                height: size.height,
                channels: channels,
                bitDepth: bitDepth
            )
            let upright = Pixels(source.pixels, size.width, size.height, channels * bitDepth / 8)
            let settings = TilingSettings(tileWidth: 40, tileHeight: 32, overlap: 7, edge: edge)
            for orientation in [Orientation.up, .down, .left] {
                let turned = upright.turned(orientation)
                let (result, tiles) = try Samples.tiles(source.file, orientation: orientation, settings: settings)
                if edge != .drop { #expect(result.uncoveredPixels == 0 && !tiles.isEmpty) }
                for tile in tiles {
                    let decoded = try PixelDecoder.decode(ImageFile(bytes: tile.bytes))
                    #expect(decoded.info.width == tile.window.width && decoded.info.height == tile.window.height)
                    let expected = turned.tile(tile.window, edge, channels: channels, bitDepth: bitDepth)
                    #expect(decoded.pixels == expected, "\(tile.window) \(orientation)")
                }
            }
        }
    }

    @Test("a tiles' map leads through orientation and padding to the sensor's pixel", arguments: Orientation.allCases)
    func affine(orientation: Orientation) throws {
        let source = try Samples.noise(width: 90, height: 50, channels: 3)
        let settings = TilingSettings(tileWidth: 40, tileHeight: 40, overlap: 4, edge: .pad(.edge))
        for tile in try Samples.tiles(source.file, orientation: orientation, settings: settings).tiles {
            let pixels = try PixelDecoder.decode(ImageFile(bytes: tile.bytes)).pixels
            let map = tile.window.storedMap(orientation: orientation, storedWidth: 90, storedHeight: 50)
            for y in 0..<tile.window.validHeight {
                for x in 0..<tile.window.validWidth {
                    let stored = map.apply(x: x, y: y)
                    let at = 3 * (stored.y * 90 + stored.x)
                    let here = 3 * (y * tile.window.width + x)
                    #expect(pixels[here..<here + 3].elementsEqual(source.pixels[at..<at + 3]))
                }
            }
        }
    }

    @Test("transparency is laid on the background", arguments: [(2, 8), (4, 8), (2, 16), (4, 16)])
    func flatten(kind: (channels: Int, bitDepth: Int)) throws {
        let source = try Samples.noise(width: 50, height: 40, channels: kind.channels, bitDepth: kind.bitDepth)
        let settings = TilingSettings(
            tileWidth: 64,
            tileHeight: 64,
            overlap: 0,
            alpha: .flatten(red: 200, green: 100, blue: 50)
        )
        let tile = try #require(Samples.tiles(source.file, settings: settings).tiles.first)
        let decoded = try PixelDecoder.decode(ImageFile(bytes: tile.bytes))
        #expect(decoded.info.channels == kind.channels - 1)
        let scale = kind.bitDepth == 16 ? 65_535 : 255
        func samples(_ bytes: [UInt8]) -> [Int] {
            kind.bitDepth == 8
                ? bytes.map(Int.init) : (0..<bytes.count / 2).map { Int(bytes[2 * $0]) << 8 | Int(bytes[2 * $0 + 1]) }
        }
        let from = samples(source.pixels)
        let background = (kind.channels == 2 ? [124] : [200, 100, 50]).map { $0 * scale / 255 }
        for (index, level) in samples(decoded.pixels).enumerated() {
            let (pixel, channel) = index.quotientAndRemainder(dividingBy: kind.channels - 1)
            let alpha = from[pixel * kind.channels + kind.channels - 1]
            let colour = from[pixel * kind.channels + channel]
            let exact = Double(colour * alpha + background[channel] * (scale - alpha)) / Double(scale)
            #expect(abs(exact - Double(level)) <= 0.501)
        }
    }

    @Test("blank tiles are left out, counted and named with what was measured")
    func blank() throws {
        // The left half is flat, the right half noise.
        let noise = Samples.photograph(width: 128, height: 64, channels: 3)
        var pixels = noise
        for index in pixels.indices where index / 3 % 128 < 64 { pixels[index] = 5 }
        let file = try PNGEncoder.encode(pixels: pixels, width: 128, height: 64, channels: 3)
        var settings = TilingSettings(tileWidth: 32, tileHeight: 32, overlap: 0)
        for rule in [BlankRule.entropy(below: 0.5), .noData(share: 0.9, value: 5)] {
            settings.blank = rule
            let cut = try Samples.cut(file, settings: settings, workers: 2)
            #expect(cut.tiles.count == 4 && cut.tiles.allSatisfy { $0.window.x >= 64 })
            #expect(cut.skipped.count == 4 && cut.result.skippedTiles == 4 && cut.result.tiles == 4)
            let measured: Double = rule.isEntropy ? 0 : 1
            #expect(cut.skipped.allSatisfy { $0.window.x < 64 && $0.measure == measured })
        }
        settings.blank = .noData(share: 0.9, value: 0)
        #expect(try Samples.cut(file, settings: settings).skipped.isEmpty)
    }

    @Test("padding counts neither as blank nor as not blank")
    func paddedBlank() throws {
        // Noise in 40 x 40: of the lower right tile of 32 only 8 x 8 pixels are image.
        let noise = try Samples.noise(width: 40, height: 40, channels: 3)
        var settings = TilingSettings(tileWidth: 32, tileHeight: 32, overlap: 0, edge: .pad(.constant(0)))
        for rule in [BlankRule.noData(share: 0.5, value: 0), .entropy(below: 4)] {
            settings.blank = rule
            let cut = try Samples.cut(noise.file, settings: settings)
            #expect(cut.tiles.count == 4 && cut.skipped.isEmpty)
        }
        // And the other way round: an empty corner is no less empty for bright padding.
        var pixels = noise.pixels
        for y in 32..<40 { for x in 32..<40 { for channel in 0..<3 { pixels[(y * 40 + x) * 3 + channel] = 0 } } }
        let file = try PNGEncoder.encode(pixels: pixels, width: 40, height: 40, channels: 3)
        settings.edge = .pad(.constant(200))
        settings.blank = .noData(share: 1, value: 0)
        let cut = try Samples.cut(file, settings: settings)
        #expect(cut.skipped.count == 1 && cut.skipped.first?.measure == 1 && cut.skipped.first?.window.x == 32)
    }

    @Test(
        "padding has no part in a tile's levels, nor in its variants'",
        arguments: [Normalisation.minMax(scope: .tile), .percentile(low: 0, high: 100, scope: .tile)]
    )
    func paddedLevels(normalisation: Normalisation) throws {
        var noise = SeededGenerator(seed: 9)
        var pixels = (0..<40 * 40).map { _ in UInt8.random(in: 100...150, using: &noise) }
        // Each tile, the smallest of 8 x 8 pixels too, has the lowest and the highest level.
        for (x, y) in [(0, 0), (33, 0), (0, 33), (33, 33)] { (pixels[y * 40 + x], pixels[y * 40 + x + 1]) = (100, 150) }
        let file = try PNGEncoder.encode(pixels: pixels, width: 40, height: 40, channels: 1)
        let settings = TilingSettings(
            tileWidth: 32,
            tileHeight: 32,
            overlap: 0,
            edge: .pad(.constant(0)),
            normalisation: normalisation,
            augmentation: [try Augmentation(name: "flip-horizontal", probability: 1)],
            variants: 1
        )
        let tiles = try Samples.tiles(file, settings: settings).tiles
        #expect(tiles.count == 8)
        for tile in tiles {
            let decoded = try PixelDecoder.decode(ImageFile(bytes: tile.bytes)).pixels
            let left = tile.variant == 0 ? 0 : tile.window.width - tile.window.validWidth
            let levels = (0..<tile.window.validHeight).flatMap { y in
                decoded[y * tile.window.width + left..<y * tile.window.width + left + tile.window.validWidth]
            }
            #expect(levels.min() == 0 && levels.max() == 255, "\(tile.window) \(tile.variant)")
        }
    }

    @Test("what alpha hides is no data")
    func transparentIsNoData() throws {
        var pixels = Samples.photograph(width: 64, height: 32, channels: 4)
        for index in stride(from: 3, to: pixels.count, by: 4) { pixels[index] = index / 4 % 64 < 32 ? 0 : 255 }
        let file = try PNGEncoder.encode(pixels: pixels, width: 64, height: 32, channels: 4)
        let settings = TilingSettings(tileWidth: 32, tileHeight: 32, overlap: 0, blank: .noData(share: 1, value: 0))
        let cut = try Samples.cut(file, settings: settings)
        #expect(cut.skipped.map(\.window.x) == [0] && cut.tiles.map(\.window.x) == [32])
    }
}

extension BlankRule {
    fileprivate var isEntropy: Bool { if case .entropy = self { true } else { false } }
}

/// Pixels that are turned and padded one by one, the slow and plain way.
private struct Pixels {
    let bytes: [UInt8]
    let width: Int
    let height: Int
    let size: Int

    init(_ bytes: [UInt8], _ width: Int, _ height: Int, _ size: Int) {
        self.bytes = bytes
        self.width = width
        self.height = height
        self.size = size
    }

    func at(_ x: Int, _ y: Int) -> ArraySlice<UInt8> {
        let offset = (y * width + x) * size
        return bytes[offset..<offset + size]
    }

    func turned(_ orientation: Orientation) -> Pixels {
        let upright = orientation.orientedSize(width: width, height: height)
        let map = orientation.storedMap(width: width, height: height)
        var turned: [UInt8] = []
        for y in 0..<upright.height {
            for x in 0..<upright.width {
                let stored = map.apply(x: x, y: y)
                turned += at(stored.x, stored.y)
            }
        }
        return Pixels(turned, upright.width, upright.height, size)
    }

    func tile(_ window: TileWindow, _ edge: EdgePolicy, channels: Int, bitDepth: Int) -> [UInt8] {
        var tile: [UInt8] = []
        for y in 0..<window.height {
            for x in 0..<window.width {
                if x < window.validWidth, y < window.validHeight {
                    tile += at(window.x + x, window.y + y)
                } else if case .pad(.constant(let value)) = edge {
                    for channel in 0..<channels {
                        let isAlpha = channels % 2 == 0 && channel == channels - 1
                        tile += [UInt8](repeating: isAlpha ? 0 : UInt8(value), count: bitDepth / 8)
                    }
                } else {
                    let reflects = edge == .pad(.reflect)
                    tile += at(
                        window.x + source(x, window.validWidth, reflects),
                        window.y + source(y, window.validHeight, reflects)
                    )
                }
            }
        }
        return tile
    }

    private func source(_ place: Int, _ count: Int, _ reflects: Bool) -> Int {
        guard place >= count else { return place }
        guard reflects, count > 1 else { return count - 1 }
        let period = 2 * (count - 1)
        let rest = place % period
        return rest < count ? rest : period - rest
    }
}
