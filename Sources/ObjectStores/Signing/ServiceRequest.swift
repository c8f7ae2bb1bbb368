import Events
package import HTTPTransfer

/// A request to an AWS service or one that is spoken to like one, before it is signed.
package struct ServiceRequest: Sendable {
    /// What the signature says about the body.
    package enum Payload: Sendable, Equatable {
        /// Its SHA-256, 64 hexadecimal digits.
        case hash(String)
        /// Nothing; to be used over TLS only.
        case unsigned
    }

    package var method: String
    /// `https://host[:port]`, without a path.
    package var origin: String
    /// Percent-encoded, with a slash at its beginning.
    package var path: String
    /// Not encoded.
    package var query: [(String, String)]
    package var headers: [(String, String)]
    package var body: HTTPRequestBody
    package var payload: Payload
    package var timeouts = HTTPTimeouts()

    package init(
        method: String,
        origin: String,
        path: String = "/",
        query: [(String, String)] = [],
        headers: [(String, String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.origin = origin
        self.path = path
        self.query = query
        self.headers = headers
        self.body = .bytes(body)
        payload = .hash(body.isEmpty ? emptyPayloadHash : sha256(body))
    }

    /// The URL as it is sent; its query is written just as it is signed.
    var url: String {
        query.isEmpty ? origin + path : "\(origin)\(path)?\(SignatureV4.canonicalQuery(query))"
    }

    /// What stands between the scheme and the path.
    var host: String {
        let bytes = origin.utf8
        return String(bytes.lastIndex(of: UInt8(ascii: "/")).map { origin[bytes.index(after: $0)...] } ?? origin[...])
    }
}

/// A whole answer, whatever its status.
package struct ServiceAnswer: HTTPAnswer {
    package let status: Int
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    /// Whether the error that the answer reports, in XML or JSON or a header, has one of these codes.
    func reports(_ codes: [String]) -> Bool {
        guard status >= 400 else { return false }
        if let code = header("x-amz-error-code") ?? header("x-amzn-errortype") {
            if codes.contains(where: code.contains) { return true }
        }
        let text = String(decoding: body.prefix(4096), as: UTF8.self)
        return codes.contains { text.contains("<Code>\($0)</Code>") || text.contains("\($0)\"") }
    }
}
