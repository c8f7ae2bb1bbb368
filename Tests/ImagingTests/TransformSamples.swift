import Imaging
import TestSupport

extension Samples {
    /// What tiles are made of in the tests of transforms.
    enum Content: String, CaseIterable {
        /// Slopes, edges and a little noise.
        case photograph
        /// No two neighbours alike, which is hard on whoever interpolates.
        case noise
    }

    static func tile(
        _ content: Content = .photograph,
        width: Int = 61,
        height: Int = 43,
        channels: Int = 3,
        sample: SampleType = .u8
    ) throws -> PixelTile {
        let count = width * height * channels
        var noise = SeededGenerator(seed: 77)
        let levels: [UInt8] =
            switch content {
            case .photograph: photograph(width: width, height: height, channels: channels)
            case .noise: (0..<count).map { _ in UInt8.random(in: 0...255, using: &noise) }
            }
        var bytes = levels
        if sample == .u16 {
            let words = levels.map { UInt16($0) << 8 | UInt16(UInt8.random(in: 0...255, using: &noise)) }
            bytes = unsafe words.withUnsafeBytes { unsafe Array($0) }
        }
        return try PixelTile(width: width, height: height, channels: channels, sample: sample, bytes: bytes)
    }

    /// A key that depends on what is told.
    static func key(row: Int = 3, column: Int = 5, variant: Int = 0, recipe: UInt8 = 2) -> AugmentationKey {
        AugmentationKey(
            source: [UInt8](repeating: 1, count: 32),
            recipe: [UInt8](repeating: recipe, count: 32),
            row: row,
            column: column,
            variant: variant
        )
    }

    /// A recipe of all steps, each of them certain.
    static func recipe(probability: Double = 1) throws -> [Augmentation] {
        try [
            ("flip-horizontal", [:]), ("flip-vertical", [:]), ("rotate-90", [:]), ("rotate", ["degrees": [-20, 20]]),
            ("scale-crop", ["scale": [0.5, 1]]), ("brightness", ["delta": [-0.2, 0.2]]),
            ("contrast", ["factor": [0.8, 1.2]]), ("gamma", ["gamma": [0.7, 1.4]]),
            ("hue-saturation", ["hue": [-20, 20], "saturation": [-0.2, 0.2], "value": [-0.1, 0.1]]),
            ("blur", ["sigma": [0.5, 2]]), ("noise", ["sigma": [0.01, 0.05]]),
            ("dropout", ["holes": [1, 8], "size": [0.05, 0.2], "fill": [0.5]]), ("jpeg", ["quality": [60, 95]]),
        ].map { try Augmentation(name: $0.0, probability: probability, parameters: $0.1) }
    }
}
