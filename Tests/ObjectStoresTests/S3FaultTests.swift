import Events
import Files
import Foundation
import HTTPTransfer
import ObjectStores
import TestSupport
import Testing

@Suite("S3 on bad days", .timeLimit(.minutes(5)))
struct S3FaultTests {
    /// What the proxy does, as JSON.
    private struct Faults {
        let proxy: Int
        let http: HTTPClient

        func order(_ faults: [[String: any Sendable]]) async throws {
            let body = try JSONSerialization.data(withJSONObject: faults)
            let url = "http://127.0.0.1:\(proxy)/_faults"
            _ = try await http.send(HTTPRequest(method: "POST", url: url, body: Array(body)))
        }

        /// The requests since the last order, and how many faults nobody has met.
        func requests() async throws -> (seen: [[String: Any]], left: Int) {
            let answer = try await http.send(HTTPRequest(url: "http://127.0.0.1:\(proxy)/_requests"))
            let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
            return (object?["requests"] as? [[String: Any]] ?? [], object?["left"] as? Int ?? -1)
        }
    }

    /// One object at moto behind the proxy.
    private struct Stage {
        let scratch: Scratch
        let client: S3Client
        let faults: Faults
        let bytes: [UInt8]
        let wanted: WantedObject

        func fetch(_ client: S3Client? = nil, _ wanted: WantedObject? = nil) async throws -> [UInt8] {
            let destination = scratch.file(UUID().uuidString)
            do {
                let fetched = try await S3Store(client: client ?? self.client)
                    .fetch(wanted ?? self.wanted, to: destination)
                let got = try readFile(destination)
                #expect(fetched.sha256 == sha256(got))
                #expect(fetched.bytes == got.count)
                return got
            } catch {
                #expect(try fileInfo(destination) == nil, "a failed fetch left its file")
                throw error
            }
        }
    }

    private func onStage(
        bytes: [UInt8] = noise(3_000_000),
        _ change: @escaping (inout S3Settings) -> Void = { _ in },
        _ body: (Stage) async throws -> Void
    ) async throws {
        let scratch = try Scratch("faults")
        try await Servers.moto { port in
            let direct = try Servers.client(port: port)
            try await Servers.makeBucket("bucket", on: direct)
            let written = try await direct.put("bucket", "k", .bytes(bytes))
            try await Servers.script("faults.py", ["\(port)"]) { proxy in
                let stage = Stage(
                    scratch: scratch,
                    client: try Servers.client(port: proxy, change),
                    faults: Faults(proxy: proxy, http: try HTTPClient()),
                    bytes: bytes,
                    wanted: WantedObject(
                        bucket: "bucket",
                        key: "k",
                        version: written.etag,
                        etag: written.etag,
                        size: bytes.count
                    )
                )
                try await body(stage)
            }
        }
    }

    @Test("who agrees to pay says so in every request, and signs it; nobody else does", arguments: [true, false])
    func payer(pays: Bool) async throws {
        let agree: (inout S3Settings) -> Void = { $0.requesterPays = pays }
        try await onStage(agree) { stage in
            try await stage.faults.order([])
            #expect(try await stage.fetch() == stage.bytes)
            _ = try await stage.client.head("bucket", "k")
            _ = try await stage.client.list("bucket")
            try await stage.client.put("bucket", "new", .bytes([1]))
            let seen = try await stage.faults.requests().seen
            #expect(Set(seen.compactMap { $0["method"] as? String }) == ["GET", "HEAD", "PUT"])
            for request in seen {
                let headers = try #require(request["headers"] as? [String: String])
                #expect(headers["x-amz-request-payer"] == (pays ? "requester" : nil))
                #expect(headers["authorization"]?.contains("x-amz-request-payer") == pays)
            }
        }
    }

    @Test("what goes in one piece is signed by the SHA-256 that is known of it, else by that of its bytes")
    func knownDigest() async throws {
        try await onStage { stage in
            for known in [nil, Digest(of: "as it was recorded".utf8)] {
                try await stage.faults.order([])
                try await stage.client.put("bucket", "new", .bytes([1]), sha256: known)
                let request = try #require(try await stage.faults.requests().seen.last)
                let headers = try #require(request["headers"] as? [String: String])
                #expect(headers["x-amz-content-sha256"] == (known ?? Digest(of: [1])).description)
            }
        }
    }

