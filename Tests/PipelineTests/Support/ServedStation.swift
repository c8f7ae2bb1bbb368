import Foundation
import TestSupport

/// A station whose agent runs and answers over HTTP.
struct ServedStation {
    static let readToken = "read-correct-horse"
    static let operateToken = "operate-battery-staple"

    let station: Station
    let agent: RunningTool
    let url: String
    var port: Int { URL(string: url)?.port ?? 0 }

    /// Runs an agent for as long as the body does.
    static func run(
        _ station: Station,
        variables: [String: String] = [:],
        _ body: (ServedStation) async throws -> Void
    ) async throws {
        let program = try station.program(variables)
        try await program.whileRunning([
            "run", "--source", station.source, "--http-port", "0", "--dvc-remote", station.scratch.file("remote"),
        ]) { agent in
            var port = ""
            try await eventually("the agent listens") {
                port = agent.errorsSoFar.firstMatch(of: /port[=":]+(\d+)/).map { String($0.1) } ?? ""
                guard agent.isRunning else { throw ToolError("the agent has ended: \(agent.errorsSoFar)") }
                return !port.isEmpty
            }
            try await body(ServedStation(station: station, agent: agent, url: "http://127.0.0.1:\(port)"))
            agent.signal(SIGTERM)
            let outcome = try await agent.outcome()
            guard outcome.status == 0 else { throw ToolError("the agent ended with \(outcome.allText)") }
        }
    }

    private static var curl: Tool { get throws { try Tool("curl", install: "apt-get install curl") } }

    /// Asks with the real curl: the status, the head and the body.
    func ask(_ path: String, _ arguments: String...) async throws -> (status: Int, head: String, body: [UInt8]) {
        try await ask(path, arguments)
    }

    func ask(_ path: String, _ arguments: [String]) async throws -> (status: Int, head: String, body: [UInt8]) {
        let file = station.scratch.file("answer-\(UUID().uuidString)")
        let head = try await Self.curl.check(
            ["-sS", "--max-time", "100", "--path-as-is", "-D", "-", "-o", file] + arguments + ["\(url)\(path)"]
        ).text
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } ?? 0
        return (status, head.lowercased(), Array(FileManager.default.contents(atPath: file) ?? Data()))
    }

    func get(_ path: String) async throws -> JSON {
        let answer = try await ask(path)
        guard answer.status == 200 else { throw ToolError("\(path): \(String(decoding: answer.body, as: UTF8.self))") }
        return try JSON(String(decoding: answer.body, as: UTF8.self))
    }

    /// All items of a list, one part after the other.
    func all(_ path: String, limit: Int) async throws -> [JSON] {
        var items: [JSON] = []
        var cursor = ""
        while true {
            let page = try await get("\(path)?limit=\(limit)\(cursor)")
            items += page["items"].list
            guard page["next"] != .null else { return items }
            cursor = "&cursor=\(page["next"].int.map(String.init) ?? page["next"].text)"
        }
    }

    /// Waits until everything that was seen is pushed.
    func settle(_ versions: Int) async throws {
        try await eventually("\(versions) versions are pushed") {
            try await get("/v1/status")["counts"]["DatasetPushed"].int ?? 0 >= versions
        }
    }
}
