/// SplitMix64: the same numbers from the same seed, on every machine, so that a failing case can be run again.
///
/// (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014.)
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// The text with one to four bytes changed, left out, doubled or replaced by something that JSON cares for.
    package mutating func mutated(_ text: [UInt8]) -> [UInt8] {
        let telling = Array("{}[]\",:\\u0eE+-.ntf\u{0}\u{1F}".utf8) + [0x80, 0xC3, 0xED, 0xFF]
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &self) where !text.isEmpty {
            let index = Int.random(in: 0..<text.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: text[index] = UInt8.random(in: .min ... .max, using: &self)
            case 1: text.remove(at: index)
            case 2: text.insert(text[index], at: index)
            case 3: text.removeSubrange(index..<min(text.count, index + 9))
            default: text[index] = telling.randomElement(using: &self) ?? 0
            }
        }
        return text
    }
}
