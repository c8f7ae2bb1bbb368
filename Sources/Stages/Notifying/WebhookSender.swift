package import Events
package import HTTPTransfer
import ObjectStores
package import Projections

/// Sends notifications as signed POST requests to addresses that are safe to connect to.
package struct WebhookSender: NotificationSender {
    /// Bytes of an answer's body that are read.
    package static let answerLimit = 4_096
    /// Addresses of one name that are tried.
    private static let mostAddresses = 3
    /// How long one of several is waited for.
    private static let longestConnecting = Duration.seconds(5)

    private let client: HTTPClient
    private let policy: AddressPolicy
    private let resolver: any AddressResolver
    private let time: any TimeSource

    /// - Parameter client: follows no redirects, uses no proxy (it would connect where this did not look), and reads
    ///   `answerLimit` bytes.
    package init(
        client: HTTPClient,
        policy: AddressPolicy,
        resolver: any AddressResolver = SystemResolver(),
        time: any TimeSource
    ) {
        self.client = client
        self.policy = policy
        self.resolver = resolver
        self.time = time
    }

    /// The settings that such a client needs.
    package static func settings(caBundle: String?) -> HTTPSettings {
        HTTPSettings(bodyLimit: answerLimit, caBundle: caBundle, usesEnvironmentProxy: false, maxRedirects: 0)
    }

    package func send(_ notification: CatalogNotification, to endpoint: Endpoint) async throws -> SendOutcome {
        guard case .webhook(let url) = endpoint.target else {
            return SendOutcome(error: "the endpoint is no webhook")
        }
        let start = time.now()
        do {
            let message = try CloudEventMessage(notification.body, mode: endpoint.mode)
            let addresses = try await policy.addresses(of: url, resolver: resolver)
            let headers =
                message.headers + endpoint.headers
                + (try WebhookSecret.headers(
                    endpoint.secrets,
                    id: notification.id,
                    at: start,
                    body: message.body
                ))
            return try await post(message.body, headers, to: endpoint, url, at: addresses)
        } catch let error as UnsafeAddress {
            return SendOutcome(error: error.message, seconds: (time.now() - start).seconds)
        } catch let error as HTTPError {
            if error.code == .cancelled { throw CancellationError() }
            return SendOutcome(error: error.message, seconds: (time.now() - start).seconds)
        }
    }

    private func post(
        _ body: [UInt8],
        _ headers: [(String, String)],
        to endpoint: Endpoint,
        _ url: String,
        at addresses: [IPAddress]
    ) async throws -> SendOutcome {
        let response = try await send(to: addresses, within: endpoint.timeout) { address, timeouts in
            HTTPRequest(
                method: "POST",
                url: url,
                headers: headers,
                body: .bytes(body),
                timeouts: timeouts,
                connectTo: address.text
            )
        }
        return outcome(response, of: endpoint)
    }

    /// Sends to the first address that takes the connection: to these addresses and no other, whatever the name means by
    /// then.
    ///
    /// One that never answers leaves time for those behind it.
    private func send(
        to addresses: [IPAddress],
        within limit: Duration,
        _ request: (IPAddress, HTTPTimeouts) -> HTTPRequest
    ) async throws(HTTPError) -> HTTPResponse {
        let start = ContinuousClock.now
        var last = HTTPError(code: .resolve, message: "the name has no address")
        var untried = addresses.prefix(Self.mostAddresses)
        while let address = untried.popFirst() {
            let left = max(.milliseconds(1), limit - (ContinuousClock.now - start))
            let share = left / (untried.count + 1)
            let connect = untried.isEmpty ? nil : min(share, Self.longestConnecting)
            do {
                return try await client.send(request(address, HTTPTimeouts(connect: connect, total: left)))
            } catch {
                let isUnreached = error.code == .connect || (error.code == .timeout && !error.hadConnection)
                guard isUnreached else { throw error }
                last = error
            }
        }
        throw last
    }

    /// Connects to a receiver, TLS and all, and sends nothing.
    ///
    /// - Throws: `UnsafeAddress`, `HTTPError`.
    package func connect(to url: String) async throws {
        let addresses = try await policy.addresses(of: url, resolver: resolver)
        _ = try await send(to: addresses, within: .seconds(15)) { address, timeouts in
            HTTPRequest(url: url, timeouts: timeouts, connectTo: address.text, connectsOnly: true)
        }
    }

    private func outcome(_ response: HTTPResponse, of endpoint: Endpoint) -> SendOutcome {
        let secrets = endpoint.secrets.map(\.text) + endpoint.headers.map(\.1)
        return SendOutcome(
            isSuccess: (200..<300).contains(response.status),
            status: response.status,
            answer: AnswerExcerpt.text(of: response.body, isCut: response.bodyTruncated, hiding: secrets),
            seconds: response.seconds,
            retryAfter: RetryAfter.wait(response.header("retry-after"), now: time.now())
        )
    }
}

/// The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
enum RetryAfter {
    /// No receiver is left alone for longer than this.
    static let longest = Duration.seconds(86_400)

    /// How long to wait; nil for a header that is missing, can't be read, or names a moment that is past.
    static func wait(_ value: String?, now: Timestamp) -> Duration? {
        guard let text = value, !text.isEmpty else { return nil }
        let wait: Duration
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            wait = Int64(text).map { .seconds(min($0, 86_400)) } ?? longest
        } else {
            guard let date = Timestamp(httpDate: text) else { return nil }
            wait = date - now
        }
        return wait > .zero ? min(wait, longest) : nil
    }
}
