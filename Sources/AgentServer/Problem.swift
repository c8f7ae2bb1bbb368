import Events
import HTTPTypes
import Hummingbird

/// A request that is refused, as its sender is told: a JSON body by RFC 9457.
struct Problem: Error, Sendable, Equatable {
    /// What kind of refusal it is; the raw value is the body's `code`.
    enum Code: String, Sendable, CaseIterable {
        case answerTooSlow = "answer-too-slow"
        case badParameter = "bad-parameter"
        case badSetting = "bad-setting"
        case bodyIncomplete = "body-incomplete"
        case bodyTooLarge = "body-too-large"
        case bodyUnreadable = "body-unreadable"
        case contentTypeUnsupported = "content-type-unsupported"
        case contradictingSettings = "contradicting-settings"
        case idAmbiguous = "id-ambiguous"
        case intakeClosed = "intake-closed"
        case internalError = "internal-error"
        case methodNotAllowed = "method-not-allowed"
        case notCancellable = "not-cancellable"
        case notFound = "not-found"
        case notRedeliverable = "not-redeliverable"
        case notReleasable = "not-releasable"
        case nothingReadable = "nothing-readable"
        case planOutdated = "plan-outdated"
        case positionUnknown = "position-unknown"
        case rangeUnsatisfiable = "range-unsatisfiable"
        case requestTooSlow = "request-too-slow"
        case scopeInsufficient = "scope-insufficient"
        case serverStopping = "server-stopping"
        case tokenRequired = "token-required"
        case tooManyPlans = "too-many-plans"
        case tooManyStreams = "too-many-streams"

        var status: HTTPResponse.Status {
            switch self {
            case .badParameter, .bodyIncomplete, .bodyUnreadable, .nothingReadable: .badRequest
            case .tokenRequired: .unauthorized
            case .scopeInsufficient: .forbidden
            case .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .requestTooSlow: .requestTimeout
            case .badSetting, .contradictingSettings, .idAmbiguous, .notCancellable, .notRedeliverable, .notReleasable,
                .planOutdated, .positionUnknown:
                .conflict
            case .bodyTooLarge: .contentTooLarge
            case .contentTypeUnsupported: .unsupportedMediaType
            case .rangeUnsatisfiable: .rangeNotSatisfiable
            case .internalError: .internalServerError
            case .answerTooSlow, .intakeClosed, .serverStopping, .tooManyPlans, .tooManyStreams:
                .serviceUnavailable
            }
        }
    }

    let code: Code
    let detail: String
    /// What was wrong with each record, where it is about records.
    var malformed: [CanonicalJSON] = []
    /// Seconds after which the same request may succeed.
    var retryAfter: Int?
    /// The methods that would do.
    var allow = "POST"
    /// The size of what a range was asked of, in bytes.
    var size: Int?

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    static func == (left: Problem, right: Problem) -> Bool {
        left.code == right.code && left.detail == right.detail
    }

    private var status: HTTPResponse.Status { code.status }

    /// Whether the request's body may still be under way: nobody is going to read it.
    private var leavesBodyUnread: Bool {
        switch code {
        case .badParameter, .badSetting, .bodyUnreadable, .contradictingSettings, .idAmbiguous,
            .intakeClosed, .internalError, .notCancellable, .notRedeliverable, .notReleasable, .nothingReadable,
            .planOutdated, .positionUnknown, .rangeUnsatisfiable, .tooManyStreams:
            false
        default: true
        }
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if code == .tokenRequired { headers[.wwwAuthenticate] = "Bearer realm=\"swathlog\"" }
        if code == .methodNotAllowed { headers[.allow] = allow }
        if let size { headers[.contentRange] = "bytes */\(size)" }
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if leavesBodyUnread { headers[.connection] = "close" }
        let body = CanonicalJSON { json in
            json.set("code", code.rawValue)
            json.set("detail", detail)
            if !malformed.isEmpty { json.set("malformed", malformed) }
            json.set("status", status.code)
            json.set("title", status.reasonPhrase)
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes)))
    }
}
