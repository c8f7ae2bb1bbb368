import EventLog
import Events
import Projections
import Stages
import Synchronization

/// The state of the store at a moment, made at most once a second for all who ask.
///
/// Counting objects takes the longer the more there are: a count is kept for ten times as long as it took.
actor StatusBoard {
    private let store: ServedStore
    /// Whether there is a token that lets anybody change anything.
    private let isOperable: Bool
    private let clock = ContinuousClock()
    private var made: (at: ContinuousClock.Instant, text: [UInt8])?
    private var counted: (until: ContinuousClock.Instant, summary: StoreSummary)?
    private var rates = Rates()

    init(_ store: ServedStore, isOperable: Bool) {
        self.store = store
        self.isOperable = isOperable
    }

    /// The status as JSON.
    func current() async throws -> [UInt8] {
        if let made, clock.now - made.at < .milliseconds(900) { return made.text }
        let text = try await make().bytes
        made = (clock.now, text)
        return text
    }

    /// Notes how many events there are of each type, so that rates are known when somebody asks.
    func sample() async throws {
        rates.add(try await store.catalog.eventCounts(), at: clock.now)
    }

    private func summary() async throws -> StoreSummary {
        if let counted, clock.now < counted.until { return counted.summary }
        let start = clock.now
        let summary = try await StoreSummary.read(store.views.database)
        counted = (clock.now + (clock.now - start) * 10, summary)
        return summary
    }

    private func make() async throws -> CanonicalJSON {
        let summary = try await summary()
        let counts = try await store.catalog.eventCounts()
        rates.add(counts, at: clock.now)
        let (now, head) = (SystemTime().now(), store.log.headPosition)
        let last = try await store.log.event(at: head)
        let pauses = try await store.catalog.pauses()
        let views = try store.views.status()
        let unknown = try await store.catalog.unknownEvents().reduce(0) { $0 + $1.count }
        let stages = try await stages(counts, now)
        let damaged = try await store.catalog.damageCount()
        return CanonicalJSON { json in
            json.set("version", store.version)
            json.set("at", now.description)
            json.set("events", head)
            json.set("last_event_at", last?.recordedAt.description)
            json.set("objects", Self.counts(summary.objects))
            json.set("quarantine", Self.counts(summary.quarantine))
            json.set("derivations", summary.derivations)
            json.set("tiles", summary.tiles)
            json.set("tile_bytes", summary.tileBytes)
            json.set("tiles_skipped", summary.skippedTiles)
            json.set("pixels", summary.pixels)
            json.set("counts", Self.counts(counts))
            json.set("per_minute", CanonicalJSON { for type in counts.keys { $0.set(type, rates.perMinute(type)) } })
            json.set("stages", stages)
            json.set("pauses", pauses.map(\.json))
            json.set("views", views.map(\.json))
            if let sources = store.sources() { json.set("sources", canonical: sources) }
            json.set("damaged", damaged)
            json.set("unknown_events", unknown)
            json.set("operable", isOperable)
        }
    }

    /// The type of event that each stage is done with; what is derived anew is counted with what is tiled.
    private static let done: [String: EventType] = [
        "fetching": .objectFetched, "tiling": .derivationCompleted, "cutting-over": .generationCutOver,
        "sweeping": .generationSwept, "versioning": .datasetCommitted, "pushing": .datasetPushed,
        "sharing": .datasetShared, "announcing": .notificationQueued, "notifying": .notificationDelivered,
    ]

    private func stages(_ counts: [String: Int], _ now: Timestamp) async throws -> [CanonicalJSON] {
        try await StageQueue.read(store.stages, work: store.work, log: store.log, now: now).map { queue in
            let done = Self.done[queue.stage]?.rawValue
            return CanonicalJSON {
                $0.set("name", queue.stage)
                $0.set("waiting", queue.waiting)
                $0.set("failing", queue.failing)
                $0.set("oldest_position", queue.oldestPosition)
                $0.set("oldest_seconds", queue.oldestAge.map { ($0 / .milliseconds(100)).rounded() / 10 })
                $0.set("done", done.map { counts[$0] ?? 0 })
                $0.set("done_type", done)
                $0.set("per_minute", done.map { rates.perMinute($0) })
            }
        }
    }

    private static func counts(_ values: [String: Int]) -> CanonicalJSON {
        CanonicalJSON { json in for (name, count) in values { json.set(name, count) } }
    }
}

/// How often things happened in the last minute.
struct Rates: Sendable {
    private static let window = Duration.seconds(60)
    private var samples: [(at: ContinuousClock.Instant, counts: [String: Int])] = []

    mutating func add(_ counts: [String: Int], at moment: ContinuousClock.Instant) {
        samples.append((moment, counts))
        // The youngest sample that is as old as the window is where it begins.
        while samples.count > 2, moment - samples[1].at >= Self.window { samples.removeFirst() }
    }

    /// Events of a type in a minute, by the samples of the last one; 0 while there are not two.
    func perMinute(_ type: String) -> Double {
        guard let first = samples.first, let last = samples.last, last.at > first.at else { return 0 }
        let count = (last.counts[type] ?? 0) - (first.counts[type] ?? 0)
        let seconds = (last.at - first.at) / .seconds(1)
        return max(0, (Double(count) / seconds * 600).rounded() / 10)
    }
}
