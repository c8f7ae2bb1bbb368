/// The numbers of the keys that a sweep has met: one bit each.
struct SeenKeys: Sendable {
    private var words: [UInt64] = []

    mutating func insert(_ number: Int) {
        guard number >= 0 else { return }
        let index = number / 64
        if index >= words.count {
            words.append(contentsOf: repeatElement(0, count: index + 1 - words.count))
        }
        words[index] |= 1 << UInt64(number % 64)
    }

    func contains(_ number: Int) -> Bool {
        let index = number / 64
        return number >= 0 && index < words.count && words[index] & (1 << UInt64(number % 64)) != 0
    }
}
