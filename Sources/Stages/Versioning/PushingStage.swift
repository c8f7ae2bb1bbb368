package import DVC
package import EventLog
package import Events
import ObjectStores
package import Projections

/// Pushes committed dataset versions to the DVC remote: every file first, the manifest last.
package struct PushingStage: Stage {
    package let name = "pushing"
    package let parallelism = 1
    package let retry = RetryPolicy(base: .seconds(1), cap: .seconds(300))
    private let log: EventLog
    private let catalog: CatalogReader
    private let repository: DatasetRepository
    private let remotes: Remotes
    private let freed: FreedTiles?

    /// - Parameter freed: makes tiles again that the cache lacks; nil to do without.
    package init(
        log: EventLog,
        catalog: CatalogReader,
        repository: DatasetRepository,
        remotes: Remotes,
        freed: FreedTiles? = nil
    ) {
        self.log = log
        self.catalog = catalog
        self.repository = repository
        self.remotes = remotes
        self.freed = freed
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        guard let commit = try await catalog.commit(item.item), let remote = commit.remote else {
            throw StageFailure(.passing, "unknown-commit", "the catalog has no dataset version \(item.item) to push")
        }
        var previousWasPushed = false
        if let previous = commit.previous {
            previousWasPushed = try await catalog.wasPushed(previous, of: commit.partition, to: remote)
        }
        let result: PushResult
        do {
            result = try await push(commit, to: remote, previousWasPushed: previousWasPushed)
        } catch let error as DVCError where error.code == .objectMissing {
            guard let freed else { throw error }
            let losses = try await completeCache(of: commit, by: freed)
            do {
                result = try await push(commit, to: remote, previousWasPushed: previousWasPushed)
            } catch let error as DVCError where error.code == .objectMissing {
                guard let first = losses.first?.failure else { throw error }
                try await record(losses, of: commit, by: freed, cause: item.position)
                let what = "tiles of the version are lost (images: \(losses.count)); the first: \(first.message)"
                throw StageFailure(.passing, error.code.rawValue, what)
            }
        }
        let pushed = DatasetPushed(
            commitID: commit.id,
            partition: commit.partition,
            manifest: commit.manifest,
            remote: remote,
            objectsSent: result.objects,
            bytesSent: result.bytes
        )
        let appended = try await log.append([
            ProposedEvent(pushed, stream: .dataset(commit.partition), cause: .event(item.position))
        ])
        return appended[0].position
    }

    private func push(
        _ commit: CatalogCommit,
        to remote: String,
        previousWasPushed: Bool
    ) async throws -> PushResult {
        do {
            return try await VersionPush(catalog: catalog, cache: repository.cache).push(
                commit,
                to: remotes.remote(remote),
                previousWasPushed: previousWasPushed
            )
        } catch let error as S3Error {
            throw StageFailure(ofRemote: error)
        }
    }

    /// Makes again what the cache has lost of a version; returns what can't be had any more.
    private func completeCache(of commit: CatalogCommit, by freed: FreedTiles) async throws -> [FreedTiles.Loss] {
        if let manifest = try await catalog.manifest(commit.manifest) { try await repository.cache.put(manifest) }
        let held = try await catalog.derivations(in: commit.partition, at: commit.throughPosition)
        do {
            return try await freed.complete(held)
        } catch let failure as StageFailure {
            throw failure.ofOneItem
        }
    }

    /// Records which files of a version are lost, but what is known already.
    private func record(
        _ losses: [FreedTiles.Loss],
        of commit: CatalogCommit,
        by freed: FreedTiles,
        cause: Int
    ) async throws {
        var lost: [String: String] = [:]
        for loss in losses {
            for file in try await freed.lacking(of: loss.derivation) { lost[file.md5] = loss.failure.message }
        }
        for known in try await catalog.damages() where known.place == ArtifactDamaged.cachePlace {
            lost.removeValue(forKey: known.artifact)
        }
        var events: [ProposedEvent] = []
        for file in try await catalog.files(of: commit.partition, at: commit.throughPosition) {
            guard let message = lost.removeValue(forKey: file.md5) else { continue }
            let damaged = ArtifactDamaged(
                artifact: file.md5,
                kind: TileIndex.isOne(file.path) ? "index" : "tile",
                partition: commit.partition,
                path: file.path,
                place: ArtifactDamaged.cachePlace,
                reason: "missing",
                message: message
            )
            events.append(ProposedEvent(damaged, stream: .dataset(commit.partition), cause: .event(cause)))
        }
        try await log.append(events)
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        throw StageFailure(.stage, failure.reason, failure.message)
    }
}

extension StageFailure {
    /// Classes what the bucket of a remote answers: every version goes there, so what will not pass stops them all.
    fileprivate init(ofRemote error: S3Error) {
        let scope: Scope = error.isPassing || error.code == .cancelled ? .passing : .stage
        self.init(scope, error.code.rawValue, "the DVC remote: \(error.message)", retryAfter: error.retryAfter)
    }
}
