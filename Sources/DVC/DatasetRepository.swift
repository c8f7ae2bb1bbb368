import Events
import Files
import Threads

/// The dataset's git and DVC repository: one directory and one pointer a partition.
///
/// One agent owns it (the agent's lock sees to that); people may look, pull, add and commit beside it. Every operation
/// may be killed at any instant and run again. It works on a thread of its own, because it waits for the disk.
package actor DatasetRepository {
    /// The work tree's directory, absolute.
    package nonisolated let path: String
    /// Where tiles go before they are published.
    package nonisolated let cache: DVCCache

    let git: Git
    let patience: Duration
    let onWait: @Sendable (String) -> Void
    let links: [LinkKind]
    let commits: CommitSettings
    package nonisolated let isJoined: Bool
    /// Whether the cache is this repository's alone.
    package nonisolated let ownsCache: Bool
    private(set) var isPublishing = false
    /// While it lasts, publications wait.
    var isRebasing = false

    private nonisolated let executor = QueueExecutor(label: "swathlog.dvc.repository")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(
        path: String,
        git: Git,
        cache: CacheSettings,
        isJoined: Bool,
        commits: CommitSettings = CommitSettings(),
        patience: Duration,
        onWait: @escaping @Sendable (String) -> Void
    ) {
        self.path = path
        self.cache = cache.objects(for: path)
        self.links = cache.links
        self.ownsCache = cache.isOwn
        self.isJoined = isJoined
        self.commits = commits
        self.git = git
        self.patience = patience
        self.onWait = onWait
    }

    var tree: WorkTree { WorkTree(repository: path, cache: cache, links: links, isJoined: isJoined) }

    /// Opens the repository, and makes or completes it where it is missing or half made.
    ///
    /// The remote, when given, becomes the default one in `.dvc/config`; `files` are texts by name that are committed in the
    /// work tree's top directory. Commits are by whom `commits` says; where it wants them signed, it is tried at once.
    /// `patience` is how long to wait for other
    /// people's DVC or git before giving up with `lockHeld` or `gitBusy`; `onWait` is told, with a sentence for a log,
    /// when a wait for DVC begins.
    ///
    /// A repository that is joined has to be there, and stays a person's: a default remote and a cache type that it has
    /// are kept, pointers and directories that this program did not make are in nobody's way, and while changes are staged
    /// nothing is committed (`indexDirty`).
    package static func open(
        at path: String,
        remote: RemoteSettings? = nil,
        joins isJoined: Bool = false,
        files: [String: String] = [:],
        commits: CommitSettings = CommitSettings(),
        patience: Duration = .seconds(60),
        onWait: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> DatasetRepository {
        let path = absolute(path)
        if !isJoined { try createDirectories(path) }
        let setUp = SetUp(path: path, isJoined: isJoined, commits: commits, patience: patience, onWait: onWait)
        let git = try await setUp.run(remote: remote, files: files)
        if try await Rebase.isUnfinished(git) {
            let lock = try await DVCLock.acquire(repository: path, patience: patience, onWait: onWait)
            defer { lock.release() }
            try await Rebase(git: git, lock: lock, isSigned: false).finish()
        }
        if commits.signing != nil { try await git.trySigning() }
        let cache = try CacheSettings(repository: path, DVCSettings(repository: path))
        return DatasetRepository(
            path: path,
            git: git,
            cache: cache,
            isJoined: isJoined,
            commits: commits,
            patience: patience,
            onWait: onWait
        )
    }

    /// Opens the repository to ask it, and changes nothing in it: no file, no lock of anybody.
    ///
    /// - Parameter patience: how long `mend`, which does change it, waits for other people's DVC.
    /// - Returns: nil when there is none.
    package static func openForReading(
        at path: String,
        patience: Duration = .zero
    ) async throws -> DatasetRepository? {
        let path = absolute(path)
        guard try fileInfo("\(path)/.git") != nil else { return nil }
        return DatasetRepository(
            path: path,
            git: try await Git(repository: path),
            cache: try CacheSettings(repository: path, DVCSettings(repository: path)),
            isJoined: false,
            patience: patience,
            onWait: { _ in }
        )
    }

    /// Publishes new contents of one partition; see `publish(_:message:trailers:)`.
    package func publish(
        partition: String,
        manifest: Manifest,
        meta: [String: String] = [:],
        files: [String: String] = [:],
        message: String,
        trailers: [Trailer] = []
    ) async throws -> String {
        let change = PartitionChange(partition: partition, manifest: manifest, meta: meta)
        return try await publish([change], files: files, message: message, trailers: trailers)
    }

    /// Brings partitions to new contents and records all of them in one commit, whose hash it returns.
    ///
    /// The objects must be in the cache. Only what differs is touched: files in the work tree, pointers, lines of
    /// .gitignore; nothing else that a person has changed or staged is committed. When the last commit already says all
    /// this, no other is made: the hash is that of the commit that last changed these pointers. `files` are texts by name
    /// that the same commit gets in the top directory.
    ///
    /// It throws `DVCError`, `FileError` or `CancellationError`; run again, it takes up where it was.
    package func publish(
        _ changes: [PartitionChange],
        files: [String: String] = [:],
        message: String,
        trailers: [Trailer] = []
    ) async throws -> String {
        let text = try CommitMessage(message, trailers: trailers)
        try validate(changes)
        while isRebasing { try await Task.sleep(for: .milliseconds(50)) }
        guard !isPublishing else {
            throw DVCError(.busy, "a publication into \(path) is still running: wait for it to end")
        }
        isPublishing = true
        defer { isPublishing = false }
        _ = try await branch()
        let pointers = changes.map { "\($0.partition).dvc" }
        if isJoined { try await StagedChanges(git: git).refuse { SetUp.isOurs($0) || files[$0] != nil } }
        do {
            // DVC knows paths by their real names.
            let real = try realPath(path) ?? path
            let different = try files.filter { try $0.value != tree.text($0.key) }
            let lock = try await DVCLock.acquire(
                repository: path,
                writing: (changes.map(\.partition) + different.keys).map { "\(real)/\($0)" },
                patience: patience,
                onWait: onWait
            )
            defer { lock.release() }
            for change in changes { try tree.apply(change) }
            for (name, text) in different {
                try writeAtomically(Array(text.utf8), to: "\(path)/\(name)", staging: tree.staging)
            }
        }
        try await commit(pointers + [".gitignore"] + files.keys.sorted(), message: text)
        let commit = try await git.run(["log", "-1", "--format=%H", "HEAD", "--"] + pointers).line
        return commit.isEmpty ? try await head() : commit
    }

    private func validate(_ changes: [PartitionChange]) throws(DVCError) {
        var seen: Set<String> = []
        for change in changes {
            guard DatasetName.isPartition(change.partition) else {
                throw DVCError(
                    .badPartition,
                    "\(change.partition.debugDescription) is no partition name: make it with DatasetName.partition(for:)"
                )
            }
            guard seen.insert(change.partition).inserted else {
                throw DVCError(
                    .badPartition,
                    "the partition \(change.partition) is to change twice in one commit"
                )
            }
            let problem = change.manifest.flatMap {
                Pointer($0, path: change.partition, meta: change.meta).metaProblem
            }
            if let problem { throw DVCError(.badPointer, problem) }
        }
    }

    private func commit(_ paths: [String], message: CommitMessage) async throws {
        try await GitCommit(git: git, patience: patience).commit(paths, message: message)
    }
}
