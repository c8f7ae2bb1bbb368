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
        if isJoined, try fileInfo("\(path)/.git") == nil { throw try noRepository() }
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
        let edits = edits(remote: remote, files)
        let committed = try await git.texts(edits.map { "HEAD:\($0.name)" })
        if isJoined {
            // A killed run of this program may have staged what it was to commit.
            let staged = try await git.texts(edits.map { ":\($0.name)" })
            var own: Set<String> = []
            for (edit, texts) in zip(edits, zip(committed, staged)) where try edit.text(texts.0) == texts.1 {
                own.insert(edit.name)
            }
            try await StagedChanges(git: git).refuse { Self.isOurs($0) || own.contains($0) }
        }
        // What is committed on no branch is lost with the next one that is checked out.
        if try zip(edits, committed).contains(where: { try $0.text($1) != $1 }) { _ = try await git.branch() }
        let changed: [String]
        do {
            let lock = try await DVCLock.acquire(repository: path, patience: patience, onWait: onWait)
            defer { lock.release() }
            changed = try write(edits, committed)
        }
        guard !changed.isEmpty else { return git }
        let message = try CommitMessage(
            isEmpty && !isJoined ? "Set up the dataset" : "Change the dataset's settings",
            trailers: []
        )
        try await GitCommit(git: git, patience: patience).commit(changed, message: message)
        return git
    }

    /// Why a place that has no `.git` can't be joined.
    private func noRepository() throws -> DVCError {
        func refused(_ what: String) -> DVCError { DVCError(.conflict, "\(path) \(what)") }
        if let info = try fileInfo(path), info.kind == .file {
            return refused("is a file: name the directory of a git repository")
        }
        if try fileInfo("\(path)/HEAD") != nil, try fileInfo("\(path)/objects") != nil {
            return refused("is a bare git repository, which has no files: clone it, and name the clone")
        }
        var above = path
        while above != "/" {
            above = parent(of: above)
            guard try fileInfo("\(above)/.git") != nil else { continue }
            return refused(
                "is not the top of a git repository, but inside the one at \(above): name that, or a repository elsewhere"
            )
        }
        return refused("is not the top of a git repository: name one, or make it with `git init \(path)`")
    }

    /// Whether a killed publication may have staged a path.
    static func isOurs(_ path: String) -> Bool {
        path == WorkTree.ignoreFile || path.hasSuffix(".dvc") && !path.contains("/") || path == ParamsFile.joined
    }

    /// Whether a path is of the dataset, and no other work of a person's.
    static func isOfDataset(_ path: String) -> Bool {
        isOurs(path) || path == ".dvcignore" || path.hasPrefix(".dvc/") || path == ParamsFile.standard
            || path == "log.pub"
    }

    /// What this program needs of a file: its text from the one that is there.
    private struct Edit {
        let name: String
        let text: (String?) throws -> String
    }

    private func edits(remote: RemoteSettings?, _ files: [String: String]) -> [Edit] {
        let texts = [
            (".dvc/.gitignore", "/config.local\n/tmp\n/cache\n"),
            (
                ".dvcignore",
                "# Patterns of files that DVC should not look at, one a line:\n# https://dvc.org/doc/user-guide/dvcignore\n"
            ),
            (WorkTree.ignoreFile, "# The partitions' files are in DVC; git has their pointers.\n"),
        ]
        return texts.map { name, text in Edit(name: name) { $0 ?? text } }
            + [Edit(name: ".dvc/config") { try configured($0, remote) }]
            + files.sorted { $0.key < $1.key }.map { name, text in Edit(name: name) { _ in text } }
    }

    /// Makes the edits in the work tree; returns the files that are to be committed.
    ///
    /// These are the last commit's with the edits, and nothing else: what a person has changed in them and not committed is
    /// theirs to commit. Where a file has such changes and lacks an edit, it is not touched (`localChanges`).
    private func write(_ edits: [Edit], _ committed: [String?]) throws -> [String] {
        let tree = WorkTree(repository: path, cache: DVCCache(root: path))
        try tree.clearStaging()
        for name in [".dvc/config", ".dvc/config.local"] {
            guard let problem = DVCConfiguration(try tree.text(name) ?? "").problem else { continue }
            throw DVCError(.badConfiguration, "\(path)/\(name): \(problem)")
        }
        var changed: [String] = []
        for (edit, committed) in zip(edits, committed) {
            let current = try tree.text(edit.name)
            let wanted = try edit.text(committed)
            let text = try edit.text(current ?? committed)
            if wanted != committed {
                if text == wanted {
                    changed.append(edit.name)
                } else if text != current {
                    throw DVCError(
                        .localChanges,
                        "\(path)/\(edit.name) is to be changed, and you have changed it without a commit: commit that or put it aside (keys belong into .dvc/config.local: `dvc remote modify --local`)"
                    )
                }
            }
            if text != current {
                try createDirectories(parent(of: "\(path)/\(edit.name)"))
                try writeAtomically(Array(text.utf8), to: "\(path)/\(edit.name)", staging: tree.staging)
            }
        }
        return changed
    }

    /// The text of `.dvc/config` with the remote and the cache's type in it.
    private func configured(_ old: String?, _ remote: RemoteSettings?) throws -> String {
        var configuration = DVCConfiguration(old ?? "")
        if configuration.value("type", in: "cache") == nil, !isJoined || old == nil {
            configuration.set("type", in: "cache", to: "reflink,hardlink,symlink,copy")
        }
        guard let remote else { return configuration.text }
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
        return configuration.text
    }
}
