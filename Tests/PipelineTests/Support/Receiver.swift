import Foundation
import TestSupport

/// A webhook receiver in Python: it keeps each request as a line of JSON.
final class Receiver: Sendable {
    let url: String
    private let tool: RunningTool
    private let requestsFile: String

    /// Where the requests are, one a line.
    var file: String { requestsFile }

    /// A request as it came in.
    struct Request: Sendable {
        let path: String
        let headers: JSON
        let body: String
    }

    private init(tool: RunningTool, url: String, requestsFile: String) {
        self.tool = tool
        self.url = url
        self.requestsFile = requestsFile
    }

    /// Starts it on a port.
    ///
    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - answers: the statuses of the first answers; those after them are 200.
    static func start(in scratch: Scratch, port: Int = 0, answers: [Int] = []) async throws -> Receiver {
        let requests = scratch.file("requests-\(UUID().uuidString).jsonl")
        let tool = try Tool(Checkout.peer("python")).start(
            [pythonScript("receiver"), String(port), requests] + answers.map(String.init)
        )
        try await eventually("the receiver listens") { tool.outputSoFar.contains("\n") || !tool.isRunning }
        guard let bound = Int(tool.outputSoFar.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ToolError("the receiver did not start: \(tool.errorsSoFar)")
        }
        return Receiver(tool: tool, url: "http://127.0.0.1:\(bound)/hook", requestsFile: requests)
    }

    var port: Int { URL(string: url)?.port ?? 0 }

    /// The requests so far.
    func requests() throws -> [Request] {
        guard let text = try? String(contentsOfFile: requestsFile, encoding: .utf8) else { return [] }
        return try JSON.lines(text).map {
            Request(path: $0["path"].text, headers: $0["headers"], body: $0["body"].text)
        }
    }

    func stop() async throws {
        tool.signal(SIGTERM)
        _ = try await tool.outcome()
    }

    deinit { if tool.isRunning { tool.signal(SIGKILL) } }
}
