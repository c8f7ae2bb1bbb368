package import DVC
package import EventLog
package import Events
import Files
package import Logging
package import Projections
import Threads

/// Removes the tiles of a cancelled generation from the DVC cache, which no dataset version has.
///
/// Only from the cache of the store's own repository: one that others share may hold the same files for them.
package struct SweepingStage: Stage {
    package let name = "sweeping"
    package let parallelism = 1
    package let retry = RetryPolicy(base: .seconds(1), cap: .seconds(60))
    private let log: EventLog
    private let catalog: CatalogReader
    private let repository: DatasetRepository
    private let gate: CacheGate
    private let logger: Logger

    package init(
        log: EventLog,
        catalog: CatalogReader,
        repository: DatasetRepository,
        gate: CacheGate,
        logger: Logger
    ) {
        self.log = log
        self.catalog = catalog
        self.repository = repository
        self.gate = gate
        self.logger = logger
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        try await gate.whileClosed {
            // What was made until the gate closed has to be known: it may share a file.
            while try await catalog.position() < log.headPosition { try await Task.sleep(for: .milliseconds(20)) }
            let swept = try await sweep(item.item)
            return try await log.append([
                ProposedEvent(swept, stream: .generation(item.item), cause: .event(item.position))
            ])[0].position
        }
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        throw StageFailure(.stage, failure.reason, failure.message)
    }

    private func sweep(_ generation: String) async throws -> GenerationSwept {
        let cache = repository.cache
        // What a restored log has forgotten, versions in git may have.
        let isWhole = try await catalog.lastPosition(of: .logRestored) == 0
        guard repository.ownsCache, !repository.isJoined, isWhole else {
            logger.notice(
                "The tiles of a cancelled generation stay in the cache, because others may have them too: `swathlog dataset gc` tells which nobody has.",
                metadata: ["generation": "\(generation)", "cache": "\(cache.root)"]
            )
            return GenerationSwept(files: 0, bytes: 0)
        }
        let files = try await catalog.discardedFiles(of: generation)
        return try await Blocking.run {
            var (count, bytes) = (0, 0)
            for file in files where try removeFile(cache.objectPath(file.md5)) {
                count += 1
                bytes += file.bytes
            }
            return GenerationSwept(files: count, bytes: bytes)
        }
    }
}
