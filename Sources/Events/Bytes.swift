/// Renders bytes as lower-case hexadecimal, two digits a byte.
package func hex(_ bytes: some Sequence<UInt8>) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.underestimatedCount * 2)
    appendHex(bytes, to: &out)
    return String(decoding: out, as: UTF8.self)
}

/// Appends bytes as lower-case hexadecimal in ASCII.
package func appendHex(_ bytes: some Sequence<UInt8>, to out: inout [UInt8]) {
    for byte in bytes {
        out.append(digit(byte >> 4))
        out.append(digit(byte & 15))
    }
}

/// Appends a number in decimal ASCII.
@inlinable
package func appendDecimal(_ value: Int, to out: inout [UInt8]) {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
        var first = 20
        var rest = value.magnitude
        repeat {
            first -= 1
            unsafe digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        if value < 0 {
            first -= 1
            unsafe digits[first] = UInt8(ascii: "-")
        }
        unsafe out.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
    }
}

private func digit(_ nibble: UInt8) -> UInt8 {
    nibble + (nibble < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
}

/// The lower-case hexadecimal digits of a number in ASCII, first digit in the highest byte.
///
/// All eight at once: each byte gets one nibble, then what makes it '0' to '9', and 39 more where that is 'a' to 'f'.
func hexDigits(_ value: UInt32) -> UInt64 {
    var nibbles = UInt64(value)
    nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
    nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
    nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
    let letters = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles + 0x3030_3030_3030_3030 + letters * 39
}

/// Parses hexadecimal of either case; nil for an odd length or any other character.
package func bytes(hex text: some StringProtocol) -> [UInt8]? {
    bytes(hex: Array(text.utf8)[...])
}

extension UInt128 {
    /// Parses 32 hexadecimal digits of either case in ASCII; nil for anything else.
    init?(hex digits: ArraySlice<UInt8>) {
        guard digits.count == 32 else { return nil }
        var value: UInt128 = 0
        let isHexadecimal = unsafe digits.withUnsafeBytes { digits in
            for start in stride(from: 0, to: 32, by: 8) {
                let eight = unsafe UInt64(bigEndian: digits.loadUnaligned(fromByteOffset: start, as: UInt64.self))
                guard let word = number(hexDigits: eight) else { return false }
                value = value << 32 | UInt128(word)
            }
            return true
        }
        guard isHexadecimal else { return nil }
        self = value
    }
}

/// The number that eight hexadecimal digits of either case in ASCII stand for, the first in the highest byte; nil where one
/// is none.
///
/// All eight at once: sums that carry into a byte's highest bit tell digits and letters from the rest.
private func number(hexDigits text: UInt64) -> UInt32? {
    let every: UInt64 = 0x0101_0101_0101_0101
    let high = every * 0x80
    guard text & high == 0 else { return nil }
    func isAtLeast(_ text: UInt64, _ byte: UInt64) -> UInt64 { (text + every * (0x80 - byte)) & high }
    let folded = text | (every * 0x20)
    let digits = isAtLeast(text, 0x30) & ~isAtLeast(text, 0x3A)
    let letters = isAtLeast(folded, 0x61) & ~isAtLeast(folded, 0x67)
    guard digits | letters == high else { return nil }
    var nibbles = (text & (every * 0x0F)) + (letters >> 7) * 9
    nibbles = (nibbles | nibbles >> 4) & 0x00FF_00FF_00FF_00FF
    nibbles = (nibbles | nibbles >> 8) & 0x0000_FFFF_0000_FFFF
    return UInt32(truncatingIfNeeded: nibbles | nibbles >> 16)
}

/// Parses hexadecimal of either case in ASCII; nil for an odd length or any other character.
package func bytes(hex digits: ArraySlice<UInt8>) -> [UInt8]? {
    guard digits.count.isMultiple(of: 2) else { return nil }
    var isHexadecimal = true
    let bytes = unsafe digits.withUnsafeBufferPointer { digits in
        unsafe [UInt8](unsafeUninitializedCapacity: digits.count / 2) { out, count in
            for index in 0..<digits.count / 2 {
                guard let high = unsafe nibble(digits[2 * index]), let low = unsafe nibble(digits[2 * index + 1]) else {
                    isHexadecimal = false
                    return
                }
                unsafe out.initializeElement(at: index, to: high << 4 | low)
                count = index + 1
            }
        }
    }
    return isHexadecimal ? bytes : nil
}

private func nibble(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}
