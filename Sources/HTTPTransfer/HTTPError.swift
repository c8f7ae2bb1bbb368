/// Why a request got no answer.
///
/// An answer with any status, 500 included, is a response and not an error.
package struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it was; the raw value is for logs and events.
    package enum Code: String, Sendable, CaseIterable {
        /// No connection or no complete answer within the time allowed.
        case timeout
        /// The host's name has no address.
        case resolve
        /// Nothing listens there, or the network does not lead there.
        case connect
        /// The peer's certificate or the TLS handshake was refused.
        case tls
        /// The task was cancelled or the client shut down.
        case cancelled
        /// The answer's headers exceed what the client is willing to hold.
        case tooLarge = "too-large"
        /// The URL, the method or a header cannot be sent; repeating it cannot help.
        case invalidRequest = "invalid-request"
        /// Anything else; the message is libcurl's own.
        case other
    }

    package let code: Code
    /// libcurl's number, 0 where libcurl was not involved.
    package let curlCode: Int32
    package let message: String
    /// Whether libcurl had a connection, TLS and all, when it failed; the peer has seen nothing of the request if not.
    package internal(set) var hadConnection = false

    package init(code: Code, curlCode: Int32 = 0, message: String) {
        self.code = code
        self.curlCode = curlCode
        self.message = message
    }

    package var description: String {
        curlCode == 0 ? "\(code.rawValue): \(message)" : "\(code.rawValue): \(message) (curl \(curlCode))"
    }

    package static let cancelled = HTTPError(code: .cancelled, message: "the request was cancelled")
    package static let shutDown = HTTPError(
        code: .cancelled,
        message: "the HTTP client is shut down; make a new one"
    )
}
