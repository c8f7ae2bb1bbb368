package import Events
package import HTTPTransfer
import Synchronization

/// Signs requests to one service, sends them, and puts right what a server may find wrong with a signature.
///
/// A wrong clock is made up for with the server's `Date`, credentials that have expired are loaded anew; each at most
/// once a request. Everything else is the caller's to judge.
package final class SignedRequests: Sendable {
    private let service: String
    private let http: HTTPClient
    private let credentials: CredentialsProvider?
    private let time: any TimeSource
    private let keys = SigningKeys()
    /// How far the servers' clock is ahead of ours.
    private let clockOffset = Mutex(Duration.zero)

    /// - Parameter credentials: nil for requests that go unsigned.
    package init(
        service: String,
        http: HTTPClient,
        credentials: CredentialsProvider?,
        time: any TimeSource = SystemTime()
    ) {
        self.service = service
        self.http = http
        self.credentials = credentials
        self.time = time
    }

    /// Sends a request and returns the whole answer, whatever its status; throws where none came.
    package func send(_ request: ServiceRequest, region: String) async throws(S3Error) -> ServiceAnswer {
        try await exchange(request, region: region) { (signed) throws(S3Error) in
            let answer = try await orThrow { () throws(HTTPError) in try await self.http.send(signed) }
            guard !answer.bodyTruncated else {
                throw S3Error(.badAnswer, "the answer to \(signed.method) is larger than anything that was asked for")
            }
            return ServiceAnswer(status: answer.status, headers: answer.headers, body: answer.body)
        } whole: {
            $0
        }
    }

    /// Sends a request and returns when the head of the answer is there; an answer that is no success comes whole.
    package func open(_ request: ServiceRequest, region: String) async throws(S3Error) -> ServiceStream {
        try await exchange(request, region: region) { (signed) throws(S3Error) in
            let stream = try await orThrow { () throws(HTTPError) in try await self.http.open(signed) }
            if (200..<300).contains(stream.status) { return .stream(stream) }
            let body = try await orThrow { () throws(HTTPError) in try await stream.body.beginning(1 << 16) }
            return .refused(ServiceAnswer(status: stream.status, headers: stream.headers, body: body))
        } whole: {
            if case .refused(let answer) = $0 { answer } else { nil }
        }
    }

    private func exchange<Answer>(
        _ request: ServiceRequest,
        region: String,
        _ transmit: (HTTPRequest) async throws(S3Error) -> Answer,
        whole: (Answer) -> ServiceAnswer?
    ) async throws(S3Error) -> Answer {
        var tried: Set<Correction> = []
        while true {
            let (signed, used) = try await sign(request, region: region)
            let answer = try await transmit(signed)
            guard let refusal = whole(answer), let correction = await correction(for: refusal, used: used),
                tried.insert(correction).inserted
            else { return answer }
        }
    }

    // MARK: Signing

    private func sign(
        _ request: ServiceRequest,
        region: String
    ) async throws(S3Error) -> (HTTPRequest, Credentials?) {
        var headers = request.headers
        let hash =
            switch request.payload {
            case .hash(let hash): hash
            case .unsigned: "UNSIGNED-PAYLOAD"
            }
        guard let credentials = try await credentials?.credentials() else {
            return (request.sent(with: headers), nil)
        }
        let now = time.now() + clockOffset.withLock { $0 }
        headers.append(("X-Amz-Date", amazonDate(now)))
        if service == "s3" { headers.append(("X-Amz-Content-Sha256", hash)) }
        if let token = credentials.sessionToken { headers.append(("X-Amz-Security-Token", token)) }
        let authorization = SignatureV4(service: service, region: region, keys: keys).authorization(
            for: SignatureV4.Request(
                method: request.method,
                path: request.path,
                query: request.query,
                headers: headers + [("Host", request.host)],
                payloadHash: hash
            ),
            at: now,
            with: credentials
        )
        headers.append(("Authorization", authorization))
        return (request.sent(with: headers), credentials)
    }

    // MARK: Corrections

    private enum Correction {
        case clock
        case credentials
    }

    /// Puts right what the answer complains about; nil where there is nothing, or nothing that this could put right.
    private func correction(for answer: ServiceAnswer, used: Credentials?) async -> Correction? {
        guard let used, let credentials, [400, 401, 403].contains(answer.status) else { return nil }
        if correctClock(answer) { return .clock }
        guard answer.reports(staleCredentials) else { return nil }
        await credentials.invalidate(used)
        // The same ones again would only be refused again.
        guard let renewed = try? await credentials.credentials(), renewed != used else { return nil }
        return .credentials
    }

    private func correctClock(_ answer: ServiceAnswer) -> Bool {
        guard let date = answer.header("Date").flatMap(Timestamp.init(httpDate:)) else { return false }
        let offset = date - time.now()
        return clockOffset.withLock { known in
            let error = offset > known ? offset - known : known - offset
            // An answer to HEAD has no body that could name the reason.
            let isSuspect = answer.body.isEmpty || answer.reports(possiblySkewed)
            guard error > .seconds(240) && isSuspect || error > .seconds(1) && answer.reports(skewed) else {
                return false
            }
            known = offset
            return true
        }
    }
}

/// Codes that say that the clock is wrong.
private let skewed = ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]
/// Codes that a wrong clock may be the reason of.
private let possiblySkewed = ["SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", "AccessDenied"]
/// Codes that other credentials may help against.
private let staleCredentials = [
    "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken", "InvalidAccessKeyId",
    "InvalidClientTokenId", "UnrecognizedClientException",
]

/// An answer that is still coming, or one that is no success.
package enum ServiceStream: Sendable {
    case stream(HTTPStream)
    case refused(ServiceAnswer)
}

extension ServiceRequest {
    fileprivate func sent(with headers: [(String, String)]) -> HTTPRequest {
        HTTPRequest(method: method, url: url, headers: headers, body: body, timeouts: timeouts)
    }
}

extension HTTPBody {
    /// The bytes up to a limit; the rest is not waited for.
    fileprivate func beginning(_ limit: Int) async throws(HTTPError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunks = makeAsyncIterator()
        while bytes.count < limit, let chunk = try await chunks.next() {
            bytes += chunk
        }
        return bytes
    }
}

/// Gives an HTTP failure this module's words.
func orThrow<Value>(_ body: () async throws(HTTPError) -> Value) async throws(S3Error) -> Value {
    do {
        return try await body()
    } catch {
        throw S3Error(error)
    }
}

extension S3Error {
    /// What became of a request that got no answer.
    init(_ error: HTTPError) {
        switch error.code {
        case .cancelled: self.init(.cancelled, error.message)
        case .invalidRequest: self.init(.badRequest, error.message)
        default:
            self.init(.transport, "the server did not answer (\(error)); check the endpoint and the network")
        }
    }
}
