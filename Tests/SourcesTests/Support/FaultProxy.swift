import Foundation
import TestSupport

/// A proxy before a bucket's server that does what networks and servers do on bad days (`faults.py` says what).
final class FaultProxy: Sendable {
    typealias Fault = [String: any Sendable]

    /// One request that came.
    struct Request: Sendable {
        let method: String
        let target: String
        let headers: JSON
        /// Seconds of the proxy's clock.
        let came: Double
        /// Before the answer was sent: nobody has it sooner.
        let answered: Double
        let ended: Double
        /// The index of the fault that it met.
        let fault: Int?

        var path: Substring { target.prefix { $0 != "?" } }
        var isOfObject: Bool { !target.contains("list-type") }

        /// The first byte that it asks for.
        var start: Int {
            headers["range"].text.firstMatch(of: /bytes=(\d+)-/).flatMap { Int($0.output.1) } ?? 0
        }
    }

    let endpoint: String
    private let curl: Tool

    private init(port: Int) throws {
        endpoint = "http://127.0.0.1:\(port)"
        curl = try Tool("curl", install: "apt-get install curl")
    }

    /// Whether a request waits for the next order.
    func isHolding() async throws -> Bool {
        let answer = try await curl.check(["-sS", "--fail", "\(endpoint)/_requests"]).parsed()
        return answer["requests"].list.contains { $0["held"] == .bool(true) }
    }

    /// Starts one before a server, for as long as the body runs; the server may come and go.
    static func run(before port: Int, _ body: (FaultProxy) async throws -> Void) async throws {
        let script = Checkout.root + "/Tests/ObjectStoresTests/Python/faults.py"
        try await Tool(Checkout.peer("python")).whileRunning([script, String(port)]) { running in
            var port: Int?
            try await eventually("the proxy listens", within: .seconds(60)) {
                guard running.isRunning else { throw ToolError("the proxy has ended: \(running.errorsSoFar)") }
                port = running.outputSoFar.firstMatch(of: /^(\d+)\n/).flatMap { Int($0.output.1) }
                return port != nil
            }
            try await body(try FaultProxy(port: port ?? 0))
        }
    }

    /// What a program needs to go through it.
    var environment: [String: String] { ["SWATHLOG_S3_ENDPOINT": endpoint] }

    /// Orders faults in place of those before, and forgets what came.
    func order(_ faults: [Fault]) async throws {
        let text = String(decoding: try JSONSerialization.data(withJSONObject: faults), as: UTF8.self)
        try await curl.check(["-sS", "--fail", "-X", "POST", "-d", text, "\(endpoint)/_faults"])
    }

    /// The requests that were answered since the last order.
    func requests() async throws -> [Request] {
        let answer = try await curl.check(["-sS", "--fail", "\(endpoint)/_requests"]).parsed()
        return answer["requests"].list.compactMap { request in
            guard let came = request["came"].double, let answered = request["answered"].double,
                let ended = request["ended"].double
            else { return nil }
            return Request(
                method: request["method"].text,
                target: request["target"].text,
                headers: request["headers"],
                came: came,
                answered: answered,
                ended: ended,
                fault: request["fault"].int
            )
        }
    }

    /// An answer of S3's own form in place of the server's; it is given to every request that `more` leaves.
    static func refusal(_ status: Int, _ code: String, headers: [String: String] = [:], _ more: Fault = [:]) -> Fault {
        let fault: Fault = [
            "kind": "answer", "status": status, "headers": headers, "every": 1,
            "body": "<Error><Code>\(code)</Code><Message>so ordered</Message></Error>",
        ]
        return fault.merging(more) { _, more in more }
    }
}
