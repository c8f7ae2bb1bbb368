import HTTPTypes
import Intake

/// The form of a push, as its headers say it.
///
/// `application/json` holds S3 event messages, MinIO's and Ceph's among them, or with `ce-` headers the data of a
/// CloudEvent in binary mode; `application/cloudevents+json` and `-batch+json` are its structured and batched modes.
struct PushForm: Sendable {
    static let types = ["application/json", "application/cloudevents+json", "application/cloudevents-batch+json"]

    private let headers: [(name: String, value: String)]

    /// - Throws: `content-type-unsupported`.
    init(_ fields: HTTPFields) throws(Problem) {
        let coding = fields[.contentEncoding]?.lowercased() ?? "identity"
        guard coding == "identity" else {
            throw Problem(.contentTypeUnsupported, "the body is encoded as \(coding): send it as it is")
        }
        if let text = fields[.contentType], !Self.isSupported(text) {
            let known = Self.types.joined(separator: ", ")
            throw Problem(.contentTypeUnsupported, "the content type is none of \(known), in UTF-8")
        }
        headers = fields.map { (name: $0.name.rawName, value: $0.value) }
    }

    func read(_ body: [UInt8]) -> NoticeBatch {
        NoticeParser.parse(body, headers: headers)
    }

    /// Reads a media type and its parameters (RFC 9110, section 8.3.1).
    private static func isSupported(_ text: String) -> Bool {
        let parts = text.lowercased().split(separator: ";").map { $0.filter { !$0.isWhitespace && $0 != "\"" } }
        guard let type = parts.first, types.contains(type) else { return false }
        return parts.dropFirst().allSatisfy { !$0.hasPrefix("charset=") || $0 == "charset=utf-8" }
    }
}
