/// One request, its body in memory or in a file.
package struct HTTPRequest: Sendable {
    /// The method, sent as it is written: `GET`, `POST`, `PUT`, `HEAD`, `DELETE`.
    package var method: String
    /// An absolute `http` or `https` URL, already percent-encoded.
    package var url: String
    /// The headers in the order they are sent; an empty value is sent as an empty header.
    package var headers: [(String, String)]
    package var body: HTTPRequestBody
    package var timeouts: HTTPTimeouts
    /// How many redirects are followed, in place of the client's number.
    package var maxRedirects: Int?
    /// The IP address that the connection is made to, whatever the URL's host means; nil to look the host up.
    ///
    /// TLS and the `Host` header are for the URL's host all the same.
    package var connectTo: String?
    /// Whether the connection is made, TLS and all, and nothing is asked over it: the answer is empty then.
    package var connectsOnly: Bool

    package init(
        method: String = "GET",
        url: String,
        headers: [(String, String)] = [],
        body: HTTPRequestBody = .none,
        timeouts: HTTPTimeouts = HTTPTimeouts(),
        maxRedirects: Int? = nil,
        connectTo: String? = nil,
        connectsOnly: Bool = false
    ) {
        self.connectTo = connectTo
        self.connectsOnly = connectsOnly
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.maxRedirects = maxRedirects
    }

    package init(method: String = "GET", url: String, headers: [(String, String)] = [], body: [UInt8]) {
        self.init(method: method, url: url, headers: headers, body: .bytes(body))
    }

    /// Refuses what would not arrive as it is written here.
    ///
    /// The tokens are those of RFC 9110, section 5.6.2. A line break inside a value would start another header, so
    /// none is let through, whatever the caller's data held.
    func validate() throws(HTTPError) {
        guard Self.isToken(method) else {
            throw HTTPError(
                code: .invalidRequest,
                message: "the method is not an HTTP token; use GET, POST or PUT"
            )
        }
        for (name, value) in headers {
            guard Self.isToken(name) else {
                throw HTTPError(
                    code: .invalidRequest,
                    message: "the header name \"\(name)\" is not an HTTP token; correct it"
                )
            }
            guard value.utf8.allSatisfy({ $0 != 0 && $0 != 10 && $0 != 13 }) else {
                throw HTTPError(
                    code: .invalidRequest,
                    message: "the value of header \(name) holds a line break or a NUL; remove it"
                )
            }
        }
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default:
                    "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
