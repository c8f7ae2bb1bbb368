import TestSupport

/// A webhook receiver in another process.
struct Receiver {
    let port: Int
    private let running: RunningTool

    /// What one request brought.
    struct Request: Hashable {
        let id: String
        /// SHA-256 of the body.
        let body: String
        /// The agent that sent it.
        let run: Int
    }

    /// Starts one for as long as `body` takes.
    static func whileRunning<Value>(
        in scratch: Scratch,
        _ body: (Receiver) async throws -> Value
    ) async throws -> Value {
        let script = "\(Checkout.root)/Tests/KillTests/peers/receiver.py"
        return try await Tool(Checkout.peer("python")).whileRunning([script, scratch.path]) { running in
            try await eventually("the receiver's port") { running.outputSoFar.contains("\n") }
            guard let port = running.outputSoFar.split(separator: "\n").first.flatMap({ Int($0) }) else {
                throw ToolError("the receiver printed no port: \(running.outputSoFar) \(running.errorsSoFar)")
            }
            return try await body(Receiver(port: port, running: running))
        }
    }

    func address(_ name: String) -> String { "http://127.0.0.1:\(port)/\(name)" }

    /// The requests that came to an address, in order.
    func requests(_ name: String) -> [Request] {
        let lines = running.outputSoFar.split(separator: "\n").dropFirst()
        return lines.compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, words[0] == "/\(name)", let run = Int(words[3]) else { return nil }
            return Request(id: words[1], body: words[2], run: run)
        }
    }
}
