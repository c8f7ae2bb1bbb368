package import DVC
package import EventLog
package import Events
package import Imaging
package import Projections
import Threads

/// Validates fetched content and cuts it into tiles: the decode that proves every pixel sound is the one that is cut.
package struct TilingStage: Stage {
    package let name = "tiling"
    package let parallelism: Int
    package let retry = RetryPolicy(attempts: 5, base: .seconds(1), cap: .seconds(60))
    package let givesUpOnCrashes = true
    private let log: EventLog
    private let catalog: CatalogReader
    private let paths: StorePaths
    private let cache: DVCCache
    private let limits: ImageLimits
    private let host: String
    private let crew: TileCrew

    package init(
        log: EventLog,
        catalog: CatalogReader,
        paths: StorePaths,
        cache: DVCCache,
        limits: ImageLimits,
        host: String,
        workers: Int
    ) {
        self.log = log
        self.catalog = catalog
        self.paths = paths
        self.cache = cache
        self.limits = limits
        self.host = host
        crew = TileCrew(workers: workers)
        // Each image decodes on a thread of its own; a third of the workers keeps the others in tiles to make.
        parallelism = min(workers, max(2, (workers + 2) / 3))
    }

    package func postpone(_ item: WorkItem) async throws -> Postponement? {
        // An older version is cut anew only if its successor turns out to be unusable.
        try await catalog.waitsForSuccessors(item.item) ? .untilChange : nil
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        let derivation = try await derivation(item)
        guard let first = derivation.waiting.first else {
            throw StageFailure(.passing, "nobody-waits", "no object waits for derivation \(item.item) any more")
        }
        let stream = StreamName.derivation(derivation.id)
        var revision = try await log.revision(of: stream)
        var cause = Cause.event(item.position)
        if revision == 0 {
            let started = DerivationStarted(
                object: first.id,
                sourceSHA256: derivation.content,
                recipe: derivation.recipe.digest,
                engineRevision: derivation.recipe.engineRevision,
                host: host,
                libraries: ImagingLibraries.versions
            )
            let appended = try await log.append([
                ProposedEvent(
                    started,
                    stream: stream,
                    expectedRevision: 0,
                    cause: cause,
                    correlation: first.observedPosition
                )
            ])
            revision = appended[0].revision
            cause = .event(appended[0].position)
        }
        let cutter = TileCutter(
            original: paths.original(derivation.content),
            source: derivation.content,
            recipe: derivation.recipe,
            limits: limits,
            cache: cache,
            crew: crew
        )
        let cut = try await Blocking.run { try cutter.cut(isCancelled: { false }) }
        return try await record(cut, of: derivation, revision: revision, cause: cause)
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        let derivation = try await derivation(item)
        let quarantined = ObjectQuarantined(stage: name, reason: failure.reason, message: failure.message)
        let appended = try await log.append(
            derivation.waiting.map { object in
                ProposedEvent(
                    quarantined,
                    stream: .object(object.id),
                    expectedRevision: object.revision,
                    cause: .event(item.position),
                    correlation: object.observedPosition
                )
            }
        )
        return appended.last?.position ?? log.headPosition
    }

    package func probe() async throws {
        try await Blocking.run { try requireRoom(at: paths.root) }
    }

    private func derivation(_ item: WorkItem) async throws -> CatalogDerivation {
        guard let derivation = try await catalog.derivation(item.item) else {
            throw StageFailure(.passing, "unknown-derivation", "the catalog has no derivation \(item.item)")
        }
        return derivation
    }

    /// Appends validation, tiles and receipt at once: a derivation is in the log whole or not at all.
    private func record(
        _ cut: TileCutter.Cut,
        of derivation: CatalogDerivation,
        revision: Int,
        cause: Cause
    ) async throws -> Int {
        let correlation = derivation.waiting.first?.observedPosition
        let stream = StreamName.derivation(derivation.id)
        var events = derivation.waiting.filter { $0.validatedPosition == nil }.map { object in
            ProposedEvent(
                cut.validated,
                stream: .object(object.id),
                expectedRevision: object.revision,
                cause: object.fetchedPosition.map(Cause.event) ?? .none,
                correlation: object.observedPosition
            )
        }
        var expected: Int? = revision
        func add(_ payload: some EventPayload) {
            let event = ProposedEvent(
                payload,
                stream: stream,
                expectedRevision: expected,
                cause: cause,
                correlation: correlation
            )
            events.append(event)
            expected = nil
        }
        for tile in cut.tiles { add(tile) }
        for tile in cut.skipped { add(tile) }
        add(cut.completed)
        let appended = try await log.append(events)
        return appended[appended.count - 1].position
    }
}
