/// The random numbers of one step for one tile.
///
/// The Philox counter is (row, column, variant, step * 65,536 + number): a step draws from counters of its own, so how
/// many numbers one takes moves no other.
struct DrawSource {
    private let key: AugmentationKey
    private var next: UInt32

    /// `step` counts from 0 and stays below 65,536.
    init(key: AugmentationKey, step: Int) {
        self.key = key
        next = UInt32(truncatingIfNeeded: step) << 16
    }

    /// A number of 0 to less than 1, of 53 bits.
    mutating func share() -> Double {
        let words = words()
        return Double((UInt64(words.high) << 32 | UInt64(words.low)) >> 11) / 0x1p53
    }

    /// Two words of 32 bits.
    mutating func words() -> (high: UInt32, low: UInt32) {
        let words = Philox.block(counter: [key.row, key.column, key.variant, next], key: key.words)
        next &+= 1
        return (words[0], words[1])
    }

    /// A number between two bounds, on a grid of millionths where they differ, so that it is short in the log.
    mutating func number(in bounds: [Double]) -> Double {
        let share = share()
        guard let low = bounds.first, let high = bounds.last, low < high else { return bounds.first ?? 0 }
        let number = low + (high - low) * share
        return min(max((number * 1e6).rounded() / 1e6, low), high)
    }

    /// A whole number between two whole bounds, both included.
    mutating func whole(in bounds: [Double]) -> Double {
        let share = share()
        guard let low = bounds.first, let high = bounds.last else { return 0 }
        return min(low + (share * (high - low + 1)).rounded(.down), high)
    }

    /// One of several.
    mutating func choice(of values: [Double]) -> Double {
        let share = share()
        guard !values.isEmpty else { return 0 }
        return values[min(Int(share * Double(values.count)), values.count - 1)]
    }
}
