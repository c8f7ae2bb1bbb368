import Imaging
import Testing

@Suite("Augmented tiles")
struct AugmentTileTests {
    @Test("a key gives the same bytes, in one thread or in many, and other variants others")
    func determinism() async throws {
        let tile = try Samples.tile(width: 96, height: 64)
        let augmenter = Augmenter(steps: try Samples.recipe(probability: 0.6))
        let alone = try (0..<24).map { try Augmenter.apply(augmenter.draw(key: Samples.key(variant: $0)), to: tile) }
        let together = try await withThrowingTaskGroup(of: (Int, PixelTile).self) { group in
            for variant in 0..<24 {
                group.addTask {
                    (variant, try Augmenter.apply(augmenter.draw(key: Samples.key(variant: variant)), to: tile))
                }
            }
            return try await group.reduce(into: [Int: PixelTile]()) { $0[$1.0] = $1.1 }
        }
        for (variant, tile) in alone.enumerated() { #expect(together[variant] == tile) }
        #expect(Set(alone.map(\.bytes)).count == 24)
    }

    static let identities = [
        AppliedStep(name: "rotate", parameters: ["degrees": [0]]),
        AppliedStep(name: "scale-crop", parameters: ["scale": [1], "x": [0.7], "y": [0.2]]),
        AppliedStep(name: "brightness", parameters: ["delta": [0]]),
        AppliedStep(name: "contrast", parameters: ["factor": [1]]),
        AppliedStep(name: "gamma", parameters: ["gamma": [1]]),
        AppliedStep(name: "hue-saturation", parameters: ["hue": [0], "saturation": [0], "value": [0]]),
        AppliedStep(name: "blur", parameters: ["sigma": [0]]),
        AppliedStep(name: "noise", parameters: ["sigma": [0], "seed": [1, 2]]),
        AppliedStep(
            name: "dropout",
            parameters: ["x": [], "y": [], "width": [], "height": [], "fill": [0]]
        ),
    ]

    @Test("parameters that ask for nothing change nothing", arguments: identities)
    func identity(step: AppliedStep) throws {
        for channels in 1...4 {
            for sample in [SampleType.u8, .u16] {
                let tile = try Samples.tile(.noise, channels: channels, sample: sample)
                #expect(try Augmenter.apply([step], to: tile) == tile)
            }
        }
    }

    @Test("steps that are made one give what they give one by one")
    func merged() throws {
        let flips = [
            AppliedStep(name: "flip-horizontal"), AppliedStep(name: "rotate-90", parameters: ["turns": [1]]),
            AppliedStep(name: "flip-vertical"), AppliedStep(name: "rotate-90", parameters: ["turns": [3]]),
            AppliedStep(name: "rotate-90", parameters: ["turns": [2]]),
        ]
        let tones = [
            AppliedStep(name: "brightness", parameters: ["delta": [0.4]]),
            AppliedStep(name: "contrast", parameters: ["factor": [0.6]]),
            AppliedStep(name: "gamma", parameters: ["gamma": [1.8]]),
        ]
        for sample in [SampleType.u8, .u16] {
            let tile = try Samples.tile(channels: 4, sample: sample)
            let steps = flips + tones + flips.prefix(3) + tones
            let one = try steps.reduce(tile) { try Augmenter.apply([$1], to: $0) }
            #expect(try Augmenter.apply(steps, to: tile) == one)
        }
    }

    @Test("four quarter turns, and two flips, give the tile back", arguments: 1...4)
    func turns(channels: Int) throws {
        let tile = try Samples.tile(width: 70, height: 33, channels: channels)
        let quarter = AppliedStep(name: "rotate-90", parameters: ["turns": [1]])
        let turned = try Augmenter.apply([quarter], to: tile)
        #expect(turned.width == 33 && turned.height == 70)
        let back = try (0..<3).reduce(turned) { tile, _ in try Augmenter.apply([quarter], to: tile) }
        #expect(back == tile)
        for name in ["flip-horizontal", "flip-vertical"] {
            let flipped = try Augmenter.apply([AppliedStep(name: name)], to: tile)
            #expect(flipped != tile)
            #expect(try Augmenter.apply([AppliedStep(name: name)], to: flipped) == tile)
        }
    }

    @Test("changes of colour leave alpha alone", arguments: [2, 4])
    func alpha(channels: Int) throws {
        let steps = Augmenter(steps: Array(try Samples.recipe().dropFirst(5))).draw(key: Samples.key())
        #expect(steps.count == 8)
        let tile = try Samples.tile(.noise, channels: channels)
        for step in steps {
            let result = try Augmenter.apply([step], to: tile)
            #expect(result != tile, "\(step.name)")
            for index in stride(from: channels - 1, to: tile.bytes.count, by: channels)
            where result.bytes[index] != tile.bytes[index] {
                Issue.record("\(step.name) changed alpha")
                break
            }
        }
    }

    @Test(
        "the smallest and the thinnest tiles are done too",
        arguments: [(1, 1), (1, 300), (300, 1), (2, 2), (700, 3)]
    )
    func thin(width: Int, height: Int) throws {
        for channels in 1...4 {
            for sample in [SampleType.u8, .u16] {
                let tile = try Samples.tile(.noise, width: width, height: height, channels: channels, sample: sample)
                let recipe = try Samples.recipe().filter { sample == .u8 || $0.name != "jpeg" }
                for variant in 0..<5 {
                    let steps = Augmenter(steps: recipe).draw(key: Samples.key(variant: variant))
                    let result = try Augmenter.apply(steps, to: tile)
                    #expect(result.bytes.count == tile.bytes.count)
                }
            }
        }
    }

    /// The digest was computed on x86-64 and holds for all versions of the kernels and all processors.
    @Test("the bytes are those of every machine")
    func pinned() throws {
        let recipe = try Samples.recipe().filter { $0.name != "jpeg" }
        let steps = Augmenter(steps: recipe).draw(key: Samples.key())
        var digests: [String] = []
        for sample in [SampleType.u8, .u16] {
            let tile = try Samples.tile(width: 96, height: 64, sample: sample)
            let result = try Augmenter.apply(steps, to: tile)
            let digest = ImageFile(bytes: result.bytes).sha256
            digests.append(digest.prefix(8).map { String(($0 >> 4), radix: 16) + String($0 & 15, radix: 16) }.joined())
        }
        #expect(digests == ["caf53c5e5e919276", "ffd1a91f45fd7f2c"])
    }
}
