import Crypto
package import Events
import Synchronization

/// Signs requests with AWS Signature Version 4, in the `Authorization` header.
///
/// Source: "Create a signed AWS API request" of the IAM user guide, and for S3's differences "Authenticating Requests:
/// Using the Authorization Header" of the S3 API reference.
package struct SignatureV4: Sendable {
    /// What becomes of the path before it is signed.
    package enum PathRule: Sendable {
        /// S3: the path as it is sent, since `a//b` and `a/./b` are keys of their own.
        case asSent
        /// Every other service: dot segments and empty ones removed, and what was sent encoded once more.
        case normalized
    }

    /// One request as it will be sent.
    package struct Request: Sendable {
        package var method: String
        /// Percent-encoded.
        package var path: String
        /// Not encoded.
        package var query: [(String, String)]
        /// Every header that is to be signed, `Host` among them.
        package var headers: [(String, String)]
        /// 64 hexadecimal digits, or `UNSIGNED-PAYLOAD`.
        package var payloadHash: String

        package init(
            method: String,
            path: String,
            query: [(String, String)] = [],
            headers: [(String, String)],
            payloadHash: String
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.headers = headers
            self.payloadHash = payloadHash
        }
    }

    package let service: String
    package let region: String
    package let pathRule: PathRule
    private let keys: SigningKeys

    /// - Parameters:
    ///   - pathRule: S3's for the service `s3` and the others' for all others, unless told.
    ///   - keys: where the key of a former signature is kept for this one.
    package init(service: String, region: String, pathRule: PathRule? = nil, keys: SigningKeys = SigningKeys()) {
        self.service = service
        self.region = region
        self.pathRule = pathRule ?? (service == "s3" ? .asSent : .normalized)
        self.keys = keys
    }

    /// The value of the `Authorization` header; `X-Amz-Date` has to be among the request's headers, with this time.
    package func authorization(for request: Request, at time: Timestamp, with credentials: Credentials) -> String {
        let headers = Self.canonical(request.headers)
        let signed = headers.map(\.name).joined(separator: ";")
        let stamp = amazonDate(time)
        let day = String(stamp.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        var canonical = Array("\(request.method)\n\(canonicalPath(request.path))\n".utf8)
        canonical += "\(Self.canonicalQuery(request.query))\n".utf8
        for (name, value) in headers {
            canonical += name.utf8
            canonical.append(UInt8(ascii: ":"))
            canonical += value.utf8
            canonical.append(UInt8(ascii: "\n"))
        }
        canonical += "\n\(signed)\n\(request.payloadHash)".utf8
        let toSign = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(Digest(of: canonical))"
        let key = keys.key(secret: credentials.secretAccessKey, parts: [day, region, service, "aws4_request"])
        let signature = hex(Array(HMAC<SHA256>.authenticationCode(for: Array(toSign.utf8), using: key)))
        return "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(signed), "
            + "Signature=\(signature)"
    }

    /// The query as it is signed, which is also how it is sent: encoded, sorted by name and then by value.
    package static func canonicalQuery(_ query: [(String, String)]) -> String {
        query.map { (percentEncoded($0.0), percentEncoded($0.1)) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    private func canonicalPath(_ path: String) -> String {
        guard pathRule == .normalized else { return path.isEmpty ? "/" : path }
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        if segments.isEmpty { return "/" }
        let endsInSlash = ["/", "/.", "/.."].contains { path.hasSuffix($0) }
        let whole = "/" + segments.joined(separator: "/") + (endsInSlash ? "/" : "")
        return percentEncoded(whole, keepingSlashes: true)
    }

    /// Names in lower case and in order, values without needless blanks, repeated headers as one.
    private static func canonical(_ headers: [(String, String)]) -> [(name: String, value: String)] {
        var lines: [(name: String, value: String)] = []
        for (name, value) in headers {
            let name = name.lowercased()
            let value = withoutNeedlessBlanks(value)
            if let same = lines.firstIndex(where: { $0.name == name }) {
                lines[same].value += ",\(value)"
            } else {
                lines.append((name, value))
            }
        }
        return lines.sorted { $0.name < $1.name }
    }

    private static func withoutNeedlessBlanks(_ value: String) -> String {
        // Few values have a blank at all.
        guard value.utf8.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else { return value }
        return value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}

/// The key that was derived last, since requests that follow each other are signed with one: to derive it takes four HMACs.
package final class SigningKeys: Sendable {
    private let last = Mutex<(secret: String, parts: [String], key: SymmetricKey)?>(nil)

    package init() {}

    fileprivate func key(secret: String, parts: [String]) -> SymmetricKey {
        last.withLock { last in
            if let last, last.secret == secret, last.parts == parts { return last.key }
            var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
            for part in parts {
                key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
            }
            last = (secret, parts, key)
            return key
        }
    }
}

/// The time as `X-Amz-Date` has it: `20260301T093000Z`.
package func amazonDate(_ time: Timestamp) -> String {
    let digits = time.description.utf8.prefix(19).filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }
    return String(decoding: digits, as: UTF8.self) + "Z"
}

/// The SHA-256 of nothing, which is the payload of most requests.
package let emptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/// The SHA-256 of some bytes in hexadecimal.
package func sha256(_ bytes: [UInt8]) -> String {
    unsafe Digest(of: bytes.span.bytes).description
}
