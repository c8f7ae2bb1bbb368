/// Builds one JSON object in the log's canonical form: keys sorted by their UTF-8 bytes, no spaces.
///
/// Strings are escaped as RFC 8785 (JSON Canonicalization Scheme), section 3.2.2.2, asks: the short forms, `\u00xx`
/// for the other control characters, and nothing else. Numbers with a fraction are the shortest decimal text that
/// reads back as the same IEEE 754 double. Absent values have no key.
package struct CanonicalJSON: Sendable {
    private var members: [(key: String, value: [UInt8])] = []

    package init() {}

    /// Builds an object by filling it in.
    package init(_ fill: (inout CanonicalJSON) -> Void) {
        fill(&self)
    }

    package mutating func set(_ key: String, _ value: String?) {
        guard let value else { return }
        var text: [UInt8] = []
        Self.appendQuoted(value, to: &text)
        members.append((key, text))
    }

    package mutating func set(_ key: String, _ value: Int?) {
        guard let value else { return }
        members.append((key, Array(String(value).utf8)))
    }

    package mutating func set(_ key: String, _ value: Timestamp?) {
        set(key, value.map { Int($0.microseconds) })
    }

    package mutating func set(_ key: String, _ value: Bool?) {
        guard let value else { return }
        members.append((key, Array((value ? "true" : "false").utf8)))
    }

    /// Sets a number; one that JSON has no text for (an infinity, not a number) is left out.
    package mutating func set(_ key: String, _ value: Double?) {
        guard let value, value.isFinite else { return }
        members.append((key, Self.number(value)))
    }

    package mutating func set(_ key: String, _ value: Digest?) {
        set(key, value?.description)
    }

    package mutating func set(_ key: String, _ value: CanonicalJSON?) {
        guard let value else { return }
        members.append((key, value.bytes))
    }

    package mutating func set(_ key: String, _ values: [Int]) {
        members.append((key, Self.array(values.map { Array(String($0).utf8) })))
    }

    /// Sets numbers; where JSON has no text for one of them, all are left out.
    package mutating func set(_ key: String, _ values: [Double]) {
        guard values.allSatisfy(\.isFinite) else { return }
        members.append((key, Self.array(values.map(Self.number))))
    }

    package mutating func set(_ key: String, _ values: [[Double]]) {
        guard values.joined().allSatisfy(\.isFinite) else { return }
        members.append((key, Self.array(values.map { Self.array($0.map(Self.number)) })))
    }

    package mutating func set(_ key: String, _ values: [[[Double]]]) {
        guard values.joined().joined().allSatisfy(\.isFinite) else { return }
        members.append((key, Self.array(values.map { Self.array($0.map { Self.array($0.map(Self.number)) }) })))
    }

    package mutating func set(_ key: String, _ values: [String]) {
        members.append((key, Self.array(values.map(Self.quoted))))
    }

    package mutating func set(_ key: String, _ values: [CanonicalJSON]) {
        members.append((key, Self.array(values.map(\.bytes))))
    }

    /// Sets a value that is canonical JSON text already.
    package mutating func set(_ key: String, canonical text: [UInt8]) {
        members.append((key, text))
    }

    /// The text of an array of objects.
    package static func list(_ objects: [CanonicalJSON]) -> [UInt8] {
        array(objects.map(\.bytes))
    }

    /// The UTF-8 text of the object.
    package var bytes: [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        for (index, member) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }).enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            Self.appendQuoted(member.key, to: &out)
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: member.value)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// The text of the object.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Appends `value` as a quoted JSON string.
    package static func appendQuoted(_ value: String, to out: inout [UInt8]) {
        let isPlain = value.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        guard isPlain else { return appendQuoted(utf8: Array(value.utf8), to: &out) }
        out.append(UInt8(ascii: "\""))
        out.append(contentsOf: value.utf8)
        out.append(UInt8(ascii: "\""))
    }

    /// Appends a text as a quoted JSON string, given its bytes.
    package static func appendQuoted(utf8 text: [UInt8], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): out.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case UInt8(ascii: "\\"): out.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x08: out.append(contentsOf: "\\b".utf8)
            case 0x09: out.append(contentsOf: "\\t".utf8)
            case 0x0A: out.append(contentsOf: "\\n".utf8)
            case 0x0C: out.append(contentsOf: "\\f".utf8)
            case 0x0D: out.append(contentsOf: "\\r".utf8)
            case 0..<0x20: out.append(contentsOf: "\\u00\(hex([byte]))".utf8)
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func quoted(_ value: String) -> [UInt8] {
        var out: [UInt8] = []
        appendQuoted(value, to: &out)
        return out
    }

    private static func number(_ value: Double) -> [UInt8] {
        if let whole = Int(exactly: value), whole.magnitude < 1 << 53 { return Array(String(whole).utf8) }
        return Array("\(value)".utf8)
    }

    private static func array(_ items: [[UInt8]]) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "[")]
        out.append(contentsOf: items.joined(separator: [UInt8(ascii: ",")]))
        out.append(UInt8(ascii: "]"))
        return out
    }
}
