package import EventLog
package import Events
package import Projections

/// Puts a generation that is complete into the place of the current one: one event, after which each partition is committed
/// once.
package struct CuttingOverStage: Stage {
    package let name = "cutting-over"
    package let parallelism = 1
    package let retry = RetryPolicy(base: .seconds(1), cap: .seconds(60))
    private let log: EventLog
    private let catalog: CatalogReader
    private let freed: FreedTiles
    private let waitsForVersions: Bool

    /// - Parameter waitsForVersions: whether the generation before has its versions first; not where somebody has to ask for
    ///   them.
    package init(
        log: EventLog,
        catalog: CatalogReader,
        freed: FreedTiles,
        waitsForVersions: Bool
    ) {
        self.log = log
        self.catalog = catalog
        self.freed = freed
        self.waitsForVersions = waitsForVersions
    }

    package func postpone(_ item: WorkItem) async throws -> Postponement? {
        let head = log.headPosition
        guard try await catalog.isReadyToCutOver(), try await catalog.position() >= head else { return .untilChange }
        guard waitsForVersions else { return nil }
        return try await catalog.hasVersionsOfLastCutOver() ? nil : .untilChange
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        let stream = StreamName.generation(item.item)
        // Read first: a cancellation that comes meanwhile is found out when the event is appended.
        let revision = try await log.revision(of: stream)
        // What is lost counts as failed once the catalog has read it: then the cut is made without it.
        if let position = try await completeCache(for: item) { return position }
        guard let generation = try await catalog.generation(item.item), generation.state == .deriving else {
            throw StageFailure(.passing, "unknown-generation", "no generation \(item.item) is under way")
        }
        var events = try await catalog.failedSuccessors().map { failed in
            ProposedEvent(
                ObjectQuarantined(stage: "rederiving", reason: failed.reason, message: failed.message),
                stream: .object(failed.object.id),
                expectedRevision: failed.object.revision,
                cause: .event(item.position),
                correlation: failed.object.observedPosition
            )
        }
        let isOfStore = generation.isWhole && generation.partitions.isEmpty
        let cut = GenerationCutOver(
            recipe: generation.recipe,
            previous: isOfStore ? try await catalog.currentRecipe()?.digest : nil,
            partitions: try await catalog.succeededPartitions(),
            objects: generation.objects - generation.failed - generation.waiting,
            tiles: generation.tiles,
            failed: generation.failed
        )
        events.append(
            ProposedEvent(cut, stream: stream, expectedRevision: revision, cause: .event(generation.requestedPosition))
        )
        return try await log.append(events).last?.position ?? log.headPosition
    }

    /// Makes those tiles again that were made before and that somebody has freed from the cache since.
    ///
    /// - Returns: the position of the last event that says which can't be; nil when all are there.
    private func completeCache(for item: WorkItem) async throws -> Int? {
        let lost = try await freed.complete(catalog.linkedSuccessors()).map { loss in
            ProposedEvent(
                DerivationFailed(loss),
                stream: .derivation(loss.derivation.id),
                cause: .event(item.position),
                correlation: loss.derivation.objects.first?.observedPosition
            )
        }
        return try await log.append(lost).last?.position
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        throw StageFailure(.stage, failure.reason, failure.message)
    }
}
