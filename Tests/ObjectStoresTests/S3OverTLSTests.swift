import HTTPTransfer
import ObjectStores
import TestSupport
import Testing

@Suite("S3 over TLS", .timeLimit(.minutes(5)))
struct S3OverTLSTests {
    /// rclone with a certificate, which takes the bucket's name from the host's and checks every signature.
    private func whileRunning(_ body: (S3Client) async throws -> Void) async throws {
        let scratch = try Scratch("tls")
        try scratch.directory("root/bucket")
        let (certificate, key) = (scratch.file("certificate.pem"), scratch.file("key.pem"))
        try await Tool("openssl", install: "apt-get install openssl").check([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=swathlog-test", "-addext", "subjectAltName=DNS:bucket.localhost",
            "-keyout", key, "-out", certificate,
        ])
        let options = ["--cert", certificate, "--key", key, "--force-path-style=false"]
        try await S3Peer.rclone.whileRunning(root: scratch.file("root"), options: options) { _, endpoint in
            var transfer = S3Client.httpSettings
            transfer.caBundle = certificate
            let settings = S3Settings(
                region: "us-east-1",
                // curl takes every name under localhost for this machine (RFC 6761).
                endpoint: endpoint.replacing("127.0.0.1", with: "localhost"),
                addressing: .virtualHost,
                multipartThreshold: 6 << 20,
                partSize: 5 << 20
            )
            let http = try HTTPClient(settings: transfer)
            try await body(S3Client(settings: settings, http: http, credentials: Servers.credentials))
            await http.shutdown()
        }
    }

    @Test("bodies go unsigned, the rest is signed, and the bucket is in the host's name")
    func roundTrip() async throws {
        try await whileRunning { client in
            let large = noise(11 << 20)
            for (key, content) in [("a b+c/é.jpg", Array("small".utf8)), ("large", large)] {
                try await client.put("bucket", key, .bytes(content))
                let head = try await client.head("bucket", key)
                #expect(head.size == content.count)
                #expect(try await whole(try await client.get("bucket", key)) == content)
            }
            #expect(Set(try await client.list("bucket").objects.map(\.key)) == ["a b+c/é.jpg", "large"])
        }
    }

    @Test("a server whose certificate nobody vouches for is sent nothing")
    func unknownAuthority() async throws {
        try await whileRunning { client in
            let http = try HTTPClient(settings: S3Client.httpSettings)
            let trusting = S3Client(settings: client.settings, http: http, credentials: Servers.credentials)
            let error = try await failure { try await trusting.put("bucket", "k", .bytes([1])) }
            #expect(error.message.contains("certificate"), "\(error)")
            #expect(try await client.list("bucket").objects.isEmpty)
            await http.shutdown()
        }
    }
}
