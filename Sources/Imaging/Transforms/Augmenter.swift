/// Draws what a recipe does to a tile, and does it.
///
/// Drawing and doing are apart, so that the log can hold what was drawn and a tile can be made again from that alone.
package struct Augmenter: Sendable, Equatable {
    package let steps: [Augmentation]

    package init(steps: [Augmentation]) {
        self.steps = steps
    }

    /// What is to be done to the tile of a key, in the recipe's order; steps that chance leaves out are not there.
    package func draw(key: AugmentationKey) -> [AppliedStep] {
        steps.enumerated().compactMap { index, step in
            var source = DrawSource(key: key, step: index)
            guard source.share() < step.probability else { return nil }
            return AppliedStep(name: step.name, parameters: step.draw(from: &source))
        }
    }

    /// Does steps to a tile of u8 or u16, one after the other.
    ///
    /// Turns that follow each other are one pass, and so are brightness, contrast and gamma. Each step but `jpeg` gives
    /// the same bytes on every machine.
    package static func apply(_ steps: [AppliedStep], to tile: PixelTile) throws(ImagingError) -> PixelTile {
        _ = try tile.shape(for: "augmentation")
        var result = tile
        for step in TileStep.merged(try steps.map { (step) throws(ImagingError) in try TileStep(step) }) {
            try step.apply(to: &result)
        }
        return result
    }
}
