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

    package init(log: EventLog, catalog: CatalogReader, repository: DatasetRepository, remotes: Remotes) {
        self.log = log
        self.catalog = catalog
        self.repository = repository
        self.remotes = remotes
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
            result = try await VersionPush(catalog: catalog, cache: repository.cache).push(
                commit,
                to: remotes.remote(remote),
                previousWasPushed: previousWasPushed
            )
        } catch let error as S3Error {
            throw StageFailure(ofRemote: error)
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
