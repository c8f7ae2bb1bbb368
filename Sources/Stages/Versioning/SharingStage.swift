package import DVC
package import EventLog
package import Events
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

    package init(log: EventLog, catalog: CatalogReader, repository: DatasetRepository) {
        self.log = log
        self.catalog = catalog
        self.repository = repository
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        guard let commit = try await catalog.commit(item.item), let remote = commit.gitRemote,
            let branch = commit.gitBranch
        else {
            throw StageFailure(.passing, "unknown-commit", "the catalog has no dataset version \(item.item) to share")
        }
        var hashes = try await recordMoves()
        for attempt in 1... {
            let head = try await repository.head()
            if try await repository.push(head, to: remote, branch: branch) == .taken { break }
            guard attempt < Self.attempts else {
                throw StageFailure(.passing, "others-push", "others push to \(remote) without a pause")
            }
            _ = try await repository.rebase(onto: branch, of: remote)
            hashes = try await recordMoves()
        }
        return try await record(commit, hashes, remote: remote, branch: branch, cause: item.position)
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

    /// Tags the version, and appends the receipt.
    private func record(
        _ commit: CatalogCommit,
        _ hashes: [String: String],
        remote: String,
        branch: String,
        cause: Int
    ) async throws -> Int {
        guard let hash = hashes[commit.id] else {
            throw StageFailure(
                .passing,
                "commit-not-found",
                "the commit of dataset version \(commit.id) is not on the branch that is checked out: check that branch out"
            )
        }
        if let tag = commit.tag {
            let text = try await repository.message(of: hash)
            let trailers = text.firstRange(of: "\n\n\(VersioningStage.commitTrailer): ")
            let message = trailers.map { String(text[..<$0.lowerBound]) } ?? text
            try await repository.tag(tag, commit: hash, message: message)
            try await repository.push(tag: tag, to: remote)
        }
        let shared = DatasetShared(
            commitID: commit.id,
            partition: commit.partition,
            gitCommit: hash,
            gitRemote: remote,
            gitBranch: branch,
            tag: commit.tag
        )
        return try await log.append([
            ProposedEvent(shared, stream: .dataset(commit.partition), cause: .event(cause))
        ])[0].position
    }
}
