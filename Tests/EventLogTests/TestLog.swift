import EventLog
import Events
import Foundation

/// A directory that goes when the test ends, with the path of a log in it.
final class TestLog: Sendable {
    let directory: URL
    var path: String { directory.appending(path: "log.db").path }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(
            path: "swathlog-test-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    func open() throws -> EventLog {
        try EventLog.open(path: path, actor: "test")
    }

    func openForReading() throws -> EventLog {
        try EventLog.openForReading(path: path)
    }

    /// Runs Python with this machine's own SQLite module; returns what it prints.
    func python(_ script: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, path] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw PythonFailed() }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    struct PythonFailed: Error, CustomStringConvertible {
        let description = "python3 did not run, or its sqlite3 module lacks: apt-get install python3"
    }
}

/// An event of a made-up type; `number` sets it apart.
func event(
    _ number: Int,
    stream: StreamName = .agent,
    id: EventID? = nil,
    expectedRevision: Int? = nil,
    cause: Cause = .none,
    correlation: Int? = nil
) -> ProposedEvent {
    ProposedEvent(
        type: "NumberSaid",
        schemaVersion: 1,
        payload: Array("{\"number\":\(number)}".utf8),
        stream: stream.text,
        expectedRevision: expectedRevision,
        id: id,
        cause: cause,
        correlation: correlation
    )
}

/// Reads a whole log.
func all(_ log: EventLog) async throws -> [RecordedEvent] {
    var events: [RecordedEvent] = []
    while true {
        let page = try await log.read(after: events.last?.position ?? 0)
        if page.isEmpty { return events }
        events += page
    }
}
