import CImaging

/// The weights of a sampled Gaussian in 1/65,536: the middle's, then those of each distance.
enum GaussianWeights {
    /// Reaches as far as Pillow and Albumentations do: 3.5 deviations, rounded down.
    ///
    /// What rounding leaves over or takes too much is the middle's.
    static func weights(sigma: Double) -> [UInt32] {
        let radius = Int((sigma * 3.5).rounded(.down))
        guard radius > 0 else { return [65_536] }
        let heights = (0...radius).map { distance in
            StableMath.exponential(-Double(distance * distance) / (2 * sigma * sigma))
        }
        let sum = heights.dropFirst().reduce(1) { $0 + 2 * $1 }
        let sides = heights.dropFirst().map { UInt32(($0 / sum * 65_536).rounded()) }
        return [65_536 - 2 * sides.reduce(0, +)] + sides
    }
}

extension PixelTile {
    /// Blurred with a Gaussian, rows and then columns, reflected at the border; below a deviation of 2/7 of a pixel
    /// nothing is.
    func blurred(sigma: Double) throws(ImagingError) -> PixelTile {
        let weights = GaussianWeights.weights(sigma: sigma)
        if weights.count == 1 { return self }
        var result = try unsafe mapped(by: "blur") { from, shape, to, failure in
            unsafe imaging_blur(from, shape, weights, UInt32(weights.count - 1), to, failure)
        }
        result.takeAlpha(of: self)
        return result
    }
}
