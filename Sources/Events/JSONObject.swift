/// One JSON object read by a hand scan: the places of its members are noted, and a value is decoded when it is asked for.
///
/// Replay reads millions of payloads and a view wants a few fields of each, so nothing is built that nobody reads.
package struct JSONObject: Sendable {
    private let text: [UInt8]
    private var members: [(key: Range<Int>, value: Range<Int>)] = []

    /// Scans the object that `text` holds.
    ///
    /// - Throws: `malformed-json` when it is not exactly one JSON object, or is nested deeper than 64.
    package init(_ text: [UInt8]) throws(EventError) {
        try self.init(text, keys: [])
    }

    /// Scans the object that `text` holds, and keeps of its members those of the keys; all where none are given.
    ///
    /// - Throws: what `init(_:)` does.
    init(_ text: [UInt8], keys: [StaticString]) throws(EventError) {
        self.text = text
        let scan = { (text: UnsafeBufferPointer<UInt8>) throws(EventError) -> [(key: Range<Int>, value: Range<Int>)] in
            var members: [(key: Range<Int>, value: Range<Int>)] = []
            members.reserveCapacity(keys.isEmpty ? 16 : keys.count)
            var scanner = unsafe JSONScanner(text)
            try scanner.members { key, value in
                if keys.isEmpty || keys.contains(where: { unsafe $0.is(text[key]) }) { members.append((key, value)) }
            }
            try scanner.end()
            return members
        }
        members = try unsafe text.withUnsafeBufferPointer(scan)
    }

    /// The names of its members, as they are written.
    package var names: [String] { members.map { String(decoding: text[$0.key], as: UTF8.self) } }

    /// The raw text of a member's value; nil when it is absent or null.
    package func raw(_ key: String) -> [UInt8]? {
        guard let range = range(of: key) else { return nil }
        return Array(text[range])
    }

    package func string(_ key: String) throws(EventError) -> String {
        guard let value = try optionalString(key) else { throw missing(key, "a string") }
        return value
    }

    package func optionalString(_ key: String) throws(EventError) -> String? {
        guard let range = range(of: key) else { return nil }
        guard let value = JSONScanner.string(text[range]) else { throw missing(key, "a string") }
        return value
    }

    package func int(_ key: String) throws(EventError) -> Int {
        guard let value = try optionalInt(key) else { throw missing(key, "a whole number") }
        return value
    }

    package func optionalInt(_ key: String) throws(EventError) -> Int? {
        guard let range = range(of: key) else { return nil }
        guard let value = JSONScanner.int(text[range]) else { throw missing(key, "a whole number") }
        return value
    }

    package func optionalDouble(_ key: String) throws(EventError) -> Double? {
        guard let range = range(of: key) else { return nil }
        guard let value = Double(String(decoding: text[range], as: UTF8.self)), value.isFinite else {
            throw missing(key, "a number")
        }
        return value
    }

    /// The numbers of an array; empty when it is absent.
    package func doubles(_ key: String) throws(EventError) -> [Double] {
        var found: [Double] = []
        for item in try items(key, "an array of numbers") {
            guard let value = Double(String(decoding: item, as: UTF8.self)), value.isFinite else {
                throw missing(key, "an array of numbers")
            }
            found.append(value)
        }
        return found
    }

    /// The members of an object whose values are all strings.
    package func strings() throws(EventError) -> [String: String] {
        var found: [String: String] = [:]
        for member in members {
            let name = String(decoding: text[member.key], as: UTF8.self)
            guard let value = JSONScanner.string(text[member.value]) else { throw missing(name, "a string") }
            found[name] = value
        }
        return found
    }

    /// The pairs of an array of arrays of two numbers; empty when it is absent, or one of the numbers is null.
    ///
    /// Null is what stood once for a number that JSON has no text for.
    package func pairs(_ key: String) throws(EventError) -> [[Double]] {
        let kind = "an array of pairs of numbers"
        return try pairs(items(key, kind), of: key, kind)
    }

    /// The first ring of a GeoJSON polygon's coordinates (RFC 7946 section 3.1.6); empty as of ``pairs(_:)``.
    package func outerRing(_ key: String) throws(EventError) -> [[Double]] {
        let kind = "an array of rings"
        guard let ring = try items(key, kind).first else { return [] }
        guard let places = JSONScanner.items(ring) else { throw missing(key, kind) }
        return try pairs(places, of: key, kind)
    }

    private func pairs(_ items: [ArraySlice<UInt8>], of key: String, _ kind: String) throws(EventError) -> [[Double]] {
        var found: [[Double]] = []
        for item in items {
            let texts = (JSONScanner.items(item) ?? []).map { String(decoding: $0, as: UTF8.self) }
            if texts.contains("null") { return [] }
            let numbers = texts.compactMap { Double($0) }
            guard numbers.count == 2 else { throw missing(key, kind) }
            found.append(numbers)
        }
        return found
    }

    private func items(_ key: String, _ kind: String) throws(EventError) -> [ArraySlice<UInt8>] {
        guard let range = range(of: key) else { return [] }
        guard let items = JSONScanner.items(text[range]) else { throw missing(key, kind) }
        return items
    }

    /// The texts of a list; none when it is absent.
    package func texts(_ key: String) throws(EventError) -> [String] {
        guard let value = raw(key) else { return [] }
        guard let list = JSONArray(value) else { throw missing(key, "a list of strings") }
        var texts: [String] = []
        for element in list.elements {
            guard let text = JSONScanner.string(element) else { throw missing(key, "a list of strings") }
            texts.append(text)
        }
        return texts
    }

    package func bool(_ key: String) throws(EventError) -> Bool {
        switch raw(key).map({ String(decoding: $0, as: UTF8.self) }) {
        case "true": true
        case "false": false
        default: throw missing(key, "true or false")
        }
    }

    package func digest(_ key: String) throws(EventError) -> Digest {
        guard let value = characters(key).flatMap(Digest.init(hex:)) else {
            throw missing(key, "64 hexadecimal digits")
        }
        return value
    }

    /// The number that 32 hexadecimal digits stand for.
    func number128(_ key: String) throws(EventError) -> UInt128 {
        guard let value = characters(key).flatMap(UInt128.init(hex:)) else {
            throw missing(key, "32 hexadecimal digits")
        }
        return value
    }

    /// What stands between the quotes of a string, as it is written.
    private func characters(_ key: String) -> ArraySlice<UInt8>? {
        let quote = UInt8(ascii: "\"")
        guard let range = range(of: key), range.count >= 2, text[range.lowerBound] == quote else { return nil }
        return text[(range.lowerBound + 1)..<(range.upperBound - 1)]
    }

    package func object(_ key: String) throws(EventError) -> JSONObject {
        guard let text = raw(key) else { throw missing(key, "an object") }
        return try JSONObject(text)
    }

    package func timestamp(_ key: String) throws(EventError) -> Timestamp {
        Timestamp(microseconds: Int64(try int(key)))
    }

    private func range(of key: String) -> Range<Int>? {
        let length = key.utf8.count
        for member in members where member.key.count == length && text[member.key].elementsEqual(key.utf8) {
            let isNull = member.value.count == 4 && text[member.value].elementsEqual("null".utf8)
            return isNull ? nil : member.value
        }
        return nil
    }

    private func missing(_ key: String, _ kind: String) -> EventError {
        EventError(.badField, "the payload's '\(key)' is not \(kind)")
    }
}

extension StaticString {
    fileprivate func `is`(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        unsafe utf8CodeUnitCount == bytes.count && withUTF8Buffer { unsafe $0.elementsEqual(bytes) }
    }
}
