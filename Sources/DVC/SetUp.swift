import Files

/// Makes a repository, or completes one whose making was interrupted; every step asks first whether it is done.
struct SetUp {
    let path: String
    /// Whether a person had the repository first.
    var isJoined = false
    var commits = CommitSettings()
    let patience: Duration
    let onWait: @Sendable (String) -> Void

    func run(remote: RemoteSettings?, files: [String: String]) async throws -> Git {
        if isJoined, try fileInfo("\(path)/.git") == nil {
            throw DVCError(
                .conflict,
                "\(path) is not the top of a git repository: name one, or make it with `git init \(path)`"
            )
        }
        var git = try await Git(repository: path, commits: commits)
        try await GitLocks(repository: path).clear(patience: patience)
        // 1: no commit yet; 128: no repository, or one that git refuses, which the second question below reports.
        let head = try await git.run(["rev-parse", "--verify", "--quiet", "HEAD"], accepting: [0, 1, 128])
            .status
        if head != 0 {
            try await git.run(["-c", "init.defaultBranch=main", "init", "--quiet"])
            // Versions before 2.28 do not know that setting.
            if head == 128 { try await git.run(["symbolic-ref", "HEAD", "refs/heads/main"]) }
        }
        let isEmpty =
            try await git.run(["rev-parse", "--verify", "--quiet", "HEAD"], accepting: [0, 1]).status == 1
        try await git.adoptIdentity()
        if isJoined { try await StagedChanges(git: git).refuse { Self.isOurs($0) || files[$0] != nil } }
        do {
            let lock = try await DVCLock.acquire(repository: path, patience: patience, onWait: onWait)
            defer { lock.release() }
            try writeFiles(remote: remote, files)
        }
        let message = try CommitMessage(
            isEmpty && !isJoined ? "Set up the dataset" : "Change the dataset's settings",
            trailers: []
        )
        // Later on, a .gitignore that differs is a publication's that was killed: its own commit takes it.
        try await GitCommit(git: git, patience: patience).commit(
            [".dvc/.gitignore", ".dvc/config", ".dvcignore"] + files.keys.sorted() + (isEmpty ? [".gitignore"] : []),
            message: message
        )
        return git
    }

    /// Whether a killed run of this program may have staged a path.
    static func isOurs(_ path: String) -> Bool {
        path == ".gitignore" || path == ".dvcignore" || path.hasPrefix(".dvc/")
            || path.hasSuffix(".dvc") && !path.contains("/") || path == ParamsFile.joined
    }

    /// Whether a path is of the dataset, and no other work of a person's.
    static func isOfDataset(_ path: String) -> Bool {
        isOurs(path) || path == ParamsFile.standard || path == "log.pub"
    }

    private func writeFiles(remote: RemoteSettings?, _ own: [String: String]) throws {
        let tree = WorkTree(repository: path, cache: DVCCache(root: path))
        try tree.clearStaging()
        let staging = tree.staging
        let files = [
            (".dvc/.gitignore", "/config.local\n/tmp\n/cache\n"),
            (
                ".dvcignore",
                "# Patterns of files that DVC should not look at, one a line:\n# https://dvc.org/doc/user-guide/dvcignore\n"
            ),
            (".gitignore", "# The partitions' files are in DVC; git has their pointers.\n"),
        ]
        for (name, text) in files where try fileInfo("\(path)/\(name)") == nil {
            try writeAtomically(Array(text.utf8), to: "\(path)/\(name)", staging: staging)
        }
        for (name, text) in own where try self.text(of: "\(path)/\(name)") != text {
            try writeAtomically(Array(text.utf8), to: "\(path)/\(name)", staging: staging)
        }
        try configure(remote, staging: staging)
    }

    private func configure(_ remote: RemoteSettings?, staging: String) throws {
        let file = "\(path)/.dvc/config"
        let old = try text(of: file)
        var configuration = DVCConfiguration(old ?? "")
        for found in [configuration, DVCConfiguration(try text(of: file + ".local") ?? "")] {
            if let problem = found.problem { throw DVCError(.badConfiguration, "\(file): \(problem)") }
        }
        if configuration.value("type", in: "cache") == nil, !isJoined || old == nil {
            configuration.set("type", in: "cache", to: "reflink,hardlink,symlink,copy")
        }
        if let remote {
            for text in [remote.name, remote.url] + remote.options.flatMap({ [$0.key, $0.value] })
            where text.isEmpty || text.contains(where: { $0.isNewline || $0 == "\"" || $0 == "'" }) {
                throw DVCError(
                    .badConfiguration,
                    "the remote's \(text.debugDescription) is empty or has quotes or line ends"
                )
            }
            let section = "remote \"\(remote.name)\""
            if !isJoined || configuration.value("remote", in: "core") == nil {
                configuration.set("remote", in: "core", to: remote.name)
            }
            configuration.set("url", in: section, to: remote.url)
            for (key, value) in remote.options { configuration.set(key, in: section, to: value) }
        }
        guard configuration.text != old else { return }
        try writeAtomically(Array(configuration.text.utf8), to: file, staging: staging)
    }

    private func text(of file: String) throws -> String? {
        guard try fileInfo(file) != nil else { return nil }
        return String(decoding: try readFile(file), as: UTF8.self)
    }
}
