/// What a normalisation makes of the levels of one channel.
enum LevelCurve: Equatable {
    case same
    /// From a range to all of the output's, clamped.
    case stretch(ChannelRange)
    case standardise(mean: Double, std: Double)

    /// The entries of the table for 256 or 65,536 levels, in native byte order.
    func entries(levels: Int, output: SampleType) -> [UInt8] {
        switch output {
        case .u8:
            return (0..<levels).map { UInt8(whole($0, from: levels - 1, to: 255)) }
        case .u16:
            return LookupTables.bytes(of: (0..<levels).map { UInt16(whole($0, from: levels - 1, to: 65_535)) })
        case .f16:
            // Infinity is no level: what is beyond the greatest half becomes that.
            let floats = (0..<levels).map { min(max(Float(fraction($0, maximum: levels - 1)), -65_504), 65_504) }
            return LookupTables.bytes(of: HalfFloat.bits(of: floats))
        case .f32:
            return LookupTables.bytes(of: (0..<levels).map { Float(fraction($0, maximum: levels - 1)) })
        }
    }

    /// Rounds halves up; in whole numbers, so that nothing depends on how a quotient is rounded before.
    private func whole(_ level: Int, from maximum: Int, to full: Int) -> Int {
        switch self {
        case .same, .standardise: (2 * level * full + maximum) / (2 * maximum)
        case .stretch(let range) where range.high <= range.low || level <= range.low: 0
        case .stretch(let range) where level >= range.high: full
        case .stretch(let range):
            (2 * (level - range.low) * full + range.high - range.low) / (2 * (range.high - range.low))
        }
    }

    private func fraction(_ level: Int, maximum: Int) -> Double {
        switch self {
        case .same: Double(level)
        case .stretch(let range) where range.high <= range.low || level <= range.low: 0
        case .stretch(let range) where level >= range.high: 1
        case .stretch(let range): Double(level - range.low) / Double(range.high - range.low)
        case .standardise(let mean, let std): (Double(level) / Double(maximum) - mean) / std
        }
    }
}
