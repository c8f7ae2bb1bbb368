import Files
import Subprocess

/// Runs git in one repository, the same way whatever the caller's environment and the user's configuration say.
struct Git: Sendable {
    /// What a finished git said.
    struct Result: Sendable {
        let status: CInt
        let output: [UInt8]
        let error: String

        /// The output as text without its last line end.
        var line: String {
            let text = String(decoding: output, as: UTF8.self)
            return text.hasSuffix("\n") ? String(text.dropLast()) : text
        }
    }

    let repository: String
    /// Settings that go before every command.
    private var settings: [String]
    private let environment: [[UInt8]]
    /// Found once: a name would be tried in each directory of PATH by a process of its own, at every run.
    private let program: Executable

    /// Asks git for its version.
    init(repository: String, commits: CommitSettings = CommitSettings()) async throws {
        self.repository = repository
        environment = Self.environment(repository)
        program = try await Self.program(in: environment)
        settings =
            commits.gitSettings + [
                "log.showSignature=false",
                // The pointers' bytes are the truth; no conversion, no other encoding, no other trailer form.
                "core.autocrlf=false", "i18n.commitEncoding=UTF-8", "i18n.logOutputEncoding=UTF-8",
                "trailer.separators=:",
                "core.quotePath=false",
            ]
        let version = try await run(["version"]).line
        let numbers = version.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let hasFsync = numbers.count == 2 && (numbers[0], numbers[1]) >= (2, 36)
        // The log claims a commit only after git says so; then it must survive a power failure.
        settings.append(hasFsync ? "core.fsync=all" : "core.fsyncObjectFiles=true")
    }

    /// Whom commits are by where nobody is named.
    static let ownName = "Swathlog"
    static let ownEmail = "swathlog@localhost"

    /// Gives commits a name and an address where the user has configured none.
    mutating func adoptIdentity() async throws {
        for (key, value) in [("user.name", Self.ownName), ("user.email", Self.ownEmail)]
        where try await run(["config", "--get", key], accepting: [0, 1]).line.isEmpty {
            settings.append("\(key)=\(value)")
        }
    }

