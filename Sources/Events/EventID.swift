/// The idempotency key of an event: a UUID, 16 bytes, version 7 (RFC 9562, section 5.7) unless derived.
package struct EventID: Sendable, Hashable, CustomStringConvertible {
    /// The first eight bytes, most significant first.
    ///
    /// Two words, so that reading a million events allocates nothing.
    private let high: UInt64
    private let low: UInt64

    /// Makes an id of its two halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Wraps 16 bytes in network order; nil for any other length.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(high: Self.word(bytes[..<8]), low: Self.word(bytes[8...]))
    }

    /// The 16 bytes of the UUID, in network order.
    package var bytes: [UInt8] {
        unsafe withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { unsafe Array($0) }
    }

    /// Makes a fresh version 7 UUID: 48 bits of Unix milliseconds, then random bits.
    package init(at time: Timestamp) {
        var generator = SystemRandomNumberGenerator()
        self.init(at: time, using: &generator)
    }

    /// Makes a fresh version 7 UUID with random bits of a generator, which has to be one fit for secrets.
    package init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(max(0, time.microseconds / 1_000))
        var high = milliseconds << 16 | 0x7000
        high |= generator.next() & 0x0FFF
        let low = (generator.next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        self.init(high: high, low: low)
    }

    /// Makes a fresh version 7 UUID that comes behind `former`, if that is of the same millisecond.
    ///
    /// Its random bits are those of `former` and a random number more (RFC 9562, section 6.2, method 2), so that the ids of
    /// an append stand side by side in an index. Where they do not suffice, they are drawn anew, and the order is lost.
    package init(at time: Timestamp, after former: EventID?, using generator: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(max(0, time.microseconds / 1_000))
        if let former, former.high >> 16 == milliseconds, former.high & 0xF000 == 0x7000 {
            let low = (former.low & 0x3FFF_FFFF_FFFF_FFFF) + 1 + generator.next() >> 32
            if low >> 62 == 0 {
                self.init(high: former.high, low: low | 0x8000_0000_0000_0000)
                return
            }
        }
        self.init(at: time, using: &generator)
    }

    /// The UUID as a number.
    package var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// Derives a UUID from what makes an event unique, so that saying it twice is the same event.
    ///
    /// Version 8 (RFC 9562, section 5.8) over the first 16 bytes of the SHA-256 of the parts, each ended by a zero byte.
    package init(derivedFrom parts: String...) {
        var input: [UInt8] = []
        for part in parts {
            input.append(contentsOf: part.utf8)
            input.append(0)
        }
        let digest = Digest(of: input).bytes
        self.init(
            high: Self.word(digest[..<8]) & 0xFFFF_FFFF_FFFF_0FFF | 0x8000,
            low: Self.word(digest[8..<16]) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        )
    }

    package var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the UUID's text.
    package func append(to out: inout [UInt8]) {
        let dash = UInt64(UInt8(ascii: "-"))
        let (second, third) = (
            hexDigits(UInt32(truncatingIfNeeded: high)), hexDigits(UInt32(truncatingIfNeeded: low >> 32))
        )
        // Eight characters a word, with the dashes between the second and the third word's halves.
        let text = (
            hexDigits(UInt32(truncatingIfNeeded: high >> 32)).bigEndian,
            (dash << 56 | (second >> 32) << 24 | dash << 16 | second >> 16 & 0xFFFF).bigEndian,
            (second << 48 | dash << 40 | (third >> 32) << 8 | dash).bigEndian,
            (third << 32 | hexDigits(UInt32(truncatingIfNeeded: low)) >> 32).bigEndian,
            UInt32(truncatingIfNeeded: hexDigits(UInt32(truncatingIfNeeded: low))).bigEndian
        )
        unsafe withUnsafeBytes(of: text) { unsafe out.append(contentsOf: $0) }
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
