import Foundation
import Synchronization

/// What a program printed, and how it ended.
package struct Outcome: Sendable {
    package let status: Int32
    /// Whether a signal ended it; `status` is the signal then.
    package let wasSignalled: Bool
    package let output: [UInt8]
    package let errors: [UInt8]

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: errors, as: UTF8.self) }

    /// The output as a JSON object.
    package func json() throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(output)) as? [String: Any] else {
            throw ToolError("the output is no JSON object: \(text.prefix(500))")
        }
        return object
    }
}

package struct ToolError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// A program that tests run for real.
package struct Tool: Sendable {
    package let path: String
    package var environment: [String: String]
    package var directory: String?

    /// - Parameter install: how to get it where it is missing.
    package init(
        _ path: String,
        install: String = "run tools/test, which installs it",
        in directory: String? = nil
    ) throws {
        guard let found = Self.find(path) else { throw ToolError("\(path) is missing: \(install)") }
        self.path = found
        self.directory = directory
        var environment = ProcessInfo.processInfo.environment
        for name in environment.keys where name.hasPrefix("SWATHLOG_") || name.hasPrefix("GIT_") {
            environment[name] = nil
        }
        environment["DVC_NO_ANALYTICS"] = "1"
        environment["NO_COLOR"] = "1"
        self.environment = environment
    }

    /// Runs it to its end and returns what it printed, whatever its status.
    package func run(_ arguments: [String]) async throws -> Outcome {
        try await start(arguments).outcome()
    }

    /// Runs it and requires status 0.
    @discardableResult
    package func check(_ arguments: [String]) async throws -> Outcome {
        let outcome = try await run(arguments)
        guard outcome.status == 0, !outcome.wasSignalled else {
            throw ToolError(
                "\(path) \(arguments.joined(separator: " ")) ended with \(outcome.status): \(outcome.errorText) \(outcome.text.suffix(2_000))"
            )
        }
        return outcome
    }

    /// Starts it and leaves it running.
    package func start(_ arguments: [String]) throws -> RunningTool {
        try RunningTool(self, arguments)
    }

    private static func find(_ name: String) -> String? {
        let manager = FileManager.default
        if name.contains("/") { return manager.isExecutableFile(atPath: name) ? name : nil }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: manager.isExecutableFile)
    }
}

/// A program while it runs. Its output goes to files, so that no pipe fills up.
package final class RunningTool: Sendable {
    package let pid: Int32
    private let process: Process
    private let output: String
    private let errors: String
    private let ended = End()

    fileprivate init(_ tool: Tool, _ arguments: [String]) throws {
        let base = NSTemporaryDirectory() + "/swathlog-tool-\(UUID().uuidString)"
        output = base + ".out"
        errors = base + ".err"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process = Process()
        process.executableURL = URL(fileURLWithPath: tool.path)
        process.arguments = arguments
        process.environment = tool.environment
        if let directory = tool.directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardInput = FileHandle.nullDevice
        let ended = ended
        process.terminationHandler = { _ in ended.finish() }
        try process.run()
        pid = process.processIdentifier
    }

    deinit {
        try? FileManager.default.removeItem(atPath: output)
        try? FileManager.default.removeItem(atPath: errors)
    }

    /// What it has printed so far.
    package var outputSoFar: String {
        String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
    }

    package var errorsSoFar: String {
        String(decoding: FileManager.default.contents(atPath: errors) ?? Data(), as: UTF8.self)
    }

    package var isRunning: Bool { process.isRunning }

    package func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for its end.
    package func outcome() async throws -> Outcome {
        await ended.wait()
        return Outcome(
            status: process.terminationStatus,
            wasSignalled: process.terminationReason == .uncaughtSignal,
            output: Array(FileManager.default.contents(atPath: output) ?? Data()),
            errors: Array(FileManager.default.contents(atPath: errors) ?? Data())
        )
    }
}

/// The end of a process, and who waits for it.
private final class End: Sendable {
    private let state = Mutex<(done: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func finish() {
        let waiters = state.withLock { state in
            state.done = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if !state.done { state.waiters.append(continuation) }
                return state.done
            }
            if isDone { continuation.resume() }
        }
    }
}

/// Waits until a condition holds; fails with what was waited for when it does not in time.
package func eventually(
    _ what: String,
    within limit: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw ToolError("waited in vain for: \(what)")
}
