package import DVC
package import EventLog
package import Events
package import Logging
package import Projections

/// Pushes the git commits of dataset versions to a git remote, on top of what others have pushed there.
///
/// The intent is in `DatasetCommitStarted`, which names the remote; the receipt is `DatasetShared`. What a killed agent left
/// undone is found in git by the trailers: a commit that was made anew there has another hash than the log says, and that is
/// recorded before anything else.
package struct SharingStage: Stage {
    package let name = "sharing"
    package let parallelism = 1
    package let retry = RetryPolicy(base: .seconds(1), cap: .seconds(300))
    /// How often others may be first in a row before it is tried again later.
    private static let attempts = 5

    private let log: EventLog
    private let catalog: CatalogReader
    private let repository: DatasetRepository
    private let place: GitRemotePlace?
    private let logger: Logger

    /// - Parameter place: where versions are shared now; those of before may go elsewhere.
    package init(
        log: EventLog,
        catalog: CatalogReader,
        repository: DatasetRepository,
        place: GitRemotePlace?,
        logger: Logger
    ) {
        self.log = log
        self.catalog = catalog
        self.repository = repository
        self.place = place
        self.logger = logger
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        guard let commit = try await catalog.commit(item.item), let remote = commit.gitRemote,
            let branch = commit.gitBranch
        else {
            throw StageFailure(.passing, "unknown-commit", "the catalog has no dataset version \(item.item) to share")
        }
        let local =
            if let place, place.branch == branch { place.local } else {
                try await repository.branch(sharedAs: branch)
            }
        for attempt in 1... {
            // Whatever else a person has checked out is not theirs to have pushed.
            try await repository.require(branch: local)
            let hash = try await findCommit(of: commit, among: try await recordMoves(), on: local)
            let head = try await repository.head(of: local)
            if try await repository.push(head, to: remote, branch: branch) == .taken {
                return try await record(commit, hash, remote: remote, branch: branch, cause: item.position)
            }
            guard attempt < Self.attempts else { break }
            _ = try await repository.rebase(onto: branch, of: remote, on: local)
        }
        throw StageFailure(.passing, "others-push", "others push to \(remote) without a pause")
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        throw StageFailure(.stage, failure.reason, failure.message)
    }

    /// Records which versions have another git commit than the log says; returns all by their ids.
    private func recordMoves() async throws -> [String: String] {
        let hashes = try await repository.commits(byTrailer: VersioningStage.commitTrailer)
        let moved = try await catalog.commits().compactMap { commit -> ProposedEvent? in
            guard let old = commit.gitCommit, let new = hashes[commit.id], old != new else { return nil }
            let rebased = DatasetRebased(
                commitID: commit.id,
                partition: commit.partition,
                gitCommit: new,
                previousCommit: old
            )
            return ProposedEvent(rebased, stream: .dataset(commit.partition), cause: .event(commit.startedPosition))
        }
        if !moved.isEmpty { try await log.append(moved) }
        return hashes
    }

    /// The commit that has a version: by its trailer, or the one that the log names, which a person may have made.
    private func findCommit(
        of commit: CatalogCommit,
        among hashes: [String: String],
        on branch: String
    ) async throws -> String {
        if let hash = hashes[commit.id] { return hash }
        let recorded = commit.gitCommit ?? ""
        if try await repository.isOnBranch(recorded) { return recorded }
        throw StageFailure(
            .passing,
            "commit-not-found",
            "the commit \(recorded.prefix(12)) of dataset version \(commit.id) is not on \(branch) any more, as after a rebase that left it out: `git -C \(repository.path) merge --strategy=ours \(recorded.prefix(12))` puts it back and changes no file"
        )
    }

    /// Tags the version, and appends the receipt.
    private func record(
        _ commit: CatalogCommit,
        _ hash: String,
        remote: String,
        branch: String,
        cause: Int
    ) async throws -> Int {
        var tag = commit.tag
        if let name = tag {
            let text = try await repository.message(of: hash)
            let trailers = text.firstRange(of: "\n\n\(VersioningStage.commitTrailer): ")
            let message = trailers.map { String(text[..<$0.lowerBound]) } ?? text
            if try await repository.tag(name, commit: hash, message: message) {
                try await repository.push(tag: name, to: remote)
            } else {
                logger.warnOfTag(name)
                tag = nil
            }
        }
        let shared = DatasetShared(
            commitID: commit.id,
            partition: commit.partition,
            gitCommit: hash,
            gitRemote: remote,
            gitBranch: branch,
            tag: tag
        )
        return try await log.append([
            ProposedEvent(shared, stream: .dataset(commit.partition), cause: .event(cause))
        ])[0].position
    }
}
