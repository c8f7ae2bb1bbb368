/// Finds simple properties in an XMP packet by their written name, such as `drone-dji:GimbalPitchDegree`.
///
/// RDF allows a simple property as an attribute of `rdf:Description` or as an element with text (XMP Specification
/// Part 1, chapter 7); cameras write both, with fixed prefixes. The scanner therefore needs no namespaces,
/// reads tags one after the other, and never goes back: damaged XML ends the scan, and what was found before stays.
struct XMPScanner {
    /// The first value of each wanted property.
    private(set) var properties: [String: String] = [:]
    /// Properties that are there twice with different values.
    private(set) var contradictions: Set<String> = []
    /// True when the text ended inside a tag.
    private(set) var isCutShort = false

    private let bytes: [UInt8]
    private let isWanted: (String) -> Bool
    private var position = 0

    /// Scans a whole packet for the properties that `isWanted` accepts.
    init(_ bytes: [UInt8], isWanted: @escaping (String) -> Bool) {
        self.bytes = bytes
        self.isWanted = isWanted
        while let open = find(UInt8(ascii: "<"), from: position) {
            position = open + 1
            guard scanTag() else {
                isCutShort = true
                return
            }
        }
    }

    /// Reads what follows a `<`; false when the text ends inside.
    private mutating func scanTag() -> Bool {
        if skip("!--") { return skipPast("-->") }
        if skip("![CDATA[") { return skipPast("]]>") }
        if skip("?") { return skipPast("?>") }
        if skip("!") || skip("/") { return skipPast(">") }
        let element = scanName()
        guard scanAttributes() else { return false }
        // After "/>" there is no text; scanAttributes leaves the position behind the ">".
        guard isWanted(element), bytes[position - 2] != UInt8(ascii: "/") else { return true }
        guard let close = find(UInt8(ascii: "<"), from: position) else { return false }
        take(element, bytes[position..<close])
        position = close
        return true
    }

    private mutating func scanAttributes() -> Bool {
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
            if isWanted(name) { take(name, bytes[(position + 1)..<end]) }
            position = end + 1
        }
        return false
    }

    private mutating func take(_ name: String, _ raw: ArraySlice<UInt8>) {
        let value = Self.decode(raw.prefix(1_024))
        if let earlier = properties[name] {
            if earlier != value { contradictions.insert(name) }
        } else {
            properties[name] = value
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
    private static func decode(_ raw: ArraySlice<UInt8>) -> String {
        var text = String(decoding: raw, as: UTF8.self).trimmingSpaces()
        guard text.contains("&") else { return text }
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        for (entity, character) in entities {
            text = text.split(separator: entity, omittingEmptySubsequences: false).joined(
                separator: character
            )
        }
        return text
    }
}
