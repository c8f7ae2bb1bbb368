/// A map of levels to levels that is the same for all colour channels.
enum ToneCurve: Equatable {
    case brightness(Double)
    case contrast(Double)
    case gamma(Double)

    /// The new level, halves rounded up, clamped.
    func level(_ level: Int, maximum: Int) -> Int {
        let value =
            switch self {
            case .brightness(let delta): Double(level) + delta * Double(maximum)
            case .contrast(let factor): Double(level) * factor
            case .gamma(let gamma):
                Double(maximum) * StableMath.power(Double(level) / Double(maximum), gamma)
            }
        return Int(min(max((value + 0.5).rounded(.down), 0), Double(maximum)))
    }

    /// The levels after several curves, each of which gives whole levels to the next.
    static func table(_ curves: [ToneCurve], maximum: Int) -> [Int] {
        curves.reduce(Array(0...maximum)) { levels, curve in
            let next = (0...maximum).map { curve.level($0, maximum: maximum) }
            return levels.map { next[$0] }
        }
    }
}

extension PixelTile {
    func toned(by curves: [ToneCurve]) throws(ImagingError) -> PixelTile {
        _ = try shape(for: "a change of tone")
        let maximum = sample == .u8 ? 255 : 65_535
        let levels = ToneCurve.table(curves, maximum: maximum)
        let changed = entries(levels)
        var tables: [UInt8] = []
        for _ in 0..<colours { tables += changed }
        if hasAlpha { tables += entries(Array(0...maximum)) }
        return try LookupTables(input: sample, output: sample, channels: channels, entries: tables)
            .apply(to: self)
    }

    private func entries(_ levels: [Int]) -> [UInt8] {
        sample == .u8
            ? levels.map { UInt8(truncatingIfNeeded: $0) }
            : LookupTables.bytes(of: levels.map { UInt16(truncatingIfNeeded: $0) })
    }
}
