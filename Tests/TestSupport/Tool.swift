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

/// A program while it runs.
///
/// Its output goes to files, so that no pipe fills up.
///
/// It is started by posix_spawn and waited for by waitpid: Foundation's Process learns of an end by a socket that other
/// children inherit, so with a long-lived neighbour it may never learn of it.
package final class RunningTool: Sendable {
    package let pid: Int32
    private let output: String
    private let errors: String
    private let end = End()

    fileprivate init(_ tool: Tool, _ arguments: [String]) throws {
        let base = NSTemporaryDirectory() + "/swathlog-tool-\(UUID().uuidString)"
        output = base + ".out"
        errors = base + ".err"
        pid = try Spawn(tool: tool, arguments: arguments, output: output, errors: errors).run()
        let (pid, end) = (pid, end)
        let waiter = Thread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            end.finish(status)
        }
        waiter.start()
    }

    deinit {
        if isRunning { kill(pid, SIGKILL) }
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

    package var isRunning: Bool { !end.isDone }

    /// Sends a signal, unless it has ended: its number may be another process's then.
    package func signal(_ number: Int32) {
        if isRunning { kill(pid, number) }
    }

    /// Waits for its end.
    package func outcome() async throws -> Outcome {
        let status = await end.wait()
        let signal = status & 0x7F
        return Outcome(
            status: signal == 0 ? status >> 8 & 0xFF : signal,
            wasSignalled: signal != 0,
            output: Array(FileManager.default.contents(atPath: output) ?? Data()),
            errors: Array(FileManager.default.contents(atPath: errors) ?? Data())
        )
    }
}

/// One posix_spawn: standard input empty, output and errors to files.
private struct Spawn {
    let tool: Tool
    let arguments: [String]
    let output: String
    let errors: String

    func run() throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The test runner may ignore or block signals that the program under test must get.
        var none = sigset_t()
        var defaults = sigset_t()
        sigemptyset(&none)
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let variables = tool.environment.map { "\($0.key)=\($0.value)" }
        var pid: Int32 = 0
        // glibc's own way to set the directory is hidden from Swift; env(1) sets it and becomes the program.
        let command = tool.directory.map { ["/usr/bin/env", "--chdir=\($0)", tool.path] } ?? [tool.path]
        let failure = withCStrings(command + arguments) { argv in
            withCStrings(variables) { envp in posix_spawn(&pid, command[0], &actions, &attributes, argv, envp) }
        }
        guard failure == 0 else {
            throw ToolError("\(tool.path) can't be started: \(String(cString: strerror(failure)))")
        }
        return pid
    }

    private func withCStrings<Value>(
        _ texts: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// The end of a process, and who waits for it.
private final class End: Sendable {
    private let state = Mutex<(status: Int32?, waiters: [CheckedContinuation<Int32, Never>])>((nil, []))

    var isDone: Bool { state.withLock { $0.status != nil } }

    func finish(_ status: Int32) {
        let waiters = state.withLock { state in
            state.status = status
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }
}

/// Waits until a condition holds; fails with what was waited for when it does not in time.
package func eventually(
    _ what: String,
    within limit: Duration = .seconds(240),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw ToolError("waited in vain for: \(what)")
}
