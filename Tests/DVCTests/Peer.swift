import Files
import Subprocess
import Testing

/// Runs the real programs that judge this module: dvc, the Python it lives in, and git.
enum Peer {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// `.build-peers` in the package's root, made by `tools/test`.
    static let bin: String = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(root)/.build-peers/bin"
    }()

    @discardableResult
    static func dvc(
        _ arguments: [String],
        in directory: String,
        accepting: Set<CInt> = [0],
        environment: [String: String] = [:]
    ) async throws -> String {
        try await run("\(bin)/dvc", arguments, in: directory, accepting: accepting, environment: environment)
    }

    @discardableResult
    static func python(
        _ script: String,
        _ arguments: [String] = [],
        in directory: String
    ) async throws -> String {
        try await run("\(bin)/python", ["-c", script] + arguments, in: directory)
    }

    @discardableResult
    static func git(
        _ arguments: [String],
        in directory: String,
        accepting: Set<CInt> = [0]
    ) async throws -> String {
        let identity = ["-c", "user.name=Person", "-c", "user.email=person@localhost"]
        return try await run(
            "/usr/bin/env",
            ["git", "-C", directory] + identity + arguments,
            in: directory,
            accepting: accepting
        )
    }

    /// Runs `body` while a program that reads its input to the end is running.
    ///
    /// It is running when it has made the file `ready`, or when the process has the name `named`.
    static func whileRunning(
        _ command: [String],
        ready: String? = nil,
        named: String? = nil,
        _ body: () async throws -> Void
    ) async throws {
        _ = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(command),
            input: .inputWriter,
            output: .discarded,
            error: .discarded
        ) { execution in
            while true {
                let name = try readFile("/proc/\(execution.processIdentifier.value)/comm").dropLast()
                let isNamed = named.map { String(decoding: name, as: UTF8.self) == $0 } ?? true
                if isNamed, try ready.map({ try fileInfo($0) != nil }) ?? true { break }
                await Task.yield()
            }
            try await body()
            try await execution.standardInputWriter.finish()
        }
    }

    private static func variables(
        _ directory: String,
        _ more: [String: String]
    ) -> [Environment.Key: String?] {
        var variables: [Environment.Key: String?] = [
            "DVC_NO_ANALYTICS": "1", "DVC_GLOBAL_CONFIG_DIR": "/nonexistent",
            "DVC_SITE_CACHE_DIR": "\(directory)/.dvc/tmp/site",
            "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8",
        ]
        for (name, value) in more { variables[Environment.Key(stringLiteral: name)] = value }
        return variables
    }

    private static func run(
        _ program: String,
        _ arguments: [String],
        in directory: String,
        accepting: Set<CInt> = [0],
        environment more: [String: String] = [:]
    ) async throws -> String {
        guard try fileInfo(program) != nil else {
            throw Failure(
                description: "\(program) is missing: run `tools/test` once, it installs dvc into .build-peers"
            )
        }
        // A shell changes the directory, because FilePath is another package's type.
        let finished = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", #"cd "$0" && exec "$@""#, directory, program] + arguments),
            environment: .inherit.updating(variables(directory, more)),
            output: .string(limit: 64 << 20),
            error: .string(limit: 4 << 20)
        )
        guard case .exited(let status) = finished.terminationStatus, accepting.contains(status) else {
            throw Failure(
                description:
                    "\(program) \(arguments) in \(directory): \(finished.terminationStatus)\n\(finished.standardOutput)\n\(finished.standardError)"
            )
        }
        return finished.standardOutput
    }
}
