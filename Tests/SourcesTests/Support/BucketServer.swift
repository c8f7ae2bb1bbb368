import Foundation
import TestSupport

/// A real S3 server on loopback, spoken to by AWS's own SDK.
final class BucketServer: Sendable {
    let kind: S3Peer
    let scratch: Scratch
    let running: RunningTool
    let endpoint: String

    private init(_ kind: S3Peer, _ scratch: Scratch, _ running: RunningTool, _ endpoint: String) {
        self.kind = kind
        self.scratch = scratch
        self.running = running
        self.endpoint = endpoint
    }

    /// Starts one for as long as the body runs.
    static func run(
        _ kind: S3Peer,
        root: Scratch? = nil,
        port: Int = 0,
        _ body: (BucketServer) async throws -> Void
    ) async throws {
        let scratch = try root ?? Scratch("bucket-\(kind.rawValue)")
        try await kind.whileRunning(root: scratch.path, port: port) { running, endpoint in
            try await body(BucketServer(kind, scratch, running, endpoint))
        }
    }

    var port: Int { Int(endpoint.split(separator: ":").last ?? "") ?? 0 }

    /// What a program needs to speak to it.
    var environment: [String: String] {
        [
            "AWS_ACCESS_KEY_ID": S3Peer.key, "AWS_SECRET_ACCESS_KEY": S3Peer.secret, "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "SWATHLOG_S3_ENDPOINT": endpoint,
        ]
    }

    typealias Call = (service: String, method: String, arguments: [String: any Sendable])

    @discardableResult
    func call(_ calls: Call...) async throws -> JSON { try await call(calls) }

    @discardableResult
    func call(_ calls: [Call]) async throws -> JSON {
        let list = calls.map { [$0.service, $0.method, $0.arguments] as [Any] }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: list), as: UTF8.self)
        var python = try Tool(Checkout.peer("python"))
        python.environment.merge(environment) { _, new in new }
        let script = Checkout.root + "/Tests/SourcesTests/peers/cloud.py"
        return try await python.check([script, endpoint, text]).parsed()
    }

    func makeBucket(_ name: String) async throws {
        try await call(("s3", "create_bucket", ["Bucket": name]))
    }
}
