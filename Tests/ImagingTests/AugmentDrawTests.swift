import Imaging
import Testing

@Suite("What is drawn for an augmented tile")
struct AugmentDrawTests {
    /// From the known answers that the paper's authors publish with Random123.
    static let known: [(counter: [UInt32], key: [UInt32], answer: [UInt32])] = [
        ([0, 0, 0, 0], [0, 0], [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
        (
            [0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [0xFFFF_FFFF, 0xFFFF_FFFF],
            [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
        ),
        (
            [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0],
            [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
        ),
    ]

    @Test("Philox gives the known answers", arguments: known)
    func philox(vector: (counter: [UInt32], key: [UInt32], answer: [UInt32])) {
        #expect(Philox.block(counter: vector.counter, key: vector.key) == vector.answer)
    }

    @Test("Python draws the same numbers from the documented counters")
    func documented() async throws {
        let bounds = [[-0.2, 0.2], [-1, 1], [0, 0.5], [0.1, 0.9]]
        let steps = try bounds.map {
            try Augmentation(name: "brightness", probability: 1, parameters: ["delta": $0])
        }
        let drawn = Augmenter(steps: steps).draw(key: Samples.key(row: 9, column: 70_000, variant: 2))
        let source = String(repeating: "01", count: 32)
        let recipe = String(repeating: "02", count: 32)
        let expected: [Double] = try await TransformJudge.ask(
            "judge_draws",
            [
                """
                {"source": "\(source)", "recipe": "\(recipe)", "row": 9, "column": 70000, "variant": 2,
                 "bounds": \(bounds)}
                """
            ]
        )
        #expect(drawn.map { $0.parameters["delta"] } == expected.map { [$0] })
    }

    @Test("a key gives the same steps each time, and every part of it matters")
    func keys() throws {
        let augmenter = Augmenter(steps: try Samples.recipe(probability: 0.7))
        let first = augmenter.draw(key: Samples.key())
        #expect(first == augmenter.draw(key: Samples.key()))
        for other in [
            Samples.key(row: 4), Samples.key(column: 6), Samples.key(variant: 1), Samples.key(recipe: 3),
            AugmentationKey(
                source: [UInt8](repeating: 9, count: 32),
                recipe: [UInt8](repeating: 2, count: 32),
                row: 3,
                column: 5,
                variant: 0
            ),
        ] {
            #expect(first != augmenter.draw(key: other))
        }
    }

    @Test("probability 0 is never and 1 is always")
    func certain() throws {
        let never = Augmenter(steps: try Samples.recipe(probability: 0))
        let always = Augmenter(steps: try Samples.recipe(probability: 1))
        for variant in 0..<500 {
            #expect(never.draw(key: Samples.key(variant: variant)).isEmpty)
            #expect(always.draw(key: Samples.key(variant: variant)).map(\.name) == always.steps.map(\.name))
        }
    }

    @Test("a probability is met, and drawn numbers fill their bounds evenly")
    func distribution() throws {
        let step = try Augmentation(name: "rotate", probability: 0.25, parameters: ["degrees": [-30, 10]])
        let turns = try Augmentation(name: "rotate-90", probability: 1, parameters: ["turns": [1, 3]])
        let augmenter = Augmenter(steps: [step, turns])
        var degrees: [Double] = []
        var quarter: [Double: Int] = [:]
        for variant in 0..<8_000 {
            for applied in augmenter.draw(key: Samples.key(variant: variant)) {
                degrees += applied.parameters["degrees"] ?? []
                for turn in applied.parameters["turns"] ?? [] { quarter[turn, default: 0] += 1 }
            }
        }
        // Five standard deviations of each count or mean.
        #expect(abs(degrees.count - 2_000) < 194)
        #expect(degrees.allSatisfy { $0 >= -30 && $0 <= 10 })
        let mean = degrees.reduce(0, +) / Double(degrees.count)
        #expect(abs(mean + 10) < 1.3)
        #expect(Set(quarter.keys) == [1, 3])
        #expect(abs((quarter[1] ?? 0) - 4_000) < 224)
    }

    @Test("a step draws the same whatever those before it draw")
    func independence() throws {
        let noise = try Augmentation(name: "noise", probability: 1, parameters: ["sigma": [0, 0.1]])
        func last(holes: Double) throws -> AppliedStep? {
            let dropout = try Augmentation(
                name: "dropout",
                probability: 1,
                parameters: ["holes": [holes, holes], "size": [0.1, 0.2]]
            )
            return Augmenter(steps: [dropout, noise]).draw(key: Samples.key()).last
        }
        #expect(try last(holes: 0) == last(holes: 200))
    }

    @Test("holes and qualities are whole and stay in their bounds")
    func whole() throws {
        let steps = [
            try Augmentation(name: "dropout", probability: 1, parameters: ["holes": [2, 4], "size": [0.1, 0.3]]),
            try Augmentation(name: "jpeg", probability: 1, parameters: ["quality": [50, 52]]),
        ]
        var holes: Set<Int> = []
        var qualities: Set<Double> = []
        for variant in 0..<200 {
            let drawn = Augmenter(steps: steps).draw(key: Samples.key(variant: variant))
            holes.insert(drawn[0].parameters["x"]?.count ?? -1)
            qualities.formUnion(drawn[1].parameters["quality"] ?? [])
        }
        #expect(holes == [2, 3, 4])
        #expect(qualities == [50, 51, 52])
    }
}
