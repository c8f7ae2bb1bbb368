/// One-line YAML strings, in the three styles that DVC's writer uses.
enum YAMLScalar {
    /// The string as YAML reads it back: plain where nothing can be misread, else in quotes.
    static func text(_ value: String) -> String {
        if isPlain(value) { return value }
        if value.unicodeScalars.allSatisfy({ (0x20...0x7E).contains($0.value) }) {
            return "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
                + "'"
        }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            // Line separators of Unicode are line ends to YAML 1.1 as well.
            case "\u{85}": text += "\\N"
            case "\u{2028}": text += "\\L"
            case "\u{2029}": text += "\\P"
            case "\u{FEFF}": text += "\\uFEFF"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    /// The string that the rest of a line stands for, or nil where it is no scalar of these styles.
    static func value(_ rest: Substring) -> String? {
        let trimmed = rest.drop { $0 == " " }
        guard let first = trimmed.first else { return nil }
        switch first {
        case "'":
            guard trimmed.count >= 2, trimmed.last == "'" else { return nil }
            return trimmed.dropFirst().dropLast().replacingPairs(of: "'")
        case "\"":
            guard trimmed.count >= 2, trimmed.last == "\"" else { return nil }
            return unescaped(trimmed.dropFirst().dropLast())
        case "{", "[", "|", ">", "&", "*", "!", "#": return nil
        default: return String(trimmed)
        }
    }

    private static let words: Set<String> = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ]

    /// A letter first, so that it is no number, date or sign with a meaning; no word that YAML takes for a truth.
    private static func isPlain(_ value: String) -> Bool {
        guard let first = value.utf8.first, (65...90).contains(first) || (97...122).contains(first) else {
            return false
        }
        return !words.contains(value.lowercased())
            && value.utf8.allSatisfy {
                (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0)
                    || "._/-".utf8.contains($0)
            }
    }

    private static func unescaped(_ quoted: Substring) -> String? {
        var text = ""
        var scalars = quoted.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "\\" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            switch scalars.next() {
            case "\"": text += "\""
            case "\\": text += "\\"
            case "/": text += "/"
            case "N": text += "\u{85}"
            case "L": text += "\u{2028}"
            case "P": text += "\u{2029}"
            case "_": text += "\u{A0}"
            case "x": guard append(&text, &scalars, digits: 2) else { return nil }
            case "u": guard append(&text, &scalars, digits: 4) else { return nil }
            case "U": guard append(&text, &scalars, digits: 8) else { return nil }
            default: return nil
            }
        }
        return text
    }

    private static func append(
        _ text: inout String,
        _ scalars: inout Substring.UnicodeScalarView.Iterator,
        digits: Int
    ) -> Bool {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let scalar = scalars.next(), let digit = Character(scalar).hexDigitValue else {
                return false
            }
            value = value << 4 | UInt32(digit)
        }
        guard let scalar = Unicode.Scalar(value) else { return false }
        text.unicodeScalars.append(scalar)
        return true
    }
}

extension Substring {
    /// Each doubled quote becomes one.
    fileprivate func replacingPairs(of quote: Character) -> String {
        var text = ""
        var pending = false
        for character in self {
            if character == quote, pending {
                pending = false
                continue
            }
            pending = character == quote
            text.append(character)
        }
        return text
    }
}
