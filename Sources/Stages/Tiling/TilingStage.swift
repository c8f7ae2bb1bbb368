import CoreMetrics
package import DVC
package import EventLog
package import Events
import Files
package import Imaging
package import Projections
import Threads

/// Validates fetched content and cuts it into tiles: the decode that proves every pixel sound is the one that is cut.
///
/// There are two of it, so that neither waits for the other: `tiling` cuts what comes for the current generation,
/// `rederiving` what is there for the next one.
package struct TilingStage: Stage {
    /// Which part of the work list it does.
    package enum Part: String, Sendable {
        case tiling
        case rederiving
    }

    package let part: Part
    package var name: String { part.rawValue }
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
    private let gate: CacheGate
    private let originals: any OriginalSource
    private let seconds = Recorder(label: "processing_time_seconds", dimensions: [], aggregate: true)

    /// - Parameters:
    ///   - crew: the threads that make tiles, of both parts.
    ///   - gate: is open while no files are swept from the cache.
    ///   - originals: brings source bytes that are not kept any more.
    package init(
        _ part: Part,
        log: EventLog,
        catalog: CatalogReader,
        paths: StorePaths,
        cache: DVCCache,
        limits: ImageLimits,
        host: String,
        crew: TileCrew,
        gate: CacheGate,
        originals: any OriginalSource
    ) {
        self.part = part
        self.log = log
        self.catalog = catalog
        self.paths = paths
        self.cache = cache
        self.limits = limits
        self.host = host
        self.crew = crew
        self.gate = gate
        self.originals = originals
        // Each image decodes on a thread of its own; a third of the workers keeps the others in tiles to make.
        parallelism = Self.parallelism(workers: crew.workers)
    }

    /// Images that are cut at once.
    package static func parallelism(workers: Int) -> Int {
        min(workers, max(2, (workers + 2) / 3))
    }

    package func postpone(_ item: WorkItem) async throws -> Postponement? {
        if gate.isClosed { return .untilChange }
        // An older version is cut anew only if its successor turns out to be unusable.
        if part == .tiling, try await catalog.waitsForSuccessors(item.item) { return .untilChange }
        return try await waitForSources(of: item)
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        let derivation = try await derivation(item)
        // Nobody may wait for word of one that turns out to need nothing.
        defer { derivation.objects.forEach(originals.release) }
        guard gate.enter() else { throw CancellationError() }
        defer { gate.leave() }
        guard let first = derivation.objects.first else {
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
        try await bringOriginal(derivation.content, from: derivation.objects)
        let cutter = cutter(of: derivation)
        let start = ContinuousClock.now
        let cut = try await Blocking.run { try cutter.cut(isCancelled: { false }) }
        let position = try await record(cut, of: derivation, revision: revision, cause: cause)
        seconds.record((ContinuousClock.now - start) / .seconds(1))
        return position
    }

    /// Makes the tiles of a derivation again that the cache has lost.
    ///
    /// The log has them, and the same bytes come out.
    ///
    /// - Parameter objects: who may still have its source bytes, where those are not kept.
    /// - Returns: the SHA-256 of the files that were made.
    func remake(_ derivation: CatalogDerivation, from objects: [CatalogObject]) async throws -> Set<Digest> {
        guard gate.enter() else { throw CancellationError() }
        defer { gate.leave() }
        do {
            try await bringOriginal(derivation.content, from: objects)
        } catch let failure as StageFailure where failure.scope == .source {
            // Who asks for it is another stage, which can't do without and leaves no source alone.
            throw StageFailure(.stage, failure.reason, failure.message)
        }
        let cutter = cutter(of: derivation)
        return try await Blocking.run { try cutter.cut(isCancelled: { false }).digests }
    }

    private func cutter(of derivation: CatalogDerivation) -> TileCutter {
        TileCutter(
            original: paths.original(derivation.content),
            source: derivation.content,
            recipe: derivation.recipe,
            limits: limits,
            cache: cache,
            crew: crew
        )
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        let derivation = try await derivation(item)
        let quarantined = ObjectQuarantined(stage: name, reason: failure.reason, message: failure.message)
        var events = derivation.waiting.map { object in
            ProposedEvent(
                quarantined,
                stream: .object(object.id),
                expectedRevision: object.revision,
                cause: .event(item.position),
                correlation: object.observedPosition
            )
        }
        if let object = derivation.succeeding.first {
            let failed = DerivationFailed(
                sourceSHA256: derivation.content,
                recipe: derivation.recipe.digest,
                reason: failure.reason,
                message: failure.message
            )
            events.append(
                ProposedEvent(
                    failed,
                    stream: .derivation(derivation.id),
                    cause: .event(item.position),
                    correlation: object.observedPosition
                )
            )
        }
        return try await log.append(events).last?.position ?? log.headPosition
    }

    package func probe() async throws {
        try await Blocking.run { try requireRoom(at: paths.root) }
    }

    package var outages: [String: Outage] { originals.outages }

    package func waiting(for source: String) async throws -> Int {
        let contents = try await catalog.work.derivations(name, from: source)
        return try await Blocking.run { try contents.count { try !isKept($0) } }
    }

    /// When an item may be begun whose original is not kept, as every source that may have it is left alone; nil for now.
    private func waitForSources(of item: WorkItem) async throws -> Postponement? {
        guard !originals.outages.isEmpty, let derivation = try await catalog.derivation(item.item),
            try !isKept(derivation.content)
        else { return nil }
        var first: Postponement?
        for object in derivation.objects.reversed() {
            guard let postponement = originals.postpone(object) else { return nil }
            first = first ?? postponement
        }
        return first
    }

    private func isKept(_ content: Digest) throws -> Bool { try fileInfo(paths.original(content)) != nil }

    private func derivation(_ item: WorkItem) async throws -> CatalogDerivation {
        guard let derivation = try await catalog.derivation(item.item) else {
            throw StageFailure(.passing, "unknown-derivation", "the catalog has no derivation \(item.item)")
        }
        return derivation
    }

    /// Brings the source bytes again where they are not kept any more, from the first object that still has them.
    private func bringOriginal(_ content: Digest, from objects: [CatalogObject]) async throws {
        guard try !isKept(content) else { return }
        var failure: StageFailure?
        var scopes: Set<StageFailure.Scope> = []
        for object in objects.reversed() {
            do {
                return try await originals.bringAgain(object, content: content)
            } catch let error as StageFailure {
                // What may pass for one object keeps all of them from being given up.
                if failure?.scope ?? .item == .item { failure = error }
                scopes.insert(error.scope)
            }
        }
        guard let failure else { return }
        // One source is left alone, and another is not: this would be tried again without a pause.
        guard failure.scope != .source || scopes.count == 1 else {
            throw StageFailure(.stage, failure.reason, failure.message)
        }
        throw failure
    }

    /// Appends validation, tiles and receipt at once: a derivation is in the log whole or not at all.
    private func record(
        _ cut: TileCutter.Cut,
        of derivation: CatalogDerivation,
        revision: Int,
        cause: Cause
    ) async throws -> Int {
        let correlation = derivation.objects.first?.observedPosition
        let stream = StreamName.derivation(derivation.id)
        var events = derivation.objects.filter { $0.validatedPosition == nil }.map { object in
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
        // Of tiles that were lost and are made again, the log knows all but that they are there.
        if try await Set(catalog.files(ofDerivation: derivation.number).map(\.md5)) != cut.files {
            for tile in cut.tiles { add(tile) }
            for tile in cut.skipped { add(tile) }
        }
        add(cut.completed)
        let appended = try await log.append(events)
        return appended[appended.count - 1].position
    }
}
