import Foundation
import HTTPTransfer
import ObjectStores
import TestSupport
import Testing

/// A running `moto_server`: S3, SNS and SQS that nobody here wrote.
struct Moto: Sendable {
    /// The one of the suite that runs.
    @TaskLocal
    static var current: Moto?

    let endpoint: String

    static func whileRunning(_ body: @Sendable (Moto) async throws -> Void) async throws {
        try await S3Peer.moto.whileRunning { _, endpoint in try await body(Moto(endpoint: endpoint)) }
    }

    /// A call of AWS's own SDK: service, method and arguments.
    typealias Call = (String, String, [String: any Sendable])

    @discardableResult
    func call(_ calls: Call...) async throws -> [[String: Any]] { try await call(calls) }

    @discardableResult
    func call(_ calls: [Call]) async throws -> [[String: Any]] {
        let list = calls.map { [$0.0, $0.1, $0.2] as [Any] }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: list), as: UTF8.self)
        let script = Checkout.root + "/Tests/QueueTests/peers/cloud.py"
        let outcome = try await Tool(Checkout.peer("python")).check([script, endpoint, text])
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [[String: Any]])
    }

    /// Makes a queue and returns it.
    func makeQueue(_ name: String, _ attributes: [String: String] = [:]) async throws -> SQSQueue {
        let made = try await call(("sqs", "create_queue", ["QueueName": name, "Attributes": attributes]))
        return try queue(try #require(made[0]["QueueUrl"] as? String))
    }

    func queue(_ url: String) throws -> SQSQueue { try Self.queue(url, endpoint: endpoint) }

    static func queue(_ url: String, endpoint: String?) throws -> SQSQueue {
        let environment = AWSEnvironment(["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"])
        let http = try HTTPClient(settings: SQSQueue.httpSettings)
        let credentials = CredentialsProvider(settings: S3Settings(), environment: environment, http: http)
        return SQSQueue(location: try SQSLocation(url: url, endpoint: endpoint), http: http, credentials: credentials)
    }

    static func arn(_ service: String, _ name: String) -> String { "arn:aws:\(service):us-east-1:123456789012:\(name)" }
}

/// Starts one server for all tests of a suite.
struct WithMoto: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Moto.whileRunning { moto in
            try await Moto.$current.withValue(moto) { try await function() }
        }
    }
}

extension Trait where Self == WithMoto {
    static var withMoto: Self { WithMoto() }
}
