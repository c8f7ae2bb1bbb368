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
        previous: String? = nil,
        meta: [String: String] = [:],
        params: [String: String] = [:],
        message: String,
        trailers: [Trailer] = [],
        branch: String? = nil
    ) async throws -> String {
        let change = PartitionChange(
            partition: partition,
            manifest: manifest,
            previous: previous,
            meta: meta,
            params: params
        )
        return try await publish([change], message: message, trailers: trailers, branch: branch)
    }

    /// The manifests whose files may be in a partition's directory and that the cache lacks.
    ///
    /// Without them it can't be told which files there are the dataset's, and which a person's.
    package func lostManifests(of partition: String, previous: String?) throws -> [String] {
        try tree.lostManifests(of: partition, previous: previous)
    }

    /// Brings partitions to new contents and records all of them in one commit, whose hash it returns.
    ///
    /// The objects must be in the cache. Only what differs is touched: files in the work tree, pointers, lines of
    /// .gitignore, the partitions' parameters; nothing else that a person has changed or staged is committed. When the last
    /// commit already says all this, no other is made: the hash is that of the commit that last changed these pointers. Where
    /// none has the first trailer, because a person committed the contents, that is said in a commit of its own.
    ///
    /// - Parameter branch: the one that has to be checked out; nil for any.
    ///
    /// It throws `DVCError`, `FileError` or `CancellationError`; run again, it takes up where it was.
    package func publish(
        _ changes: [PartitionChange],
        message: String,
        trailers: [Trailer] = [],
        branch: String? = nil
    ) async throws -> String {
        let text = try CommitMessage(message, trailers: trailers)
        try validate(changes)
        while isRebasing { try await Task.sleep(for: .milliseconds(50)) }
        guard !isPublishing else {
            throw DVCError(.busy, "a publication into \(path) is still running: wait for it to end")
        }
        isPublishing = true
        defer { isPublishing = false }
        try await require(branch: branch)
        if isJoined { try await StagedChanges(git: git).refuse(besides: SetUp.isOurs) }
        try await refuseOthers(ignoreFileFor: changes)
        try await IgnoredTiles(tree: tree).refuse(changes)
        let params = try await params(of: changes)
        do {
            // DVC knows paths by their real names.
            let real = try realPath(path) ?? path
            let lock = try await DVCLock.acquire(
                repository: path,
                writing: (changes.map(\.partition) + (params == nil ? [] : [paramsFile])).map { "\(real)/\($0)" },
                patience: patience,
                onWait: onWait
            )
            defer { lock.release() }
            for change in changes { try tree.apply(change) }
            if let params {
                try writeAtomically(Array(params.utf8), to: "\(path)/\(paramsFile)", staging: tree.staging)
            }
        }
        return try await commit(changes, message: text, trailer: trailers.first)
    }

    private var paramsFile: String { isJoined ? ParamsFile.joined : ParamsFile.standard }

    /// The file of parameters with those of the changes, and the last commit's of all other partitions; nil where it has them.
    private func params(of changes: [PartitionChange]) async throws -> String? {
        let changes = changes.filter { !$0.params.isEmpty }
        let here = ParamsFile(try tree.text(paramsFile) ?? "")
        guard changes.contains(where: { here[$0.partition] != ParamsFile.section($0.params) }) else { return nil }
        var file = ParamsFile(try await text(of: paramsFile) ?? "")
        for change in changes { file[change.partition] = ParamsFile.section(change.params) }
        return file.text
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

    /// Commits what the changes made of the work tree; returns the hash of the commit that has it.
    private func commit(
        _ changes: [PartitionChange],
        message: CommitMessage,
        trailer: Trailer?
    ) async throws -> String {
        let pointers = changes.map { "\($0.partition).dvc" }
        var paths = pointers + [WorkTree.ignoreFile]
        if changes.contains(where: { !$0.params.isEmpty }) { paths.append(paramsFile) }
        let commit = GitCommit(git: git, patience: patience)
        let isNew = try await commit.commit(paths, message: message) { path in
            guard path == WorkTree.ignoreFile else { return false }
            return try await self.isOthers(ignoreFileFor: changes)
        }
        if !isNew, let trailer {
            if let found = try await findCommit(trailer, among: "HEAD") { return found }
            try await commit.commitNothing(message: message)
            return try await head()
        }
        let found = try await git.run(["log", "-1", "--format=%H", "HEAD", "--"] + (isNew ? paths : pointers)).line
        return found.isEmpty ? try await head() : found
    }

    /// Throws `localChanges` where .gitignore needs lines that could not be committed, before anything is written.
    private func refuseOthers(ignoreFileFor changes: [PartitionChange]) async throws {
        let lines = TextLines(try tree.text(WorkTree.ignoreFile) ?? "").texts
        guard changes.contains(where: { lines.contains("/\($0.partition)") != ($0.manifest != nil) }) else { return }
        _ = try await isOthers(ignoreFileFor: changes)
    }

    /// Whether only a person's changes make .gitignore differ from the last commit's: then it is theirs to commit.
    ///
    /// - Throws: `localChanges` where the commit needs lines of ours as well.
    private func isOthers(ignoreFileFor changes: [PartitionChange]) async throws -> Bool {
        let committed = TextLines(try await text(of: WorkTree.ignoreFile) ?? "").texts
        let here = TextLines(try tree.text(WorkTree.ignoreFile) ?? "").texts
        let known = Set(changes.map(\.partition))
        func isTheirs(_ line: String) -> Bool {
            let partition = String(line.dropFirst())
            guard line.hasPrefix("/"), DatasetName.isPartition(partition) else { return true }
            // A killed publication of another partition may have left its line.
            return !known.contains(partition) && !tree.hasPointer(of: partition)
        }
        if committed.filter(isTheirs) == here.filter(isTheirs) { return false }
        guard changes.allSatisfy({ committed.contains("/\($0.partition)") == ($0.manifest != nil) }) else {
            throw DVCError(
                .localChanges,
                "\(path)/\(WorkTree.ignoreFile) is to be changed, and you have changed it without a commit: commit that or put it aside"
            )
        }
        return true
    }
}
