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
package func appendDecimal(_ value: Int, to out: inout [UInt8]) {
    let start = out.count
    var rest = value.magnitude
    repeat {
        out.append(UInt8(ascii: "0") + UInt8(rest % 10))
        rest /= 10
    } while rest > 0
    if value < 0 { out.append(UInt8(ascii: "-")) }
    out[start...].reverse()
}

private func digit(_ nibble: UInt8) -> UInt8 {
    nibble + (nibble < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
}

/// Parses hexadecimal of either case; nil for an odd length or any other character.
package func bytes(hex text: some StringProtocol) -> [UInt8]? {
    bytes(hex: Array(text.utf8)[...])
}

/// Parses hexadecimal of either case in ASCII; nil for an odd length or any other character.
package func bytes(hex digits: ArraySlice<UInt8>) -> [UInt8]? {
    guard digits.count.isMultiple(of: 2) else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(digits.count / 2)
    for index in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
        guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
        out.append(high << 4 | low)
    }
    return out
}

private func nibble(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}
