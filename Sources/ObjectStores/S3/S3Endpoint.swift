/// Where a bucket is addressed: the parts of a URL, ready to be signed and sent.
package struct S3Endpoint: Sendable, Equatable {
    /// `https://host[:port]`, without a path.
    package let origin: String
    /// The value of the `Host` header.
    package let host: String
    /// What stands before the key in the path, without a slash at its end.
    package let base: String
    package let isEncrypted: Bool

    /// - Parameter bucket: nil for requests that name no bucket.
    package init(bucket: String?, region: String, settings: S3Settings) throws(S3Error) {
        var scheme = "https"
        var authority = "s3.\(region).\(region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com")"
        var path = ""
        if let endpoint = settings.endpoint {
            guard let end = endpoint.firstRange(of: "://") else {
                throw S3Error(.badRequest, "the endpoint \"\(endpoint)\" is not a URL; write https://HOST")
            }
            scheme = endpoint[..<end.lowerBound].lowercased()
            let rest = endpoint[end.upperBound...]
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = rest[..<slash].lowercased()
            path = String(rest[slash...])
            while path.hasSuffix("/") { path.removeLast() }
        }
        guard ["http", "https"].contains(scheme), !authority.isEmpty,
            !authority.contains(where: { "@?# ".contains($0) }), !path.contains(where: { "?# %".contains($0) })
        else {
            throw S3Error(
                .badRequest,
                "the endpoint is not a plain http or https URL; write https://HOST, without user, query or escapes"
            )
        }
        let standardPort = scheme == "https" ? ":443" : ":80"
        // HTTP clients leave the standard port out of the Host header, which is signed.
        if authority.hasSuffix(standardPort) { authority.removeLast(standardPort.count) }
        if let bucket {
            if Self.goesIntoHost(bucket, settings) {
                authority = "\(bucket).\(authority)"
            } else {
                path += "/" + percentEncoded(bucket)
            }
        }
        origin = "\(scheme)://\(authority)"
        host = authority
        base = path
        isEncrypted = scheme == "https"
    }

    private static func goesIntoHost(_ bucket: String, _ settings: S3Settings) -> Bool {
        switch settings.addressing {
        case .path: return false
        case .virtualHost: return true
        case .auto:
            // A dot in the name is a level more than the certificate's wildcard covers, and capitals get lost.
            let isLabel = bucket.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            return settings.endpoint == nil && isLabel && bucket.utf8.count <= 63
        }
    }
}
