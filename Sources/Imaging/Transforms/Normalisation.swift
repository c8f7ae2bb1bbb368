/// How levels are mapped to those that a model is trained on; per channel, alpha aside.
package enum Normalisation: Sendable, Equatable {
    /// What minimum, maximum and percentiles are taken of.
    package enum Scope: String, Sendable, CaseIterable {
        case tile
        case image
    }

    /// Levels keep their meaning: u8 to u16 is times 257, u16 to u8 is divided by that and rounded; floating point holds
    /// the level itself, 0 to 255 or 65,535 (in f16 at most 65,504, its greatest number).
    case none
    /// The lowest level becomes 0 and the highest the output's maximum, which is 1 in floating point.
    case minMax(scope: Scope)
    /// The same between two percentiles, by nearest rank; levels beyond them are clamped.
    case percentile(low: Double, high: Double, scope: Scope)
    /// (level / maximum - mean) / deviation, as `Normalize` of Albumentations; floating point only. One value each, or
    /// one a colour channel.
    case meanStd(mean: [Double], std: [Double])

    /// Whether ranges of the whole image are needed, so that it has to be read before its first tile.
    package var needsImageRanges: Bool {
        switch self {
        case .minMax(.image), .percentile(_, _, .image): true
        default: false
        }
    }

    func check(output: SampleType) throws(ImagingError) {
        switch self {
        case .none, .minMax:
            return
        case .percentile(let low, let high, _):
            guard low >= 0, low < high, high <= 100 else {
                throw ImagingError(
                    .invalidSettings,
                    "percentiles \(low) and \(high) are not in order between 0 and 100, such as 2 and 98"
                )
            }
        case .meanStd(let mean, let std):
            guard !output.isInteger else {
                throw ImagingError(
                    .invalidSettings,
                    "mean and deviation give numbers below 0; take f16 or f32 samples, not \(output.rawValue)"
                )
            }
            guard mean.count == std.count, mean.count == 1 || mean.count == 3,
                mean.allSatisfy({ $0.isFinite && abs($0) <= 1e6 }), std.allSatisfy({ $0 >= 1e-6 && $0 <= 1e6 })
            else {
                throw ImagingError(
                    .invalidSettings,
                    "mean and std take 1 or 3 numbers each, as shares of the greatest level; deviations are above 0"
                )
            }
        }
    }
}