    /// Runs git and returns what it said when its exit status is one of `accepting`.
    @discardableResult
    ///
    /// - Parameters:
    ///   - variables: more of the environment, `NAME=value`.
    ///   - literally: false for commands that refuse to be told how paths are meant.
    func run(
        _ arguments: [String],
        input: String = "",
        accepting: Set<CInt> = [0],
        variables: [String] = [],
        literally: Bool = true
    ) async throws -> Result {
        // Paths are names, never patterns.
        let all =
            (literally ? ["--literal-pathspecs"] : []) + ["-C", repository] + settings.flatMap { ["-c", $0] }
            + arguments
        var options = PlatformOptions()
        // In a group of its own, Ctrl-C in a terminal reaches this program, which lets git finish.
        options.processGroupID = 0
        // git removes its lock files when it is asked to end.
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let finished: ExecutionResult<Void, BytesOutput, StringOutput<UTF8>>
        do {
            finished = try await Subprocess.run(
                program,
                arguments: Arguments(all),
                environment: .custom(environment + variables.map { Array($0.utf8) + [0] }),
                platformOptions: options,
                input: .string(input),
                output: .bytes(limit: .max),
                error: .string(limit: 1 << 20)
            )
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw Self.missing
        }
        let status: CInt =
            switch finished.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): -signal
            }
        let error = finished.standardError
        guard accepting.contains(status) else {
            try Task.checkCancellation()
            throw failure(arguments, status: status, error: error)
        }
        return Result(status: status, output: finished.standardOutput, error: error)
    }

    /// The texts of blobs, by names that git knows them by (`HEAD:file`, a hash); nil for what is not there or is no blob.
    func texts(_ names: [String]) async throws -> [String?] {
        if names.isEmpty { return [] }
        let output = try await run(["cat-file", "--batch"], input: names.map { $0 + "\n" }.joined()).output
        var texts: [String?] = []
        var rest = output[...]
        // <hash> <type> <size>\n<contents>\n, or <name> missing\n
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let head = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            rest = rest[(end + 1)...]
            guard head.count == 3, head.last != "missing", let size = Int(head[2]), size < rest.count else {
                texts.append(nil)
                continue
            }
            texts.append(head[1] == "blob" ? String(decoding: rest.prefix(size), as: UTF8.self) : nil)
            rest = rest.dropFirst(size + 1)
        }
        return texts
    }

    /// The branch that is checked out.
    ///
    /// - Throws: `gitDetached` where none is, with the one that was before it.
    func branch() async throws -> String {
        let branch = try await run(["symbolic-ref", "--short", "--quiet", "HEAD"], accepting: [0, 1])
        if branch.status == 0 { return branch.line }
        let last = try await run(["rev-parse", "--symbolic-full-name", "--quiet", "@{-1}"], accepting: [0, 1, 128]).line
        let newest = ["for-each-ref", "--count=1", "--sort=-committerdate", "--format=%(refname)", "refs/heads"]
        let prefix = "refs/heads/"
        let name = last.hasPrefix(prefix) ? last : try await run(newest).line
        throw DVCError(
            .gitDetached,
            "\(repository) has no branch checked out: `git -C \(repository) switch \(name.isEmpty ? "--create main" : String(name.dropFirst(prefix.count)))`"
        )
    }

    /// Signs a commit of nothing that nobody points to: git throws it away by itself.
    func trySigning() async throws {
        var signer = self
        try await signer.adoptIdentity()
        let tree = try await signer.run(["mktree"]).line
        try await signer.run(["commit-tree", "--gpg-sign", tree], input: "Can commits be signed?\n")
    }

    private static func program(in environment: [[UInt8]]) async throws -> Executable {
        do {
            return .path(try await Executable.name("git").resolveExecutablePath(in: .custom(environment)))
        } catch  where error.code == .executableNotFound {
            throw missing
        }
    }

    private static let missing = DVCError(
        .gitMissing,
        "git is not installed or not in PATH: install it with `apt-get install git`"
    )

    private func failure(_ arguments: [String], status: CInt, error: String) -> DVCError {
        let said = error.split(separator: "\n").suffix(6).joined(separator: "; ")
        if error.contains("dubious ownership") {
            return DVCError(
                .gitUnsafe,
                "git refuses \(repository) because another user owns it: run as its owner, or allow it with `git config --global --add safe.directory \(repository)`"
            )
        }
        if error.contains("No space left on device") || error.contains("Disk quota exceeded") {
            return DVCError(
                FileError(
                    code: .noSpace,
                    path: repository,
                    message:
                        "git cannot write in \(repository): \(said); free some space or raise the quota, the work goes on from here"
                )
            )
        }
        if error.contains("failed to sign the data") || error.contains("failed to write commit object")
            || error.contains("unable to sign the tag") || error.contains("Couldn't load public key")
        {
            return DVCError(
                .signingFailed,
                "git can't sign in \(repository): \(said); the agent's user needs the key without a question for a passphrase"
            )
        }
        if error.contains(".lock': File exists") {
            return DVCError(
                .gitBusy,
                "another git works in \(repository): wait for it to end, then try again (\(said))"
            )
        }
        // Settings may go before what it was asked to do.
        let command = arguments.indices.first { arguments[$0] != "-c" && ($0 == 0 || arguments[$0 - 1] != "-c") }
        return DVCError(
            .gitFailed,
            "`git \(command.map { arguments[$0] } ?? "")` ended with status \(status) in \(repository): \(said)"
        )
    }

    /// Whether a variable is set in this process's environment.
    static func isSet(_ variable: String) -> Bool {
        processEnvironment().contains { $0.starts(with: "\(variable)=".utf8) }
    }

    /// The caller's environment without what would lead git elsewhere.
    ///
    /// Inside a git hook, say, `GIT_DIR` and `GIT_INDEX_FILE` point into another repository. Where the user's
    /// configuration is found stays theirs to say.
    private static func environment(_ repository: String) -> [[UInt8]] {
        let kept = [
            "GIT_CONFIG_NOSYSTEM=", "GIT_CONFIG_GLOBAL=", "GIT_CONFIG_SYSTEM=", "GIT_EXEC_PATH=",
            "GIT_SSH_COMMAND=", "GIT_SSH=", "GIT_ASKPASS=",
        ]
        let own = [
            "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_EDITOR=true", "GIT_NO_REPLACE_OBJECTS=1",
            // What only asks writes nothing beside its answer.
            "GIT_OPTIONAL_LOCKS=0",
            // A repository that is not made yet may lie inside another one, which is none of our business.
            "GIT_CEILING_DIRECTORIES=\(parent(of: absolute(repository)))",
        ]
        var entries = processEnvironment().filter { entry in
            !entry.starts(with: "LC_ALL=".utf8)
                && (!entry.starts(with: "GIT_".utf8) || kept.contains { entry.starts(with: $0.utf8) })
        }
        entries += own.map { Array($0.utf8) }
        return entries.map { $0 + [0] }
    }
}
