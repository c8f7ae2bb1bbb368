import Foundation
import TestSupport

/// An agent that watches a station's folder and answers over HTTP.
struct RunningAgent {
    let tool: RunningTool
    let url: String

    /// Runs one while the body runs; it must end in good order where the body has not ended it.
    static func run(
        _ station: Station,
        _ options: [String] = [],
        variables: [String: String] = [:],
        _ body: (RunningAgent) async throws -> Void
    ) async throws {
        let arguments = ["run", "--source", station.source, "--http-port", "0", "--commit-interval", "1"] + options
        try await station.program(variables).whileRunning(arguments) { tool in
            var port: Substring?
            try await eventually("the agent listens") {
                guard tool.isRunning else { throw ToolError("the agent ended: \(tool.errorsSoFar)") }
                port = tool.errorsSoFar.firstMatch(of: /port"?[:=]"?(\d+)/)?.output.1
                return port != nil
            }
            try await body(RunningAgent(tool: tool, url: "http://127.0.0.1:\(port ?? "0")"))
            guard tool.isRunning else { return }
            tool.signal(SIGTERM)
            let outcome = try await tool.outcome()
            guard outcome.status == 0, !outcome.wasSignalled else { throw ToolError(outcome.allText) }
        }
    }

    /// Asks with the real curl.
    func get(_ path: String, _ options: String...) async throws -> (status: Int, body: String) {
        let curl = try Tool("curl", install: "apt-get install curl")
        let outcome = try await curl.check(["-s", "-w", "\n%{http_code}"] + options + [url + path])
        let lines = outcome.text.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    /// The values of `/metrics` by series.
    func metrics() async throws -> [String: Double] {
        let lines = try await get("/metrics").body.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let series = lines.compactMap { line in
            line.lastIndex(of: " ").map {
                (String(line[..<$0]), Double(line[line.index(after: $0)...]) ?? .nan)
            }
        }
        // Of a series that is told twice Prometheus takes one, and says so in its own log alone.
        return try Dictionary(series) { _, _ in throw ToolError("a series is told twice: \(series.map(\.0).sorted())") }
    }
}

extension RunningTool {
    /// The messages so far, each a JSON object; one that is still being written is left out.
    func messages() throws -> [JSON] {
        let text = errorsSoFar
        return try JSON.lines(String(text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]))
    }
}
