/// A record, or a whole message, that says nothing that can be taken up; its text is kept.
package struct MalformedNotice: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it was; the raw value is for logs and events.
    package enum Code: String, Sendable, CaseIterable {
        /// The message is not JSON, or is nested too deeply.
        case notJSON = "notice-not-json"
        /// The message is JSON of no form that is known here.
        case unknownForm = "notice-unknown-form"
        /// The record lacks a field, or a field holds what it must not.
        case badField = "notice-bad-field"
        /// The message is larger than any store's, or holds more records.
        case tooLarge = "notice-too-large"
    }

    /// The number of bytes of a record's text that are kept.
    package static let longestRaw = 64 << 10

    package let code: Code
    package let message: String
    /// The bucket, where it could be read.
    package let bucket: String?
    /// The key, where it could be read.
    package let key: String?
    /// The record's text, or the beginning of it; what is no UTF-8 is replaced by U+FFFD.
    package let raw: String
    /// The length of the whole text.
    package let rawBytes: Int

    package init(
        _ code: Code,
        _ message: String,
        raw: some Collection<UInt8>,
        bucket: String? = nil,
        key: String? = nil
    ) {
        self.code = code
        self.message = message
        self.bucket = bucket
        self.key = key
        self.raw = Self.text(raw)
        rawBytes = raw.count
    }

    package var description: String { "\(code.rawValue): \(message)" }

    /// Decodes the beginning of a text; the bound holds for the result, whose replacement characters are longer.
    private static func text(_ raw: some Collection<UInt8>) -> String {
        let decoded = String(decoding: raw.prefix(longestRaw), as: UTF8.self)
        guard decoded.utf8.count > longestRaw else { return decoded }
        var kept = 0
        let end = decoded.unicodeScalars.firstIndex { scalar in
            kept += UTF8.width(scalar)
            return kept > longestRaw
        }
        return String(decoded.unicodeScalars[..<(end ?? decoded.endIndex)])
    }
}
