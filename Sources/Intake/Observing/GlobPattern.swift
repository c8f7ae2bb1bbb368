/// A pattern for keys: `*` stands for any bytes, slashes too, `?` for one character, `[a-z]` for one of a set.
///
/// It is fnmatch(3) without flags, over the whole key: `*.jpg` takes every key that ends so, `north/*` everything below
/// `north`. `\` makes the next character mean itself. Case counts.
package struct GlobPattern: Sendable, Equatable {
    package let text: String
    private let parts: [Part]

    private enum Part: Sendable, Equatable {
        case any
        case one
        case scalar(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], isInverted: Bool)
    }

    /// nil where a `[` is not closed or nothing follows the last `\`.
    package init?(_ text: String) {
        self.text = text
        var parts: [Part] = []
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if parts.last != .any { parts.append(.any) }
            case "?": parts.append(.one)
            case "[":
                guard let set = Self.set(&rest) else { return nil }
                parts.append(set)
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                parts.append(.scalar(next))
            default: parts.append(.scalar(scalar))
            }
        }
        self.parts = parts
    }

    private static func set(_ rest: inout Substring.UnicodeScalarView) -> Part? {
        var isInverted = false
        if let first = rest.first, first == "!" || first == "^" {
            isInverted = true
            rest.removeFirst()
        }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let low = rest.popFirst() {
            if low == "]", !ranges.isEmpty { return .set(ranges, isInverted: isInverted) }
            guard rest.first == "-", let high = rest.dropFirst().first, high != "]" else {
                ranges.append(low...low)
                continue
            }
            rest.removeFirst(2)
            guard low <= high else { return nil }
            ranges.append(low...high)
        }
        return nil
    }

    /// Goes through key and pattern once, and back to the last `*` where they part.
    package func matches(_ key: String) -> Bool {
        let scalars = Array(key.unicodeScalars)
        var (part, place) = (0, 0)
        var star: (part: Int, place: Int)?
        while place < scalars.count {
            if part < parts.count, parts[part] == .any {
                star = (part, place)
                part += 1
            } else if part < parts.count, Self.matches(parts[part], scalars[place]) {
                part += 1
                place += 1
            } else if let last = star {
                star = (last.part, last.place + 1)
                part = last.part + 1
                place = last.place + 1
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .any }
    }

    private static func matches(_ part: Part, _ scalar: Unicode.Scalar) -> Bool {
        switch part {
        case .any, .one: true
        case .scalar(let wanted): wanted == scalar
        case .set(let ranges, let isInverted): ranges.contains { $0.contains(scalar) } != isInverted
        }
    }
}
