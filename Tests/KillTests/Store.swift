import Foundation
import TestSupport

/// A store, and the program that works on it.
struct Store {
    let path: String
    /// Directory that dataset versions are pushed to.
    let remote: String
    private let webhook: String?
    /// How often the program was started for its work: each says in its requests which one it is.
    private(set) var runs = 0
    private(set) var program: Tool

    init(_ name: String, in scratch: Scratch, webhook: String? = nil) throws {
        path = scratch.file(name)
        remote = scratch.file("\(name)-remote")
        self.webhook = webhook
        program = try Tool(Checkout.swathlog, install: "swift build -c release --product swathlog")
        program.directory = scratch.path
        // The receiver of the tests is on loopback and speaks plain HTTP.
        program.environment["SWATHLOG_WEBHOOK_ALLOW_INSECURE"] = "true"
        program.environment["SWATHLOG_WEBHOOK_ALLOW_CIDRS"] = "127.0.0.0/8"
    }

    /// The program for its next run.
    mutating func next() -> Tool {
        runs += 1
        if let webhook {
            let types = #"["swathlog.dataset.committed"]"#
            program.environment["SWATHLOG_ENDPOINTS"] =
                #"[{"name": "lab", "url": "\#(webhook)", "types": \#(types), "headers": {"x-run": "\#(runs)"}}]"#
        }
        return program
    }

    var dataset: String { "\(path)/dataset" }

    /// The arguments that take in a source.
    func ingest(_ source: String, _ more: [String] = []) -> [String] {
        ["ingest", "--json", source] + effects + more
    }

    private var effects: [String] {
        ["--store", path, "--dvc-remote", remote]
    }

    /// A command that only asks, or needs no more than the store.
    func ask(_ arguments: String...) async throws -> Outcome {
        try await program.run(arguments + ["--store", path])
    }

    func status() async throws -> [String: Any] {
        try await program.check(["status", "--json", "--store", path]).json()
    }

    func events() async throws -> [LoggedEvent] {
        try JSONDecoder().decode([LoggedEvent].self, from: try await look("events", path))
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

/// One event as SQLite has it.
struct LoggedEvent: Decodable {
    let position: Int
    let stream: String
    let type: String
    let payload: Payload

    /// The fields that the tests ask for, of all types.
    struct Payload: Decodable {
        var commitID: String?
        var partition: String?
        var manifest: String?
        var gitCommit: String?
        var subject: String?
        var reason: String?
        var name: String?
        var sha256: String?
        var md5: String?
        var logSize: Int?
        var indexSHA256: String?

        enum CodingKeys: String, CodingKey {
            case partition, manifest, subject, reason, name, sha256, md5
            case commitID = "commit_id"
            case gitCommit = "git_commit"
            case logSize = "log_size"
            case indexSHA256 = "index_sha256"
        }
    }
}

/// Asks Python what is in a store.
func look(_ question: String, _ path: String) async throws -> Data {
    let script = "\(Checkout.root)/Tests/KillTests/peers/look.py"
    return Data(try await Tool(Checkout.peer("python")).check([script, question, path]).output)
}

/// Every row of a database, sorted, by table.
func tables(_ path: String) async throws -> [String: [String]] {
    try JSONDecoder().decode([String: [String]].self, from: try await look("tables", path))
}
