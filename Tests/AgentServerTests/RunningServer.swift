import AgentServer
import Foundation
import Intake
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport

/// A server on a free loopback port, and what was pushed to it.
final class RunningServer: Sendable {
    static let token = "correct-horse-battery-staple"

    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }
    var pushes: String { "\(url)/v1/observations" }
    private let group: ServiceGroup

    private init(port: Int, group: ServiceGroup) {
        self.port = port
        self.group = group
    }

    static func settings(_ change: (inout ServerSettings) -> Void = { _ in }) -> ServerSettings {
        var settings = ServerSettings(host: "127.0.0.1", port: 0, token: ServerToken(token))
        change(&settings)
        return settings
    }

    /// Runs a server while the body runs, and stops it as the agent does.
    static func run(
        _ settings: ServerSettings = settings(),
        vitals: Vitals? = nil,
        observe: @escaping Observe,
        _ body: (RunningServer) async throws -> Void
    ) async throws {
        let (ports, outlet) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = AgentServer(
            settings,
            logger: logger,
            onListening: { outlet.yield($0) },
            vitals: vitals,
            observe: observe
        )
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                defer { outlet.finish() }
                try await group.run()
            }
            var iterator = ports.makeAsyncIterator()
            if let port = await iterator.next() {
                try await body(RunningServer(port: port, group: group))
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    /// Begins the graceful shutdown.
    func stop() async {
        await group.triggerGracefulShutdown()
    }

    /// Asks with the real curl.
    func curl(_ arguments: [String]) async throws -> Answer {
        Answer(try await Self.curl.check(["-sS", "-i", "--max-time", "100"] + arguments).output)
    }

    /// Pushes a JSON body with the right token.
    func push(_ body: String, _ arguments: [String] = []) async throws -> Answer {
        let headers = ["-H", "Authorization: Bearer \(Self.token)", "-H", "Content-Type: application/json"]
        return try await curl(headers + arguments + ["--data-binary", body, pushes])
    }

    static var curl: Tool {
        get throws { try Tool("curl", install: "apt-get install curl") }
    }

    static func python(_ script: String) throws -> (tool: Tool, path: String) {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
        return (try Tool(Checkout.peer("python")), "\(directory)/Python/\(script)")
    }
}

/// An answer as `curl -i` prints it.
struct Answer {
    let status: Int
    let headers: [String: String]
    let body: String

    init(_ output: [UInt8]) {
        let text = String(decoding: output, as: UTF8.self)
        let parts = text.replacing("\r\n", with: "\n").split(
            separator: "\n\n",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let lines = parts[0].split(separator: "\n")
        status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
        headers = Dictionary(
            lines.dropFirst().compactMap { line in
                let colon = line.firstIndex(of: ":")
                return colon.map {
                    (line[..<$0].lowercased(), line[$0...].dropFirst().trimmingCharacters(in: .whitespaces))
                }
            },
            uniquingKeysWith: { first, _ in first }
        )
        body = parts.count > 1 ? String(parts[1]) : ""
    }
}

/// Keeps what was pushed and says that all of it was new.
final class Recorder: Sendable {
    private let state = Mutex<[NoticeBatch]>([])

    var batches: [NoticeBatch] { state.withLock { $0 } }
    var keys: [String] { batches.flatMap { $0.notices.map(\.key) } }

    var observe: Observe {
        { batch in
            self.state.withLock { $0.append(batch) }
            return ObservationOutcome(observed: batch.notices.count)
        }
    }
}

/// Holds whoever passes until it is opened.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, arrived: 0, waiting: [CheckedContinuation<Void, Never>]()))

    var arrived: Int { state.withLock { $0.arrived } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.arrived += 1
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