    @Test("a connection cut at every tenth of a download is taken up where it broke")
    func cuts() async throws {
        try await onStage { stage in
            let tenth = stage.bytes.count / 10
            for cut in 0...10 {
                try await stage.faults.order([["kind": "cut", "method": "GET", "after": cut * tenth]])
                #expect(try await stage.fetch() == stage.bytes)
                let (seen, left) = try await stage.faults.requests()
                #expect(left == 0)
                // After the last byte there is nothing to take up.
                #expect(seen.count == (cut == 10 ? 1 : 2))
                let headers = seen.last?["headers"] as? [String: String]
                if (1..<10).contains(cut) {
                    #expect(headers?["range"] == "bytes=\(cut * tenth)-")
                    #expect(headers?["if-match"] == "\"\(stage.wanted.version)\"")
                }
            }
            let steps = (0..<9).map { _ in ["kind": "cut", "method": "GET", "after": tenth] as [String: any Sendable] }
            try await stage.faults.order(steps)
            #expect(try await stage.fetch() == stage.bytes)
            #expect(try await stage.faults.requests().seen.count == 10)
        }
    }

    @Test("a download that gets nowhere ends after so many attempts and leaves nothing behind")
    func stalled() async throws {
        try await onStage {
            $0.stalledAttempts = 3
            $0.longestPause = .milliseconds(5)
        } _: { stage in
            let cut: [String: any Sendable] = ["kind": "cut", "method": "GET", "after": 0]
            try await stage.faults.order(Array(repeating: cut, count: 20))
            let error = try await failure { try await stage.fetch() }
            #expect(error.code == .transport)
            #expect(error.isPassing)
            #expect(try await stage.faults.requests().seen.count == 4)
        }
    }

