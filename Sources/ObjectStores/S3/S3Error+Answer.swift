import Events
import HTTPTransfer

extension S3Error {
    /// What an answer that is not a success means; `action` completes "cannot …".
    ///
    /// - Parameter hasBody: whether the answer could have one; those to HEAD have none.
    init(_ answer: ServiceAnswer, action: String, now: Timestamp, hasBody: Bool = true) {
        let document = XMLReading.values(of: answer.body)?.values ?? [:]
        let serverCode = document["Code"] ?? answer.header("x-amz-error-code") ?? answer.header("x-minio-error-code")
        // A load balancer, a proxy or a portal may answer for a store that is away, and nothing follows from its 404.
        let isOfS3 =
            serverCode != nil || !hasBody || answer.headers.contains { $0.name.lowercased().hasPrefix("x-amz-") }
        let code = Self.code(status: answer.status, serverCode: serverCode, isOfS3: isOfS3)
        var message = "cannot \(action): HTTP \(answer.status)"
        if let serverCode { message += " \(serverCode)" }
        if let text = document["Message"], !text.isEmpty { message += " (\(text.prefix(300)))" }
        if !isOfS3 { message += ", which is no answer of S3's" }
        message += code.advice
        self.init(
            code,
            message,
            status: answer.status,
            serverCode: serverCode,
            retryAfter: answer.header("Retry-After").flatMap { Self.pause($0, now: now) }
        )
    }

    private static func code(status: Int, serverCode: String?, isOfS3: Bool) -> Code {
        switch serverCode {
        case "NoSuchBucket": return .noBucket
        case "NoSuchKey", "NoSuchVersion": return .gone
        case "PreconditionFailed", "InvalidRange": return .changed
        case "InvalidObjectState": return .archived
        case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture": return .clockSkew
        case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken": return .expired
        case "SlowDown", "TooManyRequests", "RequestLimitExceeded", "Throttling", "ThrottlingException",
            "BandwidthLimitExceeded":
            return .throttled
        case "RequestTimeout", "InternalError", "OperationAborted", "ConditionalRequestConflict": return .unavailable
        default: break
        }
        switch status {
        case 304, 412, 416: return .changed
        case 401, 403: return .denied
        case 429, 503: return .throttled
        case 408, 409, 500...599: return .unavailable
        case 300...499 where !isOfS3: return .badAnswer
        // A version that is a delete marker answers 405.
        case 404, 405, 410: return .gone
        case 300...499: return .badRequest
        default: return .badAnswer
        }
    }

    /// Reads `Retry-After`: seconds, or the moment (RFC 9110, section 10.2.3).
    private static func pause(_ text: String, now: Timestamp) -> Duration? {
        if let seconds = Int(text), (0...86_400).contains(seconds) { return .seconds(seconds) }
        return Timestamp(httpDate: text).map { max(.zero, $0 - now) }
    }
}

extension S3Error.Code {
    /// What a person can do.
    fileprivate var advice: String { text.isEmpty ? "" : "; \(text)" }

    private var text: String {
        switch self {
        case .gone: "it was removed after it was announced; put it back to have it taken"
        case .changed: "it was replaced before it was read; its next version is taken instead"
        case .archived: "restore it from the archive first"
        case .noBucket: "check the bucket's name and the endpoint"
        case .denied: "check the credentials and what the bucket's policy allows them"
        case .expired: "renew the session that the credentials come from"
        case .clockSkew: "set this machine's clock"
        case .badRequest: "check the region, the endpoint and the addressing style"
        case .badAnswer: "look whether a proxy answers in the server's place"
        case .exists, .damaged, .noCredentials, .throttled, .unavailable, .transport, .cancelled: ""
        }
    }
}
