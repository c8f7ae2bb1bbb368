/// Finds the simple properties of an XMP packet by their written names, such as `drone-dji:GimbalPitchDegree`.
///
/// RDF allows a simple property as an attribute of `rdf:Description` or as an element in it with text (XMP
/// Specification Part 1, chapter 7); cameras write both, with fixed prefixes. The scanner therefore needs no
/// namespaces, reads tags one after the other, and never goes back: damaged XML ends the scan, and what was found
/// before stays. Structures and lists are passed over.
struct XMPScanner {
    /// The names of the properties in the order of the text.
    private(set) var names: [String] = []
    /// The first value of each property, entities replaced, no longer than ``maxBytes``.
    private(set) var values: [String: [UInt8]] = [:]
    /// Properties that are there twice with different values.
    private(set) var contradictions: Set<String> = []
    /// Properties that are structures or lists, each once.
    private(set) var passedOver: [String] = []
    /// True when the text ended inside a tag.
    private(set) var isCutShort = false

    /// No value that is used or quoted is longer.
    static let maxBytes = 1_024
    /// Deeper elements are not told apart; XMP's simple properties lie four deep.
    private static let maxDepth = 64

    private let bytes: [UInt8]
    private var position = 0
    /// The elements that are open.
    private var open: [String] = []
    private var tooDeep = 0

    /// Scans a whole packet.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        while let tag = find(UInt8(ascii: "<"), from: position) {
            position = tag + 1
            guard scanTag() else {
                isCutShort = true
                return
            }
        }
    }

    /// The value of a property as text without space around it; nil when it is missing or empty.
    func text(_ name: String) -> String? {
        guard let value = values[name] else { return nil }
        let text = String(decoding: value, as: UTF8.self).trimmingSpaces()
        return text.isEmpty ? nil : text
    }

    // MARK: Tags

    /// Reads what follows a `<`; false when the text ends inside.
    private mutating func scanTag() -> Bool {
        if skip("!--") { return skipPast("-->") }
        if skip("![CDATA[") { return skipPast("]]>") }
        if skip("?") { return skipPast("?>") }
        if skip("!") { return skipPast(">") }
        if skip("/") {
            if tooDeep > 0 { tooDeep -= 1 } else { _ = open.popLast() }
            return skipPast(">")
        }
        let element = scanName()
        let isDescription = element == "rdf:Description" && tooDeep == 0 && open.last == "rdf:RDF"
        guard scanAttributes(areProperties: isDescription) else { return false }
        // After "/>" there is neither text nor an end tag; scanAttributes leaves the position behind the ">".
        guard bytes[position - 2] != UInt8(ascii: "/") else { return true }
        if tooDeep == 0, open.suffix(2) == ["rdf:RDF", "rdf:Description"] { scanText(of: element) }
        if open.count < Self.maxDepth { open.append(element) } else { tooDeep += 1 }
        return true
    }

    /// Takes the text of an element that holds nothing else.
    private mutating func scanText(of element: String) {
        guard let end = find(UInt8(ascii: "<"), from: position), end + 1 < bytes.count,
            bytes[end + 1] == UInt8(ascii: "/")
        else {
            // More of them would be told no better, and make the look-up long.
            let isProperty = element.contains(":") && passedOver.count < 100
            if isProperty, !passedOver.contains(element) { passedOver.append(element) }
            return
        }
        take(element, bytes[position..<end])
        position = end
    }

    private mutating func scanAttributes(areProperties: Bool) -> Bool {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: ">") {
                position += 1
                return true
            }
            guard Self.isNameByte(byte) else {
                position += 1
                continue
            }
            let name = scanName()
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { continue }
            position += 1
            skipSpace()
            guard position < bytes.count else { return false }
            let quote = bytes[position]
            guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { continue }
            guard let end = find(quote, from: position + 1) else { return false }
            if areProperties { take(name, bytes[(position + 1)..<end]) }
            position = end + 1
        }
        return false
    }

    private mutating func take(_ name: String, _ raw: ArraySlice<UInt8>) {
        // These prefixes belong to XML, RDF and the packet itself.
        guard let colon = name.firstIndex(of: ":"), !["xmlns", "xml", "rdf", "x"].contains(name[..<colon]) else {
            return
        }
        let value = Self.decode(raw.prefix(Self.maxBytes))
        if let earlier = values[name] {
            if earlier != value { contradictions.insert(name) }
        } else {
            names.append(name)
            values[name] = value
        }
    }

    // MARK: Bytes

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "-"): true
        case UInt8(ascii: "_"), UInt8(ascii: "."), 0x80...: true
        default: false
        }
    }

    private mutating func scanName() -> String {
        let start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    }

    private func find(_ byte: UInt8, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return bytes[start...].firstIndex(of: byte)
    }

    private mutating func skip(_ text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func skipPast(_ text: String) -> Bool {
        while position < bytes.count {
            if skip(text) { return true }
            position += 1
        }
        return false
    }

    /// Replaces the five entities of XML; a number or anything else stays as written.
    private static func decode(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        var value: [UInt8] = []
        var rest = raw
        while let byte = rest.first {
            if byte == UInt8(ascii: "&"), let (entity, text) = entities.first(where: { rest.starts(with: $0.0.utf8) }) {
                value += Array(text.utf8)
                rest = rest.dropFirst(entity.utf8.count)
            } else {
                value.append(byte)
                rest = rest.dropFirst()
            }
        }
        return value
    }
}
