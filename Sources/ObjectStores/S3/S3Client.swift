package import Events
package import HTTPTransfer
import Synchronization

/// Speaks S3's REST interface to AWS and to everything that speaks it too.
///
/// One call is one request, but for what a server itself sends elsewhere: a bucket in another region, a wrong clock,
/// credentials past their time are each put right once. Everything else is thrown; who retries is the caller.
package final class S3Client: Sendable {
    package let settings: S3Settings
    let requests: SignedRequests
    package let time: any TimeSource
    /// The regions that servers have named for buckets.
    private let regions = Mutex<[String: String]>([:])
    /// Where buckets are addressed, by region and name.
    private let endpoints = Mutex<[String: S3Endpoint]>([:])

    /// - Parameter http: a client with room for a page of a listing: see `httpSettings`.
    /// - Parameter credentials: nil for anonymous requests.
    package init(
        settings: S3Settings,
        http: HTTPClient,
        credentials: CredentialsProvider?,
        time: any TimeSource = SystemTime()
    ) {
        self.settings = settings
        self.time = time
        requests = SignedRequests(
            service: "s3",
            http: http,
            credentials: settings.anonymous ? nil : credentials,
            time: time
        )
    }

    /// What an HTTP client needs to hold: a page of 1,000 keys of 1,024 bytes, each byte as three.
    package static let httpSettings = HTTPSettings(bodyLimit: 8 << 20)

    // MARK: Requests

    /// Makes the request for a bucket, or for a key in it, in a region.
    package func request(
        _ method: String,
        _ bucket: String,
        key: String? = nil,
        query: [(String, String)] = [],
        headers: [(String, String)] = [],
        region: String
    ) throws(S3Error) -> ServiceRequest {
        let endpoint = try endpoint(of: bucket, region: region)
        guard key?.isEmpty != true else { throw S3Error(.badRequest, "a key of \(bucket) is empty; name one") }
        let path = endpoint.base + "/" + (key.map { percentEncoded($0, keepingSlashes: true) } ?? "")
        var headers = headers
        if settings.requesterPays { headers.append(("X-Amz-Request-Payer", "requester")) }
        return ServiceRequest(
            method: method,
            origin: endpoint.origin,
            path: path,
            query: query,
            headers: headers
        )
    }

    func endpoint(of bucket: String, region: String) throws(S3Error) -> S3Endpoint {
        let name = "\(region)/\(bucket)"
        if let known = endpoints.withLock({ $0[name] }) { return known }
        let endpoint = try S3Endpoint(bucket: bucket, region: region, settings: settings)
        endpoints.withLock { $0[name] = endpoint }
        return endpoint
    }

    /// Sends what `make` gives for a region, again for the region that the server names if it is another.
    package func send(
        _ bucket: String,
        action: String,
        _ make: (_ region: String) throws(S3Error) -> ServiceRequest
    ) async throws(S3Error) -> ServiceAnswer {
        let region = region(of: bucket)
        let request = try make(region)
        var answer = try await requests.send(request, region: region)
        if let other = learnRegion(of: bucket, from: answer, used: region) {
            answer = try await requests.send(try make(other), region: other)
        }
        guard (200..<300).contains(answer.status) else {
            throw S3Error(answer, action: action, now: time.now(), hasBody: request.method != "HEAD")
        }
        return answer
    }

    /// Opens what `make` gives for a region, like `send`.
    func open(
        _ bucket: String,
        action: String,
        _ make: (_ region: String) throws(S3Error) -> ServiceRequest
    ) async throws(S3Error) -> HTTPStream {
        let region = region(of: bucket)
        var answer = try await requests.open(try make(region), region: region)
        if case .refused(let refusal) = answer, let other = learnRegion(of: bucket, from: refusal, used: region) {
            answer = try await requests.open(try make(other), region: other)
        }
        switch answer {
        case .stream(let stream): return stream
        case .refused(let refusal): throw S3Error(refusal, action: action, now: time.now())
        }
    }

    func region(of bucket: String) -> String {
        regions.withLock { $0[bucket] } ?? settings.region ?? "us-east-1"
    }

    /// Notes the region that an answer names for the bucket; nil where it names none, or the one that was used.
    func learnRegion(of bucket: String, from answer: ServiceAnswer, used: String) -> String? {
        guard [301, 307, 400, 403].contains(answer.status) else { return nil }
        // A foreign region is also named in answers that refuse for other reasons; only these are about it.
        let isAboutRegion =
            answer.status < 400 || answer.body.isEmpty
            || answer.reports(["AuthorizationHeaderMalformed", "IllegalLocationConstraintException"])
        guard isAboutRegion else { return nil }
        let named = answer.header("x-amz-bucket-region") ?? XMLReading.values(of: answer.body)?.values["Region"]
        guard let named, named != used, isRegion(named) else { return nil }
        regions.withLock { $0[bucket] = named }
        return named
    }

    /// The name becomes part of a host's name, so nothing else is let in.
    private func isRegion(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}