    @Test("an object that is replaced while it is downloaded is not patched together")
    func replaced() async throws {
        try await onStage { stage in
            try await stage.faults.order([["kind": "cut", "method": "GET", "after": 1_000_000]])
            let other = noise(stage.bytes.count, seed: 2)
            // The version that is asked for is gone before the first request; the ETag in the answer says so too.
            let replaced = try await stage.client.put("bucket", "k", .bytes(other))
            try await stage.faults.order([["kind": "cut", "method": "GET", "after": 1_000_000]])
            #expect(try await failure { try await stage.fetch() }.code == .changed)
            let wanted = WantedObject(
                bucket: "bucket",
                key: "k",
                version: replaced.etag,
                etag: replaced.etag,
                size: other.count + 1
            )
            #expect(try await failure { try await stage.fetch(nil, wanted) }.code == .changed)
            #expect(
                try await failure {
                    let gone = WantedObject(bucket: "bucket", key: "none", version: "x", size: nil)
                    return try await stage.fetch(nil, gone)
                }.code == .gone
            )
        }
    }

    @Test("an answer that is not S3's says nothing of an object", arguments: [404, 405, 410, 302, 400])
    func answeredByAnother(_ status: Int) async throws {
        try await onStage { stage in
            let page: [String: any Sendable] = [
                "kind": "answer", "status": status, "headers": ["Content-Type": "text/html"],
                "body": "<html><body>Nothing here</body></html>",
            ]
            try await stage.faults.order([page])
            let error = try await failure { try await stage.fetch() }
            #expect(error.code == .badAnswer && error.isPassing && !error.concernsOneObject, "\(error)")
            #expect(try await stage.fetch() == stage.bytes)
        }
    }

    @Test("a 404 to HEAD, which has no body, is asked for once more before a key is taken for gone")
    func goneByHead() async throws {
        try await onStage { stage in
            let bare: [String: any Sendable] = ["kind": "answer", "method": "HEAD", "status": 404]
            try await stage.faults.order([bare])
            #expect(try await stage.client.describe("bucket", "k").size == stage.bytes.count)
            let page: [String: any Sendable] = ["kind": "answer", "method": "GET", "status": 404, "body": "<html/>"]
            try await stage.faults.order([bare, page])
            #expect(try await failure { try await stage.client.describe("bucket", "k") }.code == .badAnswer)
            #expect(try await failure { try await stage.client.describe("bucket", "none") }.code == .gone)
        }
    }

    @Test("a session's token that is none is the source's fault")
    func invalidToken() async throws {
        try await onStage { stage in
            let refusal: [String: any Sendable] = [
                "kind": "answer", "status": 400, "headers": [String: String](),
                "body": "<Error><Code>InvalidToken</Code><Message>The provided token is malformed.</Message></Error>",
            ]
            try await stage.faults.order([refusal, refusal])
            let error = try await failure { try await stage.fetch() }
            #expect(error.code == .expired && !error.concernsOneObject)
        }
    }

    @Test("an object is asked for without being brought; who may not read it, or has another, is told")
    func asked() async throws {
        try await onStage { stage in
            let store = S3Store(client: stage.client)
            try await stage.faults.order([])
            try await store.ask(for: stage.wanted)
            let seen = try await stage.faults.requests().seen
            #expect((seen.first?["headers"] as? [String: String])?["range"] == "bytes=0-0")
            let no: [String: any Sendable] = ["kind": "answer", "method": "GET", "status": 403]
            try await stage.faults.order([no])
            #expect(try await failure { try await store.ask(for: stage.wanted) }.code == .denied)
            let other = WantedObject(bucket: "bucket", key: "k", version: "x", etag: "x", size: 1)
            #expect(try await failure { try await store.ask(for: other) }.code == .changed)
            try await stage.client.put("bucket", "empty", .bytes([]))
            try await store.ask(for: WantedObject(bucket: "bucket", key: "empty", version: "", size: 0))
        }
    }

    @Test("bytes that are not those of the ETag are refused")
    func damaged() async throws {
        try await onStage { stage in
            let wrong = String(repeating: "x", count: 10)
            let headers = ["ETag": "\"\(stage.wanted.version)\"", "Content-Type": "image/jpeg"]
            try await stage.faults.order([
                ["kind": "answer", "method": "GET", "status": 200, "headers": headers, "body": wrong]
            ])
            let wanted = WantedObject(bucket: "bucket", key: "k", version: "", etag: stage.wanted.etag, size: 10)
            #expect(try await failure { try await stage.fetch(nil, wanted) }.code == .damaged)
        }
    }

    @Test("SlowDown says for how long, and is not argued with before a download has begun", arguments: [503, 429])
    func throttled(_ status: Int) async throws {
        try await onStage { stage in
            let slow: [String: any Sendable] = [
                "kind": "answer", "status": status, "headers": ["Retry-After": "7"],
                "body": "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
            ]
            try await stage.faults.order([slow, slow])
            let listing = try await failure { try await stage.client.list("bucket") }
            let fetching = try await failure { try await stage.fetch() }
            for error in [listing, fetching] {
                #expect(error.code == .throttled)
                #expect(error.status == status)
                #expect(error.serverCode == "SlowDown")
                #expect(error.retryAfter == .seconds(7))
            }
            #expect(try await stage.faults.requests().seen.count == 2)
            // In the middle of a download the pause is waited for, where it is short.
            let short: [String: any Sendable] = ["kind": "answer", "status": status, "headers": ["Retry-After": "0"]]
            try await stage.faults.order([["kind": "cut", "method": "GET", "after": 1_000_000], short])
            #expect(try await stage.fetch() == stage.bytes)
            #expect(try await stage.faults.requests().seen.count == 3)
        }
    }

    @Test("a wrong clock is made up for once", arguments: ["GET", "HEAD"])
    func skew(_ method: String) async throws {
        try await onStage { stage in
            let skewed: [String: any Sendable] = [
                "kind": "answer", "status": 403, "headers": ["Date": "$DATE+3600"],
                "body": "<Error><Code>RequestTimeTooSkewed</Code><Message>odd</Message></Error>",
            ]
            func ask() async throws {
                if method == "GET" {
                    _ = try await stage.client.list("bucket")
                } else {
                    _ = try await stage.client.head("bucket", "k")
                }
            }
            try await stage.faults.order([skewed])
            try await ask()
            let seen = try await stage.faults.requests().seen
            let dates = seen.compactMap { ($0["headers"] as? [String: String])?["x-amz-date"] }
            #expect(dates.count == 2)
            let times = dates.compactMap(Self.time)
            #expect(times.count == 2)
            if times.count == 2 { #expect(abs((times[1] - times[0]).seconds - 3600) < 60) }
            // A server that goes on complaining is believed once.
            try await stage.faults.order([skewed, skewed, skewed])
            let error = try await failure { try await ask() }
            #expect(error.code == (method == "GET" ? .clockSkew : .denied))
        }
    }

    private static func time(_ stamp: String) -> Timestamp? {
        let s = Array(stamp)
        guard s.count == 16 else { return nil }
        return Timestamp(
            rfc3339:
                "\(String(s[0..<4]))-\(String(s[4..<6]))-\(String(s[6..<8]))T\(String(s[9..<11])):\(String(s[11..<13])):\(String(s[13..<15]))Z"
        )
    }

    @Test("credentials that have expired are loaded anew, once")
    func expired() async throws {
        try await onStage { stage in
            let refusal: [String: any Sendable] = [
                "kind": "answer", "status": 400, "headers": [String: String](),
                "body": "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>",
            ]
            let source = CountingSource()
            let client = S3Client(
                settings: stage.client.settings,
                http: try HTTPClient(),
                credentials: CredentialsProvider(sources: [source])
            )
            try await stage.faults.order([refusal])
            #expect(try await client.list("bucket").objects.count == 1)
            #expect(source.loads == 2)
            try await stage.faults.order([refusal, refusal])
            #expect(try await failure { try await client.list("bucket") }.code == .expired)
        }
    }

    @Test("another region is followed once, and remembered")
    func regions() async throws {
        try await onStage { stage in
            let elsewhere: [String: any Sendable] = [
                "kind": "answer", "status": 400, "headers": [String: String](),
                "body":
                    "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>eu-west-3</Region></Error>",
            ]
            try await stage.faults.order([elsewhere])
            _ = try await stage.client.list("bucket")
            let moved: [String: any Sendable] = [
                "kind": "answer", "status": 301, "headers": ["x-amz-bucket-region": "eu-west-2"],
            ]
            _ = try await stage.client.list("bucket")
            var scopes = try await stage.faults.requests().seen.compactMap(Self.region)
            #expect(scopes == ["us-east-1", "eu-west-3", "eu-west-3"])
            try await stage.faults.order([moved])
            _ = try await stage.client.head("bucket", "k")
            scopes = try await stage.faults.requests().seen.compactMap(Self.region)
            #expect(scopes == ["eu-west-3", "eu-west-2"])
            try await stage.faults.order([elsewhere, moved])
            #expect(try await failure { try await stage.client.list("bucket") }.code == .badRequest)
        }
    }

    private static func region(_ request: [String: Any]) -> String? {
        let header = (request["headers"] as? [String: String])?["authorization"]
        return header?.split(separator: "/").dropFirst(2).first.map(String.init)
    }

    @Test("a part that fails for good takes the whole upload back")
    func aborted() async throws {
        try await onStage(bytes: [1]) {
            $0.multipartThreshold = 6 << 20
            $0.partSize = 5 << 20
            $0.longestPause = .milliseconds(5)
        } _: { stage in
            let no: [String: any Sendable] = ["kind": "answer", "method": "PUT", "status": 403]
            try await stage.faults.order([no])
            let large = S3Content.bytes(noise(12 << 20))
            #expect(try await failure { try await stage.client.put("bucket", "big", large) }.code == .denied)
            // Parts that were sent whole before they were cancelled may be noted after it.
            let seen = try await stage.faults.requests().seen
            #expect(seen.contains { $0["method"] as? String == "DELETE" })
            #expect(try await failure { try await stage.client.head("bucket", "big") }.code == .gone)
            // What passes is tried again.
            try await stage.faults.order([["kind": "answer", "method": "PUT", "status": 500]])
            try await stage.client.put("bucket", "big", large)
            #expect(try await stage.client.head("bucket", "big").size == 12 << 20)
        }
    }

    @Test(
        "what is no listing is said to be none",
        arguments: [
            "<html><body>Sign in</body></html>", "",
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
            "<ListBucketResult><Contents><Key>&#x0;</Key></Contents></ListBucketResult>", "{}",
            "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
            "<ListBucketResult><Contents><Key>k</Key><Size>1</Size><LastModified>2026-03-01T09:30:00.000Z</LastModified>",
            "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketRes",
            "<ListBucketResult><IsTruncated>false</IsTruncated>",
            "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult><Error/>",
        ]
    )
    func oddListings(_ body: String) {
        #expect(throws: S3Error.self) { try S3Page(xml: Array(body.utf8)) }
    }

    @Test("a listing is read as it is written, encoded or not")
    func listings() throws {
        func page(_ encoding: String, _ key: String) throws -> S3Page {
            try S3Page(
                xml: Array(
                    """
                    <?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
                    <Contents><Key>\(key)</Key><Size>5</Size><ETag>&quot;abc&quot;</ETag>
                    <LastModified>2026-03-01T09:30:00.5Z</LastModified><Owner><ID>x</ID></Owner></Contents>
                    \(encoding)<IsTruncated>false</IsTruncated></ListBucketResult>
                    """.utf8
                )
            )
        }
        let url = "<EncodingType>url</EncodingType>"
        #expect(try page(url, "a+b%2Bc%00").objects.map(\.key) == ["a b+c\u{0}"])
        #expect(try page("", "a+b%2Bc").objects.map(\.key) == ["a+b%2Bc"])
        #expect(try page("", "a&lt;b").objects.first?.etag == "abc")
        #expect(try page("", "a<![CDATA[&lt;]]>b").objects.map(\.key) == ["a&lt;b"])
        #expect(try page("", "k").objects.first?.modified == Timestamp(rfc3339: "2026-03-01T09:30:00.500Z"))
        #expect(try page(url, "bad%FF").unreadable == ["bad%FF"])
    }
}
