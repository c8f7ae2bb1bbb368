import Imaging
import TestSupport
import Testing

@Suite("Tile plan")
struct TilePlanTests {
    static let policies: [EdgePolicy] = [.shift, .crop, .drop, .pad(.constant(0)), .pad(.edge), .pad(.reflect)]

    @Test("covers every pixel and overlaps enough, for 4,000 sizes and every policy", arguments: 0..<40)
    func covers(seed: UInt64) throws {
        var noise = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var settings = TilingSettings(
                tileWidth: Int.random(in: 1...600, using: &noise),
                tileHeight: Int.random(in: 1...600, using: &noise),
                overlap: 0
            )
            settings.overlapX = Int.random(in: 0..<settings.tileWidth, using: &noise)
            settings.overlapY = Int.random(in: 0..<settings.tileHeight, using: &noise)
            let width = Int.random(in: 1...1500, using: &noise)
            let height = Int.random(in: 1...1500, using: &noise)
            for policy in Self.policies {
                settings.edge = policy
                let limits = ImageLimits(maxTiles: 10_000_000)
                let plan = try TilePlan(width: width, height: height, settings: settings, limits: limits)
                let across = Axis(plan.columnSpans, width, settings.tileWidth, settings.overlapX)
                let down = Axis(plan.rowSpans, height, settings.tileHeight, settings.overlapY)
                if policy == .drop {
                    let isSmall = width < settings.tileWidth || height < settings.tileHeight
                    #expect((plan.count == 0) == isSmall)
                    let covered = isSmall ? 0 : across.covered * down.covered
                    #expect(plan.uncoveredPixels == width * height - covered)
                    if isSmall { continue }
                } else {
                    #expect(across.covered == width && down.covered == height && plan.uncoveredPixels == 0)
                }
                for axis in [across, down] { #expect(axis.breach(of: policy) == nil, "\(policy) \(axis)") }
            }
        }
    }

    /// The spans of one axis, and what a policy promises of them.
    private struct Axis {
        let spans: [TileSpan]
        let length: Int
        let tile: Int
        let overlap: Int

        init(_ spans: [TileSpan], _ length: Int, _ tile: Int, _ overlap: Int) {
            self.spans = spans
            self.length = length
            self.tile = tile
            self.overlap = overlap
        }

        /// Pixels from the first on that a tile shows, without a gap.
        var covered: Int {
            spans.reduce(0) { covered, span in
                span.start <= covered ? max(covered, span.start + span.valid) : covered
            }
        }

        func breach(of policy: EdgePolicy) -> String? {
            for span in spans {
                let size = span.valid == min(span.length, length - span.start) && span.valid > 0
                guard size, span.start >= 0, span.start + span.valid <= length else { return "leaves the image" }
                let isWhole =
                    switch policy {
                    case .shift: span.length == min(tile, length)
                    case .crop: span.length == min(tile, length - span.start)
                    case .pad: span.length == tile
                    case .drop: span.length == tile && span.valid == tile
                    }
                guard isWhole else { return "has the wrong length" }
            }
            for (one, next) in zip(spans, spans.dropFirst()) {
                guard next.start > one.start else { return "does not move on" }
                let shared = one.start + one.length - next.start
                guard policy == .shift ? shared >= overlap : shared == overlap else { return "overlaps by \(shared)" }
                // Else it would show nothing that the one before does not.
                guard next.start + next.valid > one.start + one.valid else { return "is within another" }
            }
            return nil
        }
    }

    @Test("windows are row-major and hold rows, columns, sizes and valid areas")
    func windows() throws {
        func places(_ edge: EdgePolicy) throws -> [[Int]] {
            let settings = TilingSettings(tileWidth: 40, tileHeight: 40, overlap: 10, edge: edge)
            return try TilePlan(width: 110, height: 30, settings: settings).windows.map {
                [$0.row, $0.column, $0.x, $0.y, $0.width, $0.height, $0.validWidth, $0.validHeight]
            }
        }
        #expect(
            try places(.shift) == [
                [0, 0, 0, 0, 40, 30, 40, 30], [0, 1, 30, 0, 40, 30, 40, 30], [0, 2, 60, 0, 40, 30, 40, 30],
                [0, 3, 70, 0, 40, 30, 40, 30],
            ]
        )
        #expect(
            try places(.pad(.edge)) == [
                [0, 0, 0, 0, 40, 40, 40, 30], [0, 1, 30, 0, 40, 40, 40, 30], [0, 2, 60, 0, 40, 40, 40, 30],
                [0, 3, 90, 0, 40, 40, 20, 30],
            ]
        )
        #expect(
            try places(.crop) == [
                [0, 0, 0, 0, 40, 30, 40, 30], [0, 1, 30, 0, 40, 30, 40, 30], [0, 2, 60, 0, 40, 30, 40, 30],
                [0, 3, 90, 0, 20, 30, 20, 30],
            ]
        )
        #expect(try places(.drop) == [])
    }

    @Test("20 megapixels give the 104 tiles that everyone expects")
    func survey() throws {
        let plan = try TilePlan(width: 5472, height: 3648, settings: TilingSettings())
        #expect(plan.columns == 13 && plan.rows == 8)
        #expect(plan.columnSpans.suffix(2).map(\.start) == [4928, 4960])
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
            TilingSettings(encoding: .jpeg(quality: 0, subsampling: .s420)),
            TilingSettings(encoding: .jpeg(quality: 101, subsampling: .s420)),
            TilingSettings(edge: .pad(.constant(256))), TilingSettings(blank: .entropy(below: 0)),
            TilingSettings(blank: .noData(share: 1.1, value: 0)), TilingSettings(blank: .noData(share: 1, value: -1)),
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
