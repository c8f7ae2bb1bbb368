/// Walks JSON text (RFC 8259) byte by byte without building values.
///
/// The grammar is checked here; escapes and UTF-8 are when a string is decoded. It is a hot loop of every replay, so it
/// looks at the bytes where they lie: every look goes through `peek` or a check of its own that they reach so far.
struct JSONScanner {
    /// Good for as long as the scanner: it lives in the closure that has the bytes.
    private let text: UnsafeBufferPointer<UInt8>
    private var index = 0
    private static let deepest = 64

    init(_ text: UnsafeBufferPointer<UInt8>) {
        unsafe self.text = text
    }

    /// Reads an object and tells where each member's key (inside its quotes) and value stand.
    mutating func members(_ found: (_ key: Range<Int>, _ value: Range<Int>) -> Void) throws(EventError) {
        try expect(UInt8(ascii: "{"))
        skipSpace()
        if peek() == UInt8(ascii: "}") {
            index += 1
            return
        }
        while true {
            skipSpace()
            let key = try skipString()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            let start = index
            try skipValue(depth: 1)
            found(key, start..<index)
            skipSpace()
            if peek() == UInt8(ascii: ",") {
                index += 1
                continue
            }
            try expect(UInt8(ascii: "}"))
            return
        }
    }

    /// Checks that nothing but white space follows.
    mutating func end() throws(EventError) {
        skipSpace()
        guard unsafe index == text.count else { throw malformed() }
    }

    private mutating func skipValue(depth: Int) throws(EventError) {
        guard depth < Self.deepest else { throw malformed() }
        switch peek() {
        case UInt8(ascii: "\""): _ = try skipString()
        case UInt8(ascii: "{"): try skipContainer(closing: UInt8(ascii: "}"), keyed: true, depth: depth)
        case UInt8(ascii: "["): try skipContainer(closing: UInt8(ascii: "]"), keyed: false, depth: depth)
        default: try skipScalar()
        }
    }

    private mutating func skipContainer(closing: UInt8, keyed: Bool, depth: Int) throws(EventError) {
        index += 1
        skipSpace()
        if peek() == closing {
            index += 1
            return
        }
        while true {
            skipSpace()
            if keyed {
                _ = try skipString()
                try expect(UInt8(ascii: ":"))
                skipSpace()
            }
            try skipValue(depth: depth + 1)
            skipSpace()
            if peek() == UInt8(ascii: ",") {
                index += 1
                continue
            }
            try expect(closing)
            return
        }
    }

    private mutating func skipScalar() throws(EventError) {
        switch peek() {
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        default: try skipNumber()
        }
    }

    private mutating func skipWord(_ word: StaticString) throws(EventError) {
        let end = index + word.utf8CodeUnitCount
        let fits = unsafe end <= text.count && word.withUTF8Buffer { unsafe text[index..<end].elementsEqual($0) }
        guard fits else { throw malformed() }
        index = end
    }

    private mutating func skipNumber() throws(EventError) {
        if peek() == UInt8(ascii: "-") { index += 1 }
        if peek() == UInt8(ascii: "0") { index += 1 } else { try skipDigits() }
        if peek() == UInt8(ascii: ".") {
            index += 1
            try skipDigits()
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            index += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { index += 1 }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(EventError) {
        let start = index
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw malformed() }
    }

    private mutating func skipString() throws(EventError) -> Range<Int> {
        guard peek() == UInt8(ascii: "\"") else { throw malformed() }
        index += 1
        let start = index
        skipPlain()
        while let byte = peek() {
            if byte == UInt8(ascii: "\"") {
                index += 1
                return start..<(index - 1)
            }
            guard byte >= 0x20 else { throw malformed() }
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            skipPlain()
        }
        throw malformed()
    }

    /// Skips what is neither a quote, a backslash nor a control character, eight bytes at a time.
    ///
    /// A byte of a word is zero exactly where subtracting one borrows from its highest bit, which was clear, and in the
    /// lowest such byte nothing was borrowed from below (Hacker's Delight, 6-1).
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highest: UInt64 = 0x8080_8080_8080_8080
        while unsafe index + 8 <= text.count {
            let bytes = unsafe UnsafeRawBufferPointer(text)
            let word = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let stops =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & highest
            guard stops == 0 else {
                index += stops.trailingZeroBitCount / 8
                return
            }
            index += 8
        }
    }

