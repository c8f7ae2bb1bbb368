/// Which queue it is, and where it is asked.
package struct SQSLocation: Sendable, Equatable {
    /// The queue's URL, as SQS names it.
    package let url: String
    /// `https://host[:port]` that requests go to.
    package let endpoint: String
    /// The region that requests are signed for.
    package let region: String

    /// Reads where to ask from the queue's URL.
    ///
    /// - Parameters:
    ///   - endpoint: another place to ask, such as a VPC endpoint or a local server; nil: the URL's own host.
    ///   - region: nil: the one that the host's name has (`sqs.REGION.amazonaws.com`, `REGION.queue.amazonaws.com`), else
    ///     `us-east-1`.
    package init(url: String, endpoint: String? = nil, region: String? = nil) throws(SQSError) {
        guard let origin = Self.origin(url), let host = Self.host(origin), url.utf8.count > origin.utf8.count + 1 else {
            throw SQSError(
                .badRequest,
                "\"\(url)\" is not a queue's URL; write https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"
            )
        }
        guard let asked = Self.origin(endpoint ?? url) else {
            throw SQSError(.badRequest, "the queue's endpoint \"\(endpoint ?? "")\" is not a URL; write https://HOST")
        }
        self.url = url
        self.endpoint = asked
        self.region = region ?? Self.region(host) ?? "us-east-1"
    }

    /// The queue's name, for messages.
    package var name: String { url.split(separator: "/").last.map(String.init) ?? url }

    /// Scheme and authority; nil where the text is no plain http or https URL.
    private static func origin(_ url: String) -> String? {
        guard let end = url.firstRange(of: "://"), ["http", "https"].contains(url[..<end.lowerBound].lowercased()),
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        let authority = url[end.upperBound...].prefix { $0 != "/" }
        guard !authority.isEmpty, !authority.contains(where: { "@?#".contains($0) }) else { return nil }
        let scheme = url[..<end.lowerBound].lowercased()
        var host = authority.lowercased()
        // HTTP clients leave the standard port out of the Host header, which is signed.
        let standard = scheme == "https" ? ":443" : ":80"
        if host.hasSuffix(standard) { host.removeLast(standard.count) }
        return "\(scheme)://\(host)"
    }

    private static func host(_ origin: String) -> String? {
        origin.firstRange(of: "://").map { String(origin[$0.upperBound...].prefix { $0 != ":" }) }
    }

    private static func region(_ host: String) -> String? {
        let labels = host.split(separator: ".").map(String.init)
        guard host.hasSuffix(".amazonaws.com") || host.hasSuffix(".amazonaws.com.cn") || host.hasSuffix(".api.aws"),
            labels.count >= 4
        else { return nil }
        // A VPC endpoint has a name of its own before the service's.
        if let service = labels.firstIndex(where: { $0 == "sqs" || $0 == "sqs-fips" }), service + 3 < labels.count {
            return labels[service + 1]
        }
        return labels[1] == "queue" ? labels[0] : nil
    }
}
