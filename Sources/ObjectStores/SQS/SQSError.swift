import Events
import HTTPTransfer

/// Why SQS, or what stands before it, did not do what was asked.
package struct SQSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it was; the raw values are reason codes in logs and in the command line's answers.
    package enum Code: String, Sendable, CaseIterable {
        /// There is no queue of that URL, or it was deleted less than a minute ago.
        case noQueue = "no-such-queue"
        case denied = "access-denied"
        /// The credentials are past their time, also after they were asked for anew.
        case expired = "credentials-expired"
        /// No place that was looked in has credentials, or one that was named has none.
        case noCredentials = "no-credentials"
        /// The server's clock and this one differ by more than was made up for.
        case clockSkew = "clock-skew"
        /// The server asks for fewer requests; see `retryAfter`.
        case throttled = "queue-throttled"
        /// The server is not able to answer now.
        case unavailable = "queue-unavailable"
        /// More messages are in flight than SQS allows a queue.
        case overLimit = "queue-over-limit"
        /// The server refuses the request as it is; repeating it cannot help.
        case badRequest = "bad-request"
        /// The server's answer is not what the protocol has there.
        case badAnswer = "bad-answer"
        /// No complete answer came over the network.
        case transport = "transport-failed"
        case cancelled
    }

    package let code: Code
    /// What is wrong, and what to do.
    package let message: String
    /// The HTTP status, 0 where there was no answer.
    package let status: Int
    /// The server's own code, such as `AccessDeniedException`.
    package let serverCode: String?
    /// How long the server wants to be left alone.
    package let retryAfter: Duration?

    package init(
        _ code: Code,
        _ message: String,
        status: Int = 0,
        serverCode: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.serverCode = serverCode
        self.retryAfter = retryAfter
    }

    package var description: String { "\(code.rawValue): \(message)" }

    /// What became of a request that could not be signed or got no answer.
    init(_ error: S3Error) {
        let code: Code =
            switch error.code {
            case .noCredentials: .noCredentials
            case .expired: .expired
            case .clockSkew: .clockSkew
            case .denied: .denied
            case .throttled: .throttled
            case .unavailable: .unavailable
            case .badRequest: .badRequest
            case .badAnswer: .badAnswer
            case .cancelled: .cancelled
            default: .transport
            }
        self.init(
            code,
            error.message,
            status: error.status,
            serverCode: error.serverCode,
            retryAfter: error.retryAfter
        )
    }

    /// What an answer that is not a success means.
    ///
    /// The AWS JSON protocol names the error in `__type`, behind a namespace and `#`; a service that spoke the query
    /// protocol before gives that one's code in `x-amzn-query-error`, before a semicolon ("AWS JSON 1.0 protocol",
    /// "Operation error serialization", and the trait `awsQueryCompatible`, of the Smithy specification).
    init(_ answer: ServiceAnswer, action: String, queue: String) {
        let body = try? JSONObject(answer.body)
        let type = try? body?.optionalString("__type")?.split(separator: "#").last.map(String.init)
        let query = answer.header("x-amzn-query-error")?.split(separator: ";").first.map(String.init)
        let text = (try? body?.optionalString("message")) ?? (try? body?.optionalString("Message")) ?? nil
        let serverCode = type ?? query
        let code = Self.code(answer.status, [type, query].compactMap(\.self))
        var message = "cannot \(action) \(queue): HTTP \(answer.status)"
        if let serverCode { message += " \(serverCode)" }
        if let text, !text.isEmpty { message += " (\(text.prefix(300)))" }
        if !code.advice.isEmpty { message += "; \(code.advice)" }
        let seconds = answer.header("Retry-After").flatMap(Int.init).flatMap { (0...86_400).contains($0) ? $0 : nil }
        self.init(
            code,
            message,
            status: answer.status,
            serverCode: serverCode,
            retryAfter: seconds.map { .seconds($0) }
        )
    }

    private static func code(_ status: Int, _ names: [String]) -> Code {
        for name in names {
            switch name {
            case "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "QueueDeletedRecently",
                "AWS.SimpleQueueService.QueueDeletedRecently":
                return .noQueue
            case "OverLimit": return .overLimit
            case "RequestThrottled", "ThrottlingException", "Throttling", "RequestLimitExceeded", "KmsThrottled",
                "TooManyRequestsException":
                return .throttled
            case "ExpiredToken", "ExpiredTokenException": return .expired
            case "RequestExpired", "RequestTimeTooSkewed": return .clockSkew
            case "AccessDenied", "AccessDeniedException", "KmsAccessDenied", "InvalidClientTokenId",
                "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException",
                "MissingAuthenticationToken", "OptInRequired", "InvalidSecurity":
                return .denied
            default: continue
            }
        }
        switch status {
        case 401, 403: return .denied
        case 404: return .noQueue
        case 429, 503: return .throttled
        case 408, 500...599: return .unavailable
        case 300...499: return .badRequest
        default: return .badAnswer
        }
    }
}

extension SQSError.Code {
    /// What a person can do.
    fileprivate var advice: String {
        switch self {
        case .noQueue: "check the queue's URL and the region"
        case .denied: "check the credentials, and that they may receive, delete and change visibility on this queue"
        case .expired: "renew the session that the credentials come from"
        case .clockSkew: "set this machine's clock"
        case .overLimit: "messages are received and not deleted; stop other readers that don't"
        case .badRequest: "check the queue's URL, the endpoint and the region"
        default: ""
        }
    }
}
