import Imaging
import Testing

@Suite("Tile plan")
struct TilePlanTests {
    @Test("covers every pixel, stays inside and overlaps enough, for 4,000 sizes", arguments: 0..<40)
    func covers(seed: UInt64) throws {
        var noise = Samples.Noise(state: seed)
        for _ in 0..<100 {
            let tileWidth = Int.random(in: 1...600, using: &noise)
            let tileHeight = Int.random(in: 1...600, using: &noise)
            let settings = TilingSettings(
                tileWidth: tileWidth,
                tileHeight: tileHeight,
                overlap: Int.random(in: 0..<min(tileWidth, tileHeight), using: &noise)
            )
            let width = Int.random(in: 1...1500, using: &noise)
            let height = Int.random(in: 1...1500, using: &noise)
            let limits = ImageLimits(maxTiles: 10_000_000)
            let plan = try TilePlan(width: width, height: height, settings: settings, limits: limits)
            for (starts, length, tile) in [
                (plan.columnStarts, width, plan.tileWidth), (plan.rowStarts, height, plan.tileHeight),
            ] {
                #expect(starts.first == 0)
                #expect(starts.last.map { $0 + tile } == length)
                for (one, next) in zip(starts, starts.dropFirst()) {
                    #expect(next > one)
                    #expect(one + tile - next >= settings.overlap)
                }
                #expect(
                    tile == min(length, tile == plan.tileWidth && length == width ? tileWidth : tileHeight)
                )
            }
        }
    }

    @Test("windows are row-major and hold rows, columns and one size")
    func windows() throws {
        let plan = try TilePlan(
            width: 100,
            height: 30,
            settings: TilingSettings(tileWidth: 40, tileHeight: 40, overlap: 10)
        )
        #expect(
            plan.windows == [
                TileWindow(row: 0, column: 0, x: 0, y: 0, width: 40, height: 30),
                TileWindow(row: 0, column: 1, x: 30, y: 0, width: 40, height: 30),
                TileWindow(row: 0, column: 2, x: 60, y: 0, width: 40, height: 30),
            ]
        )
    }

    @Test("20 megapixels give the 104 tiles that everyone expects")
    func survey() throws {
        let plan = try TilePlan(width: 5472, height: 3648, settings: TilingSettings())
        #expect(plan.columns == 13 && plan.rows == 8)
        #expect(plan.columnStarts.suffix(2) == [4928, 4960])
    }

    @Test("too many tiles are refused before any is made")
    func tooMany() {
        let settings = TilingSettings(tileWidth: 2, tileHeight: 2, overlap: 1)
        #expect(throws: ImagingError.Code.tooManyTiles) {
            try codes { () throws(ImagingError) in
                try TilePlan(width: 1 << 31, height: 1 << 31, settings: settings)
            }
        }
    }

    @Test(
        "settings that contradict themselves are refused",
        arguments: [
            TilingSettings(tileWidth: 0), TilingSettings(tileHeight: -1), TilingSettings(tileWidth: 16_385),
            TilingSettings(overlap: 512), TilingSettings(overlap: -1),
            TilingSettings(encoding: .jpeg(quality: 0)),
            TilingSettings(encoding: .jpeg(quality: 101)),
        ]
    )
    func contradictions(settings: TilingSettings) {
        #expect(throws: ImagingError.Code.invalidSettings) {
            try codes { () throws(ImagingError) in try TilePlan(width: 9, height: 9, settings: settings) }
        }
    }
}

extension ImagingError.Code: Error {}

/// Runs `body` and throws only the code of its error, which is what most tests compare.
func codes<Result>(_ body: () throws(ImagingError) -> Result) throws(ImagingError.Code) -> Result {
    do {
        return try body()
    } catch {
        throw error.code
    }
}
