import Files
import Subprocess
import SystemPackage

/// The installed `dvc`, for the remotes that this program does not speak to itself.
package struct DVCProgram: Sendable {
    private let program: String

    package init(program: String = "dvc") {
        self.program = program
    }

    /// Throws where there is no `dvc`, an older one than 3, or one that can't speak to a place: told at the start, not at the
    /// first push.
    package func check(_ url: String) async throws {
        let said = try await run(["version"], in: "/")
        guard let line = said.split(separator: "\n").first(where: { $0.hasPrefix("DVC version: ") }),
            let major = Int(line.dropFirst("DVC version: ".count).prefix(while: \.isNumber)), major >= 3
        else {
            throw DVCError(.dvcMissing, "`dvc version` says no version from 3 on: install it with `pip install dvc`")
        }
        guard let end = url.firstRange(of: "://") else { return }
        let scheme = url[..<end.lowerBound]
        let supported = said.split(separator: "\n").compactMap { line -> Substring? in
            guard line.first?.isWhitespace == true, let open = line.firstRange(of: " (") else { return nil }
            return line[..<open.lowerBound].drop(while: \.isWhitespace)
        }
        guard scheme == "file" || supported.contains(scheme) else {
            throw DVCError(
                .dvcMissing,
                "the installed dvc can't speak to \(url): install its part for it, such as `pip install dvc-\(scheme)`"
            )
        }
    }

    /// Runs it in a directory and returns what it printed.
    func run(_ arguments: [String], in directory: String, variables: [String: String] = [:]) async throws -> String {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        var changes: [Environment.Key: String?] = ["DVC_NO_ANALYTICS": "1", "NO_COLOR": "1", "PYTHONUTF8": "1"]
        for (name, value) in variables { changes[Environment.Key(stringLiteral: name)] = value }
        let finished: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            finished = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program),
                arguments: Arguments(["--cd", directory] + arguments),
                environment: .inherit.updating(changes),
                platformOptions: options,
                // A status names every file.
                output: .string(limit: 1 << 28),
                error: .string(limit: 1 << 20)
            )
        } catch let error as SubprocessError where [.executableNotFound, .spawnFailed].contains(error.code) {
            throw DVCError(
                .dvcMissing,
                "`versioning: dvc` needs the program dvc, which is not installed or not in PATH: `pip install dvc`, or use `versioning: native`"
            )
        }
        guard case .exited(0) = finished.terminationStatus else {
            try Task.checkCancellation()
            let said = (finished.standardError + finished.standardOutput).split(separator: "\n").suffix(6)
            throw DVCError(
                .dvcFailed,
                "`dvc \(arguments.first ?? "")` ended with \(finished.terminationStatus): \(said.joined(separator: "; "))"
            )
        }
        return finished.standardOutput
    }
}
