import Imaging
import Testing

@Suite("Settings of augmentations")
struct AugmentSettingsTests {
    @Test("all names are known, and defaults are filled in")
    func names() throws {
        #expect(try Samples.recipe().map(\.name) == Augmentation.names)
        let turns = try Augmentation(name: "rotate-90", probability: 0.5)
        #expect(turns.parameters == ["turns": [1, 2, 3]])
        let hue = try Augmentation(name: "hue-saturation", probability: 0.5, parameters: ["hue": [-5, 5]])
        #expect(hue.parameters == ["hue": [-5, 5], "saturation": [0, 0], "value": [0, 0]])
    }

    static let wrong: [(name: String, probability: Double, parameters: [String: [Double]], says: String)] = [
        ("shear", 1, [:], "there are flip-horizontal, flip-vertical"),
        ("flip-vertical", -0.1, [:], "between 0 and 1"),
        ("flip-vertical", 1.5, [:], "between 0 and 1"),
        ("flip-vertical", .nan, [:], "between 0 and 1"),
        ("flip-vertical", 1, ["turns": [1]], "takes none"),
        ("rotate", 1, [:], "degrees is missing"),
        ("rotate", 1, ["angle": [1, 2], "degrees": [1, 2]], "no parameter \"angle\"; there are degrees"),
        ("rotate", 1, ["degrees": [-46, 0]], "between -45 and 45"),
        ("rotate", 1, ["degrees": [5, -5]], "[least, greatest]"),
        ("rotate", 1, ["degrees": [5]], "[least, greatest]"),
        ("rotate", 1, ["degrees": [0, .infinity]], "between -45 and 45"),
        ("rotate", 1, ["degrees": [.nan, 1]], "between -45 and 45"),
        ("rotate-90", 1, ["turns": []], "one or more different"),
        ("rotate-90", 1, ["turns": [0, 1]], "between 1 and 3"),
        ("rotate-90", 1, ["turns": [1, 1]], "different"),
        ("rotate-90", 1, ["turns": [1.5]], "whole numbers"),
        ("scale-crop", 1, ["scale": [0.05, 1]], "between 0.1 and 1"),
        ("dropout", 1, ["holes": [1, 300], "size": [0, 1]], "between 0 and 256"),
        ("dropout", 1, ["holes": [1, 3], "size": [0, 1], "fill": [0, 1]], "give one number"),
        ("jpeg", 1, ["quality": [0, 90]], "between 1 and 100"),
    ]

    @Test("what cannot be is refused with what can", arguments: wrong)
    func refused(
        settings: (name: String, probability: Double, parameters: [String: [Double]], says: String)
    ) throws {
        let error = #expect(throws: ImagingError.self) {
            try Augmentation(
                name: settings.name,
                probability: settings.probability,
                parameters: settings.parameters
            )
        }
        #expect(error?.code == .invalidSettings)
        #expect(error?.message.contains(settings.says) == true, "\(error?.message ?? "")")
    }

    static let forged = [
        AppliedStep(name: "shear"),
        AppliedStep(name: "rotate"),
        AppliedStep(name: "rotate", parameters: ["degrees": [90]]),
        AppliedStep(name: "rotate", parameters: ["degrees": [1, 2]]),
        AppliedStep(name: "rotate-90", parameters: ["turns": [1.5]]),
        AppliedStep(name: "scale-crop", parameters: ["scale": [0.5], "x": [1.5], "y": [0]]),
        AppliedStep(name: "gamma", parameters: ["gamma": [.nan]]),
        AppliedStep(name: "noise", parameters: ["sigma": [0.1], "seed": [1, 0x1p32]]),
        AppliedStep(name: "noise", parameters: ["sigma": [0.1], "seed": [1]]),
        AppliedStep(
            name: "dropout",
            parameters: ["x": [0, 1], "y": [0], "width": [0.1, 0.1], "height": [0.1, 0.1], "fill": [0]]
        ),
        AppliedStep(name: "jpeg", parameters: ["quality": [101]]),
    ]

    @Test("steps that no recipe gives are refused, not done", arguments: forged)
    func applied(step: AppliedStep) throws {
        let tile = try Samples.tile(width: 8, height: 8)
        #expect(throws: ImagingError.Code.invalidSettings) {
            try codes { () throws(ImagingError) in try Augmenter.apply([step], to: tile) }
        }
    }

    @Test("floating point tiles and JPEG of 16 bits are refused")
    func samples() throws {
        let float = try PixelTile(
            width: 1,
            height: 1,
            channels: 1,
            sample: .f32,
            bytes: [0, 0, 0, 0]
        )
        #expect(throws: ImagingError.self) { try Augmenter.apply([], to: float) }
        let deep = try Samples.tile(width: 8, height: 8, sample: .u16)
        let jpeg = AppliedStep(name: "jpeg", parameters: ["quality": [90]])
        #expect(throws: ImagingError.self) { try Augmenter.apply([jpeg], to: deep) }
    }
}
