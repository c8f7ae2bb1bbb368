package import Projections

/// Puts a notification where its endpoint is.
package protocol NotificationSender: Sendable {
    /// Returns what came of it; throws only what is no answer about the endpoint.
    func send(_ notification: CatalogNotification, to endpoint: Endpoint) async throws -> SendOutcome
}

/// What came of one attempt.
package struct SendOutcome: Sendable, Equatable {
    package var isSuccess = false
    /// HTTP status; nil when no answer came, and for what is no webhook.
    package var status: Int?
    /// Why no answer came.
    package var error: String?
    /// The beginning of the answer's body, with secrets masked; nil for an empty one.
    package var answer: String?
    package var seconds = 0.0
    /// How long the receiver wants to be left alone.
    package var retryAfter: Duration?

    /// What came of it, behind the endpoint's name.
    var words: String {
        guard let status else { return "took nothing: \(error ?? "")" }
        return switch status {
        case 300..<400: "answered with a redirect (\(status)), and none is followed: name the address that it leads to"
        case 410: "answered that it is gone (410): nothing more is sent until `swathlog notifications enable`"
        default: "answered with status \(status)"
        }
    }
}
