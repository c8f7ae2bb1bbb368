/// Why S3, or what stands before it, did not do what was asked.
package struct S3Error: Error, Sendable, Equatable {
    /// What kind of failure it was; the raw values are reason codes in events, logs and the command line's answers.
    package enum Code: String, Sendable, CaseIterable {
        /// The key, or this version of it, is not there any more.
        case gone = "object-gone"
        /// The key holds another version now.
        case changed = "object-changed"
        /// The key holds something already, and it was to be written only if not.
        case exists = "object-exists"
        /// The object lies in an archive and has to be restored first.
        case archived = "object-archived"
        /// The bytes that came are not those that the server announced.
        case damaged = "object-damaged"
        case noBucket = "no-such-bucket"
        case denied = "access-denied"
        /// The credentials are past their time, also after they were asked for anew.
        case expired = "credentials-expired"
        /// No place that was looked in has credentials, or one that was named has none.
        case noCredentials = "no-credentials"
        /// The server's clock and this one differ by more than was made up for.
        case clockSkew = "clock-skew"
        /// The server asks for fewer requests; see `retryAfter`.
        case throttled = "source-throttled"
        /// The server is not able to answer now.
        case unavailable = "source-unavailable"
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
    /// The server's own code, such as `SlowDown`.
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

    /// Whether the same request may succeed later without anybody doing anything.
    package var isPassing: Bool {
        switch code {
        case .damaged, .expired, .clockSkew, .throttled, .unavailable, .badAnswer, .transport: true
        case .gone, .changed, .exists, .archived, .noBucket, .denied, .noCredentials, .badRequest, .cancelled: false
        }
    }

    /// Whether the server refuses a request that is in order: it may refuse this object alone, or all of them.
    package var isRefusal: Bool { status != 0 && (code == .denied || code == .badRequest) }

    /// Whether the fault lies with this one object, and others of its source may do well.
    package var concernsOneObject: Bool {
        switch code {
        case .gone, .changed, .exists, .archived, .damaged: true
        default: false
        }
    }
}

extension S3Error: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(message)" }
}
