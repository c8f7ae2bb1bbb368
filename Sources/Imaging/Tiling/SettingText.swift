/// How single settings are spelt.
enum SettingText {
    static func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ text: String,
        _ name: TilingSettings.Name,
        or other: String? = nil
    ) throws(ImagingError) -> Value {
        if let value = Value(rawValue: text) { return value }
        let words = (other.map { [$0] } ?? []) + Value.allCases.map(\.rawValue)
        throw wrong(name, "one of \(words.joined(separator: ", "))", text)
    }

    static func number(
        _ text: String,
        _ name: TilingSettings.Name,
        in range: ClosedRange<Int>
    ) throws(ImagingError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw wrong(name, "a whole number from \(range.lowerBound) to \(range.upperBound)", text)
        }
        return number
    }

    static func keep(_ text: String, _ name: TilingSettings.Name) throws(ImagingError) -> Bool {
        switch text {
        case "keep": true
        case "omit": false
        default: throw wrong(name, "keep or omit", text)
        }
    }

    static func encoding(_ text: String) throws(ImagingError) -> TileEncoding {
        guard let encoding = TileEncoding.defaults.first(where: { $0.name == text }) else {
            let names = TileEncoding.defaults.map(\.name).joined(separator: ", ")
            throw wrong(.tileFormat, "one of \(names)", text)
        }
        return encoding
    }

    static func size(_ text: String) throws(ImagingError) -> (width: Int, height: Int) {
        guard let pair = pair(text), pair.0 > 0, pair.1 > 0 else {
            throw wrong(.tileSize, "pixels, such as 512 or 640x480", text)
        }
        return pair
    }

    /// Pixels, or per cent of the tile's sides, rounded to pixels.
    static func overlap(_ text: String, width: Int, height: Int) throws(ImagingError) -> (Int, Int) {
        if text.hasSuffix("%"), let share = decimal(text.dropLast()), share >= 0, share < 100 {
            return (Int((Double(width) * share / 100).rounded()), Int((Double(height) * share / 100).rounded()))
        }
        guard let pair = pair(text) else {
            throw wrong(.tileOverlap, "pixels or per cent, such as 64, 64x32 or 12.5%", text)
        }
        return pair
    }

    static func edge(_ text: String) throws(ImagingError) -> EdgePolicy {
        switch text {
        case "shift": return .shift
        case "crop": return .crop
        case "drop": return .drop
        case "pad:edge": return .pad(.edge)
        case "pad:reflect": return .pad(.reflect)
        default: break
        }
        guard text.hasPrefix("pad:"), let level = Int(text.dropFirst(4)), (0...255).contains(level) else {
            throw wrong(.tileEdge, "shift, crop, drop, pad:edge, pad:reflect or pad:LEVEL (0 to 255)", text)
        }
        return .pad(.constant(level))
    }

    static func text(_ edge: EdgePolicy) -> String {
        switch edge {
        case .pad(.edge): "pad:edge"
        case .pad(.reflect): "pad:reflect"
        case .pad(.constant(let level)): "pad:\(level)"
        default: edge.name
        }
    }

    static func alpha(_ text: String) throws(ImagingError) -> AlphaPolicy {
        if text == "keep" { return .keep }
        let digits = text.dropFirst("flatten:#".count)
        guard text.hasPrefix("flatten:#"), digits.count == 6, let colour = UInt32(digits, radix: 16) else {
            throw wrong(.alpha, "keep or flatten:#rrggbb", text)
        }
        return .flatten(
            red: UInt8(colour >> 16),
            green: UInt8(colour >> 8 & 255),
            blue: UInt8(colour & 255)
        )
    }

    static func text(_ alpha: AlphaPolicy) -> String {
        guard case .flatten(let red, let green, let blue) = alpha else { return "keep" }
        return "flatten:#"
            + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func blank(_ text: String) throws(ImagingError) -> BlankRule? {
        if text == "none" { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let rule: BlankRule? =
            switch (parts.first, parts.dropFirst().first.flatMap(decimal), parts.count) {
            case ("entropy", let bits?, 2): .entropy(below: bits)
            case ("no-data", let share?, 2): .noData(share: share, value: 0)
            case ("no-data", let share?, 3): Int(parts[2]).map { .noData(share: share, value: $0) }
            default: nil
            }
        guard let rule else {
            throw wrong(.skipBlank, "none, entropy:BITS, no-data:SHARE or no-data:SHARE:LEVEL", text)
        }
        try rule.validate()
        return rule
    }

    static func text(_ blank: BlankRule?) -> String {
        switch blank {
        case nil: "none"
        case .entropy(let bits): "entropy:\(text(bits))"
        case .noData(let share, let value): "no-data:\(text(share)):\(value)"
        }
    }

    // MARK: Numbers

    /// `A` stands for `AxA`.
    private static func pair(_ text: String) -> (Int, Int)? {
        let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(parts.count), let first = parts[0], let second = parts[parts.count - 1],
            first >= 0, second >= 0
        else { return nil }
        return (first, second)
    }

    /// A plain decimal number: no infinity, no hexadecimal.
    static func decimal(_ text: some StringProtocol) -> Double? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }) else { return nil }
        return Double(String(text)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// The shortest text that reads back as the same number, without a fraction where there is none.
    static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }

    static func wrong(_ name: TilingSettings.Name, _ takes: String, _ text: String) -> ImagingError {
        ImagingError(.invalidSettings, "\(name.rawValue) is \(takes), not '\(text)'")
    }
}
