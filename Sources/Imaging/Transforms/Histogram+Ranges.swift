/// The levels of a channel that become the darkest and the brightest.
package struct ChannelRange: Sendable, Equatable {
    package let low: Int
    package let high: Int

    package init(low: Int, high: Int) {
        self.low = low
        self.high = high
    }
}

extension Histogram {
    /// The range of each channel between two percentiles of 0 to 100; those are the lowest and the highest level.
    ///
    /// By nearest rank: of N levels in order, percentile p is number ceil(p N / 100), at least the first. Nothing is
    /// interpolated, so the levels occur in the image. A histogram that has counted nothing gives 0 to 0.
    package func ranges(low: Double = 0, high: Double = 100) -> [ChannelRange] {
        (0..<channels).map { channel in
            let size = counts.count / channels
            let levels = counts[channel * size..<(channel + 1) * size]
            let total = levels.reduce(0, +)
            return ChannelRange(
                low: Self.level(atRank: Self.rank(low, of: total), in: levels),
                high: Self.level(atRank: Self.rank(high, of: total), in: levels)
            )
        }
    }

    private static func rank(_ percentile: Double, of total: UInt64) -> UInt64 {
        let rank = (percentile * Double(total) / 100).rounded(.up)
        return min(max(UInt64(max(rank, 1)), 1), max(total, 1))
    }

    private static func level(atRank rank: UInt64, in levels: ArraySlice<UInt64>) -> Int {
        var seen: UInt64 = 0
        for (level, count) in levels.enumerated() {
            seen += count
            if seen >= rank { return level }
        }
        return 0
    }
}
