import Foundation
import TestSupport

/// A bucket on a real server, and the store that the program under test makes of it.
final class BucketStation: Sendable {
    static let bucket = "flights"

    let server: BucketServer
    let scratch: Scratch
    let store: String
    var dataset: String { "\(store)/dataset" }
    var source: String { "s3://\(Self.bucket)" }

    /// - Parameter store: where the store is; in a directory of its own if nil.
    init(_ server: BucketServer, isNew: Bool = true, store: String? = nil) async throws {
        self.server = server
        scratch = try Scratch("station")
        self.store = store ?? scratch.file("store")
        if isNew { try await server.makeBucket(Self.bucket) }
    }

    func program(_ more: [String: String] = [:]) throws -> Tool {
        var tool = try Tool(Checkout.swathlog, install: "swift build", in: scratch.path)
        tool.environment.merge(server.environment) { _, new in new }
        tool.environment["SWATHLOG_STORE"] = store
        tool.environment["SWATHLOG_TILE_SIZE"] = "128"
        tool.environment["SWATHLOG_TILE_OVERLAP"] = "16"
        tool.environment.merge(more) { _, new in new }
        return tool
    }

    func run(_ arguments: String...) async throws -> Outcome { try await program().run(arguments) }

    /// Takes in the bucket, requires that all went well, and returns the report.
    @discardableResult
    func ingest(_ options: String...) async throws -> JSON {
        try await program().check(["ingest", source, "--json"] + options).parsed()
    }

    /// Keeps an agent running that watches the bucket, and has it stop in good order.
    func whileWatching(
        _ options: [String] = [],
        _ more: [String: String] = [:],
        _ body: (RunningTool) async throws -> Void
    ) async throws {
        let arguments = ["run", "--source", source, "--commit-interval", "2", "--log-level", "info"] + options
        try await program(more).whileRunning(arguments) { agent in
            try await body(agent)
            agent.signal(SIGTERM)
            let outcome = try await agent.outcome()
            guard outcome.status == 0, !outcome.wasSignalled else { throw ToolError(outcome.allText) }
        }
    }

    func events(_ type: String) async throws -> [JSON] {
        let outcome = try await program().run(["log", "--json", "--type", type])
        // There is no store yet when the agent has just started.
        return outcome.status == 0 ? try JSON.lines(outcome.text) : []
    }

    func status() async throws -> JSON { try await program().check(["status", "--json"]).parsed() }

    /// Draws an image; another seed gives other bytes.
    func draw(_ seed: Int, size: String = "200x150") async throws -> String {
        let path = scratch.file("drawn-\(seed)-\(size).png")
        let arguments = ["-seed", String(seed), "-size", size, "plasma:", path]
        try await Tool("convert", install: "apt-get install imagemagick").check(arguments)
        return path
    }

    /// Draws many images at once; all are different.
    func draw(many count: Int, size: String = "128x128") async throws -> [String] {
        let directory = try scratch.directory("drawn-\(count)-\(size)")
        let plasmas = (0..<count).flatMap { ["-seed", String($0), "plasma:"] }
        let arguments = ["-size", size] + plasmas + ["+adjoin", "\(directory)/%d.png"]
        try await Tool("convert", install: "apt-get install imagemagick").check(arguments)
        return (0..<count).map { "\(directory)/\($0).png" }
    }

    func put(_ key: String, _ file: String) async throws {
        try await server.call(("s3", "put_object", ["Bucket": Self.bucket, "Key": key, "BodyFile": file]))
    }

    func put(_ keys: [(String, String)]) async throws {
        try await server.call(
            keys.map { ("s3", "put_object", ["Bucket": Self.bucket, "Key": $0.0, "BodyFile": $0.1]) }
        )
    }

    func delete(_ key: String) async throws {
        try await server.call(("s3", "delete_object", ["Bucket": Self.bucket, "Key": key]))
    }

    /// The tiles that are in the dataset, by path.
    func tiles() -> [String] {
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: dataset)) ?? []
        // An image's directory has the name of its key.
        return paths.filter { $0.contains(/\/\d+_\d+\.png$/) && !$0.hasPrefix(".") }.sorted()
    }

    /// Waits until a condition holds, or the agent has ended.
    func wait(
        _ what: String,
        _ agent: RunningTool,
        within limit: Duration = .seconds(120),
        _ condition: () async throws -> Bool
    ) async throws {
        try await eventually(what, within: limit) {
            guard agent.isRunning else { throw ToolError("the agent ended before \(what): \(agent.errorsSoFar)") }
            return try await condition()
        }
    }

    /// Pushes records of S3's form to the agent and returns its answer.
    func push(_ records: [[String: any Sendable]], to port: Int, token: String) async throws -> (Int, JSON) {
        guard let url = URL(string: "http://127.0.0.1:\(port)/v1/observations") else { return (0, .null) }
        let body = String(decoding: try JSONSerialization.data(withJSONObject: ["Records": records]), as: UTF8.self)
        let curl = try Tool("curl", install: "apt-get install curl")
        let outcome = try await curl.check([
            "-s", "-w", "\n%{http_code}", "-H", "Authorization: Bearer \(token)", "-H",
            "Content-Type: application/json",
            "-d", body, url.absoluteString,
        ])
        let lines = outcome.text.split(separator: "\n")
        return (Int(lines.last ?? "") ?? 0, try JSON(lines.dropLast().joined(separator: "\n")))
    }

    /// A record of S3's form about an object of the bucket.
    static func record(
        _ name: String,
        _ key: String,
        etag: String = "",
        size: Int = 0,
        sequencer: String,
        at time: String = "2026-01-01T00:00:00.000Z"
    ) -> [String: any Sendable] {
        var object: [String: any Sendable] = ["key": key, "sequencer": sequencer]
        if !etag.isEmpty {
            object["eTag"] = etag
            object["size"] = size
        }
        return [
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": time,
            "eventName": name,
            "s3": ["s3SchemaVersion": "1.0", "bucket": ["name": bucket], "object": object] as [String: any Sendable],
        ]
    }
}

extension RunningTool {
    /// The port that the agent takes pushes at.
    func pushPort() async throws -> Int {
        var port: Int?
        try await eventually("the agent listens", within: .seconds(60)) {
            guard isRunning else { throw ToolError("the agent ended: \(errorsSoFar)") }
            port = errorsSoFar.firstMatch(of: /"port":"(\d+)"/).flatMap { Int($0.output.1) }
            return port != nil
        }
        return port ?? 0
    }
}
