import Imaging
import TestSupport
import Testing

@Suite("Every pixel is accounted for, whatever the size, the tile, the overlap and the policy")
struct TilePropertyTests {
    /// One drawn case: an image, and how it is cut.
    private struct Trial: CustomStringConvertible {
        let width: Int
        let height: Int
        let channels: Int
        let bitDepth: Int
        let orientation: Orientation
        let settings: TilingSettings
        let pixels: [UInt8]

        var description: String {
            "\(width) x \(height) x \(channels) at \(bitDepth) bits, \(orientation), \(settings)"
        }

        init(_ noise: inout SeededGenerator) throws {
            width = Int.random(in: 1...70, using: &noise)
            height = Int.random(in: 1...70, using: &noise)
            channels = Int.random(in: 1...4, using: &noise)
            bitDepth = Bool.random(using: &noise) ? 8 : 16
            orientation = Bool.random(using: &noise) ? .up : Orientation.allCases.randomElement(using: &noise) ?? .up
            var settings = TilingSettings(
                tileWidth: Int.random(in: 1...40, using: &noise),
                tileHeight: Int.random(in: 1...40, using: &noise),
                overlap: 0,
                edge: TilePlanTests.policies.randomElement(using: &noise) ?? .shift,
                encoding: Bool.random(using: &noise) ? .npy : .png(.fast)
            )
            // At least a third of a tile further each time: enough overlap, and not thousands of tiles.
            settings.overlapX = Int.random(in: 0...settings.tileWidth * 2 / 3, using: &noise) % settings.tileWidth
            settings.overlapY = Int.random(in: 0...settings.tileHeight * 2 / 3, using: &noise) % settings.tileHeight
            self.settings = settings
            let count = width * height * channels * bitDepth / 8
            var pixels: [UInt8] = []
            pixels.reserveCapacity(count + 8)
            while pixels.count < count {
                withUnsafeBytes(of: noise.next()) { pixels.append(contentsOf: $0) }
            }
            self.pixels = Array(pixels.prefix(count))
        }
    }

    @Test("2,000 drawn images: tiles cover them, and hold their pixels at window and offset", arguments: 0..<20)
    func pixels(seed: UInt64) throws {
        var noise = SeededGenerator(seed: seed &* 77 &+ 5)
        for _ in 0..<100 {
            let trial = try Trial(&noise)
            let breach = try breach(of: trial)
            #expect(breach == nil, "\(trial)")
        }
    }

    /// What is wrong with a trial's tiles; nil where nothing is.
    private func breach(of trial: Trial) throws -> String? {
        let file = try PNGEncoder.encode(
            pixels: trial.pixels,
            width: trial.width,
            height: trial.height,
            channels: trial.channels,
            bitDepth: trial.bitDepth
        )
        let (result, tiles) = try Samples.tiles(file, orientation: trial.orientation, settings: trial.settings)
        let pixelBytes = trial.channels * trial.bitDepth / 8
        let upright = turned(trial, pixelBytes)
        let (width, height) = (result.orientedWidth, result.orientedHeight)
        var covered = [Bool](repeating: false, count: width * height)
        for tile in tiles {
            let window = tile.window
            let found = try samples(of: tile, trial)
            guard found.count == window.width * window.height * pixelBytes else { return "\(window) has other samples" }
            for y in 0..<window.validHeight {
                let from = ((window.y + y) * width + window.x) * pixelBytes
                let at = y * window.width * pixelBytes
                let length = window.validWidth * pixelBytes
                guard Array(found[at..<at + length]) == Array(upright[from..<from + length]) else {
                    return "\(window) differs in its row \(y)"
                }
                for x in 0..<window.validWidth { covered[(window.y + y) * width + window.x + x] = true }
            }
        }
        let uncovered = covered.count { !$0 }
        if trial.settings.edge != .drop, uncovered > 0 { return "\(uncovered) pixels are in no tile" }
        return uncovered == result.uncoveredPixels ? nil : "\(uncovered) pixels are in no tile, which were not counted"
    }

    /// The source's pixels as they are shown.
    private func turned(_ trial: Trial, _ pixelBytes: Int) -> [UInt8] {
        if trial.orientation == .up { return trial.pixels }
        let size = trial.orientation.orientedSize(width: trial.width, height: trial.height)
        let map = trial.orientation.storedMap(width: trial.width, height: trial.height)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(trial.pixels.count)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let stored = map.apply(x: x, y: y)
                let at = (stored.y * trial.width + stored.x) * pixelBytes
                pixels.append(contentsOf: trial.pixels[at..<at + pixelBytes])
            }
        }
        return pixels
    }

    /// A tile's samples, big endian.
    private func samples(of tile: EncodedTile, _ trial: Trial) throws -> [UInt8] {
        if trial.settings.encoding != .npy { return try PixelDecoder.decode(ImageFile(bytes: tile.bytes)).pixels }
        // Version 1.0: the header's length is in bytes 8 and 9, and the samples, little endian, follow it.
        let start = 10 + Int(tile.bytes[8]) + Int(tile.bytes[9]) << 8
        var samples = Array(tile.bytes[start...])
        if trial.bitDepth == 16 {
            for at in stride(from: 0, to: samples.count - 1, by: 2) { samples.swapAt(at, at + 1) }
        }
        return samples
    }

    @Test(
        "tiles on a grid of 8 or 16 cover every pixel, begin on it, and end on it or with the image",
        arguments: [8, 16]
    )
    func grids(grid: Int) throws {
        var noise = SeededGenerator(seed: UInt64(grid))
        for _ in 0..<1_000 {
            var settings = TilingSettings(
                tileWidth: grid * Int.random(in: 1...40, using: &noise),
                tileHeight: grid * Int.random(in: 1...40, using: &noise),
                overlap: 0
            )
            settings.overlapX = grid * Int.random(in: 0..<settings.tileWidth / grid, using: &noise)
            settings.overlapY = grid * Int.random(in: 0..<settings.tileHeight / grid, using: &noise)
            let width = Int.random(in: 1...1_500, using: &noise)
            let height = Int.random(in: 1...1_500, using: &noise)
            for edge in [EdgePolicy.shift, .crop, .drop] {
                settings.edge = edge
                let plan = try TilePlan(width: width, height: height, settings: settings, grid: (grid, grid))
                for (spans, length) in [(plan.columnSpans, width), (plan.rowSpans, height)] {
                    var covered = 0
                    for span in spans {
                        let end = span.start + span.length
                        #expect(span.start % grid == 0 && (end % grid == 0 || end == length) && end <= length)
                        #expect(span.start <= covered && end > covered && span.valid == span.length)
                        covered = end
                    }
                    #expect(edge == .drop || covered == length, "\(edge) \(length) \(settings)")
                }
                if edge != .drop { #expect(plan.uncoveredPixels == 0) }
            }
        }
    }
}
