import CImaging

/// Normal numbers in 65,536 equally likely steps.
enum NormalLevels {
    /// The quantiles in the middle of each step above the median; those below are their negatives.
    ///
    /// They reach to 4.2 deviations.
    private static let quantiles: [Double] = (0..<32_768).map { step in
        StableMath.normalQuantile(0.5 + (Double(step) + 0.5) / 65_536)
    }

    /// The levels to add for a deviation in levels, which is at most 65,535.
    static func amounts(deviation: Double) -> [Int32] {
        quantiles.map { Int32(($0 * deviation + 0.5).rounded(.down)) }
    }
}

extension PixelTile {
    /// Adds to each colour sample a normal number that is a function of `seed` and the sample's place alone.
    mutating func addNoise(sigma: Double, seed: [UInt32]) throws(ImagingError) {
        if sigma == 0 { return }
        let amounts = NormalLevels.amounts(deviation: sigma * (sample == .u8 ? 255 : 65_535))
        try unsafe change(by: "noise") { samples, shape, failure in
            unsafe imaging_add_noise(samples, shape, seed, amounts, failure)
        }
    }
}
