import Imaging
import Synchronization
import TestSupport

/// Images that the tests make for themselves.
enum Samples {
    /// Pixels without order, and the PNG file that holds them.
    static func noise(
        width: Int,
        height: Int,
        channels: Int,
        bitDepth: Int = 8,
        seed: UInt64 = 1
    ) throws -> (pixels: [UInt8], file: [UInt8]) {
        var noise = SeededGenerator(seed: seed)
        let pixels = (0..<width * height * channels * bitDepth / 8).map { _ in
            UInt8.random(in: 0...255, using: &noise)
        }
        let file = try PNGEncoder.encode(
            pixels: pixels,
            width: width,
            height: height,
            channels: channels,
            bitDepth: bitDepth
        )
        return (pixels, file)
    }

    /// A slope with a little noise on it, which is what photographs are like to a compressor.
    static func photograph(width: Int, height: Int, channels: Int, seed: UInt64 = 1) -> [UInt8] {
        var noise = SeededGenerator(seed: seed)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * channels)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<channels {
                    let slope = x * (channel + 1) + y * 2 + (x / 16 + y / 16) % 2 * 40
                    pixels.append(
                        UInt8(truncatingIfNeeded: slope % 200 + Int(UInt8.random(in: 0...15, using: &noise)))
                    )
                }
            }
        }
        return pixels
    }

    /// A small JPEG of 4:2:0 RGB.
    static func jpeg(
        width: Int = 160,
        height: Int = 120,
        channels: Int = 3,
        quality: Int = 90
    ) throws -> [UInt8] {
        try JPEGEncoder.encode(
            pixels: photograph(width: width, height: height, channels: channels),
            width: width,
            height: height,
            channels: channels,
            quality: quality
        )
    }

    /// The code that decoding and cutting a file ends with; nil where it gives pixels.
    static func verdict(_ bytes: [UInt8]) -> ImagingError? {
        do {
            _ = try PixelDecoder.decode(ImageFile(bytes: bytes), limits: ImageLimits(maxPixels: 4_000_000))
            return nil
        } catch {
            return error
        }
    }

    /// All tiles of a file, row by row; `workers` threads make them.
    static func tiles(
        _ bytes: [UInt8],
        orientation: Orientation = .up,
        settings: TilingSettings = TilingSettings(tileWidth: 64, tileHeight: 48, overlap: 8),
        workers: Int = 1
    ) throws -> (result: TilingResult, tiles: [EncodedTile]) {
        let cut = try cut(bytes, orientation: orientation, settings: settings, workers: workers)
        return (cut.result, cut.tiles)
    }

    /// What became of every window of a file, row by row.
    static func cut(
        _ bytes: [UInt8],
        orientation: Orientation = .up,
        settings: TilingSettings,
        workers: Int = 1
    ) throws -> (result: TilingResult, tiles: [EncodedTile], skipped: [SkippedTile]) {
        let made = Mutex<[EncodedTile]>([])
        let skipped = Mutex<[SkippedTile]>([])
        let result = try Tiler.cut(
            ImageFile(bytes: bytes),
            as: Appearance(orientation: orientation),
            settings: settings,
            crew: TileCrew(workers: workers)
        ) { tile in
            switch tile {
            case .made(let tile): made.withLock { $0.append(tile) }
            case .skipped(let tile): skipped.withLock { $0.append(tile) }
            }
        }
        func isBefore(_ one: TileWindow, _ other: TileWindow) -> Bool {
            (one.row, one.column) < (other.row, other.column)
        }
        return (
            result, made.withLock { $0 }.sorted { isBefore($0.window, $1.window) },
            skipped.withLock { $0 }.sorted { isBefore($0.window, $1.window) }
        )
    }
}
