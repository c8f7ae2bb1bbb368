import Imaging
import Testing

@Suite("Normalisation", .timeLimit(.minutes(5)))
struct NormalisationTests {
    private static var methods: [(facts: [String: Any], normalisation: Normalisation)] {
        [
            (["method": "none"], .none),
            (["method": "range", "low": 0, "high": 100], .minMax(scope: .tile)),
            (["method": "range", "low": 2, "high": 98], .percentile(low: 2, high: 98, scope: .tile)),
            (["method": "range", "low": 25, "high": 50], .percentile(low: 25, high: 50, scope: .tile)),
            (["method": "range", "ranges": [[20, 180], [0, 255], [90, 90]]], .minMax(scope: .image)),
        ]
    }
    private static let imageRanges = [
        ChannelRange(low: 20, high: 180), ChannelRange(low: 0, high: 255), ChannelRange(low: 90, high: 90),
    ]

    /// NumPy computes in double precision and rounds once to f32; halves are rounded from that.
    @Test("gives NumPy's numbers to the last bit", arguments: [SampleType.u8, .u16], SampleType.allCases)
    func numpy(input: SampleType, output: SampleType) async throws {
        let judge = try TransformJudge()
        for (width, height) in [(61, 43), (7, 5), (1, 1)] {
            for channels in 1...4 {
                let tile = try Samples.tile(width: width, height: height, channels: channels, sample: input)
                for (facts, normalisation) in Self.methods {
                    let normaliser = try Normaliser(normalisation, output: output)
                    try judge.add(facts, from: tile, to: normaliser.apply(tile, imageRanges: Self.imageRanges))
                }
                if output.isInteger { continue }
                let (mean, std) = channels < 3 ? ([0.485], [0.229]) : ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
                let normaliser = try Normaliser(.meanStd(mean: mean, std: std), output: output)
                try judge.add(
                    ["method": "mean-std", "mean": mean, "std": std],
                    from: tile,
                    to: normaliser.apply(tile)
                )
            }
        }
        let verdicts: [TransformJudge.Verdict] = try await judge.verdicts(of: "judge_normalisation")
        #expect(verdicts.count == (output.isInteger ? 60 : 72))
        for (index, verdict) in verdicts.enumerated() { #expect(verdict.max == 0, "case \(index): \(verdict)") }
    }

    @Test("no normalisation to the same samples changes nothing; 8 bits come back from 16")
    func identity() throws {
        for sample in [SampleType.u8, .u16] {
            let tile = try Samples.tile(channels: 4, sample: sample)
            #expect(try Normaliser(.none, output: sample).apply(tile) == tile)
        }
        let tile = try Samples.tile(.noise, channels: 4)
        let wide = try Normaliser(.none, output: .u16).apply(tile)
        #expect(try Normaliser(.none, output: .u8).apply(wide) == tile)
    }

    @Test("a constant channel becomes 0", arguments: SampleType.allCases)
    func constant(output: SampleType) throws {
        let tile = try PixelTile(
            width: 4,
            height: 4,
            channels: 1,
            sample: .u8,
            bytes: [UInt8](repeating: 77, count: 16)
        )
        let result = try Normaliser(.minMax(scope: .tile), output: output).apply(tile)
        #expect(result.bytes.allSatisfy { $0 == 0 })
    }

    @Test("histograms of parts add up to that of the whole")
    func histogram() throws {
        let tile = try Samples.tile(.noise, width: 40, height: 30, sample: .u16)
        var sum = try Histogram(channels: 3, sample: .u16)
        for part in 0..<3 {
            let size = tile.bytes.count / 3
            let bytes = Array(tile.bytes[part * size..<(part + 1) * size])
            let strip = try PixelTile(width: 40, height: 10, channels: 3, sample: .u16, bytes: bytes)
            try sum.add(Histogram(of: strip))
        }
        #expect(try sum == Histogram(of: tile))
        #expect(sum.counts.reduce(0, +) == 3_600)
        #expect(throws: ImagingError.self) { try sum.add(Histogram(channels: 3, sample: .u8)) }
        #expect(throws: ImagingError.self) { try Histogram(channels: 3, sample: .f32) }
        #expect(try Histogram(channels: 1, sample: .u8).ranges() == [ChannelRange(low: 0, high: 0)])
    }

    @Test("percentiles are by nearest rank", arguments: [(0.0, 15), (5, 15), (30, 20), (40, 20), (50, 35), (100, 50)])
    func nearestRank(percentile: Double, level: Int) throws {
        let tile = try PixelTile(width: 5, height: 1, channels: 1, sample: .u8, bytes: [50, 15, 40, 20, 35])
        #expect(try Histogram(of: tile).ranges(low: percentile)[0].low == level)
    }

    @Test("levels of a whole image count to the end of rows longer than a tile can be")
    func longRows() throws {
        let width = 70_000
        var pixels = [UInt8](repeating: 100, count: width * 8)
        pixels[width - 2] = 0
        pixels[width - 1] = 250
        let file = try PNGEncoder.encode(pixels: pixels, width: width, height: 8, channels: 1)
        let settings = TilingSettings(
            tileWidth: 16_384,
            tileHeight: 8,
            overlap: 0,
            normalisation: .minMax(scope: .image)
        )
        let first = try #require(try Samples.tiles(file, settings: settings).tiles.first)
        let decoded = try PixelDecoder.decode(ImageFile(bytes: first.bytes))
        #expect(decoded.pixels.allSatisfy { $0 == 102 })
    }

    @Test("settings that contradict each other are refused")
    func refused() throws {
        let wrong: [(Normalisation, SampleType)] = [
            (.percentile(low: 98, high: 2, scope: .tile), .u8), (.percentile(low: -1, high: 2, scope: .tile), .u8),
            (.percentile(low: .nan, high: 2, scope: .tile), .u8), (.percentile(low: 1, high: 101, scope: .tile), .u8),
            (.meanStd(mean: [0.5], std: [0.5]), .u8), (.meanStd(mean: [0.5], std: [0]), .f32),
            (.meanStd(mean: [0.5, 0.5], std: [0.5, 0.5]), .f32), (.meanStd(mean: [], std: []), .f32),
            (.meanStd(mean: [0.5, 0.5, 0.5], std: [0.5]), .f32), (.meanStd(mean: [.infinity], std: [1]), .f16),
        ]
        for (normalisation, output) in wrong {
            #expect(throws: ImagingError.self, "\(normalisation)") { try Normaliser(normalisation, output: output) }
        }
        let grey = try Samples.tile(channels: 1)
        let three = try Normaliser(.meanStd(mean: [0, 0, 0], std: [1, 1, 1]), output: .f32)
        #expect(throws: ImagingError.self) { try three.apply(grey) }
        #expect(throws: ImagingError.self) { try Normaliser(.minMax(scope: .image), output: .u8).apply(grey) }
        let float = try Normaliser(.none, output: .f32).apply(grey)
        #expect(throws: ImagingError.self) { try Normaliser(.none, output: .f32).apply(float) }
    }
}