    private mutating func expect(_ byte: UInt8) throws(EventError) {
        skipSpace()
        guard peek() == byte else { throw malformed() }
        index += 1
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private func peek() -> UInt8? {
        unsafe index < text.count ? text[index] : nil
    }

    private func malformed() -> EventError {
        let count = unsafe text.count
        return EventError(.malformedJSON, "the text is not a JSON object (byte \(min(index, count)) of \(count))")
    }
}

extension JSONScanner {
    /// Decodes a whole number; nil for anything else or on overflow.
    static func int(_ digits: ArraySlice<UInt8>) -> Int? {
        var rest = digits
        let negative = rest.first == UInt8(ascii: "-")
        if negative { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return nil }
        var value = 0
        for digit in rest {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let step = Int(digit - UInt8(ascii: "0"))
            let (sum, overflow) =
                negative ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
            guard !tooLarge, !overflow else { return nil }
            value = sum
        }
        return value
    }

    /// The elements of an array; nil when it is not one.
    static func items(_ array: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        let found = unsafe array.withUnsafeBufferPointer { text -> [Range<Int>]? in
            var scanner = unsafe JSONScanner(text)
            return try? scanner.elements()
        }
        guard let ranges = found else { return nil }
        return ranges.map { array[($0.lowerBound + array.startIndex)..<($0.upperBound + array.startIndex)] }
    }

    /// The elements of the array that the whole text is; nil when it is not exactly one.
    static func onlyItems(_ text: [UInt8]) -> [ArraySlice<UInt8>]? {
        let found = unsafe text.withUnsafeBufferPointer { text -> [Range<Int>]? in
            var scanner = unsafe JSONScanner(text)
            guard let ranges = try? scanner.elements(), (try? scanner.end()) != nil else { return nil }
            return ranges
        }
        return found?.map { text[$0] }
    }

    /// Reads an array and notes where each element stands.
    private mutating func elements() throws(EventError) -> [Range<Int>] {
        var found: [Range<Int>] = []
        try expect(UInt8(ascii: "["))
        skipSpace()
        if peek() == UInt8(ascii: "]") {
            index += 1
            return found
        }
        while true {
            skipSpace()
            let start = index
            try skipValue(depth: 1)
            found.append(start..<index)
            skipSpace()
            guard peek() == UInt8(ascii: ",") else { break }
            index += 1
        }
        try expect(UInt8(ascii: "]"))
        return found
    }

    /// Decodes a quoted string with its escapes; nil when it is not one.
    static func string(_ quoted: ArraySlice<UInt8>) -> String? {
        guard quoted.count >= 2, quoted.first == UInt8(ascii: "\""), quoted.last == UInt8(ascii: "\"") else {
            return nil
        }
        let inner = quoted.dropFirst().dropLast()
        guard inner.contains(UInt8(ascii: "\\")) else { return String(validating: inner, as: UTF8.self) }
        return unescaped(inner)
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> String? {
        var units: [UInt8] = []
        var pendingHigh: UInt16?
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] != UInt8(ascii: "\\") {
                guard pendingHigh == nil else { return nil }
                units.append(text[index])
                index += 1
                continue
            }
            index += 1
            guard index < text.endIndex else { return nil }
            let escape = text[index]
            index += 1
            if escape == UInt8(ascii: "u") {
                guard let unit = codeUnit(text[index...].prefix(4)) else { return nil }
                index += 4
                if UTF16.isLeadSurrogate(unit), pendingHigh == nil {
                    pendingHigh = unit
                    continue
                }
                guard let scalar = scalar(high: pendingHigh, unit: unit) else { return nil }
                pendingHigh = nil
                units.append(contentsOf: String(Character(scalar)).utf8)
            } else {
                guard pendingHigh == nil, let plain = shortEscapes[escape] else { return nil }
                units.append(plain)
            }
        }
        return pendingHigh == nil ? String(validating: units, as: UTF8.self) : nil
    }

    private static let shortEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    private static func codeUnit(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard digits.count == 4, let pair = bytes(hex: String(decoding: digits, as: UTF8.self)) else { return nil }
        return UInt16(pair[0]) << 8 | UInt16(pair[1])
    }

    private static func scalar(high: UInt16?, unit: UInt16) -> Unicode.Scalar? {
        guard let high else { return Unicode.Scalar(unit) }
        guard UTF16.isTrailSurrogate(unit) else { return nil }
        return Unicode.Scalar(0x10000 + (UInt32(high) & 0x3FF) << 10 | UInt32(unit) & 0x3FF)
    }
}
