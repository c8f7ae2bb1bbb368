package import EventLog
package import Events
package import Logging
package import Projections

/// The one way by which objects of buckets get into the log, whoever tells of them: a listing, a queue or a push.
///
/// Each telling is judged against the catalog (`ObservationRules`). Callers that come at the same time share a
/// transaction, and each is answered when what it told is on disk and in the catalog.
package actor ObservationIntake {
    /// What events call the source of all of them.
    package static let source = "s3"
    /// The most tellings that one transaction holds.
    package static let batchSize = 512
    /// The most bytes of a malformed record that its event keeps.
    static let longestRaw = 16 << 10
    private static let attempts = 8

    private let log: EventLog
    private let projector: Projector
    private let catalog: CatalogReader
    private let onRemove: String
    private let filter: KeyFilter
    private let complete: Completion?
    private let logger: Logger
    private let metrics = ObservationMetrics()
    private var waiting: [Request] = []
    private var isWorking = false

    /// Asks the bucket for what a notice of a creation leaves open, its ETag or size; nil where the object is gone.
    package typealias Completion = @Sendable (ObjectNotice) async throws -> ObjectNotice?

    /// - Parameters:
    ///   - onRemove: `keep` or `withdraw`: what becomes of the tiles of a removed key.
    ///   - filter: which objects are taken.
    ///   - complete: nil where a notice that leaves something open is malformed.
    package init(
        log: EventLog,
        projector: Projector,
        onRemove: String,
        filter: KeyFilter,
        complete: Completion? = nil,
        logger: Logger
    ) {
        self.log = log
        self.projector = projector
        self.onRemove = onRemove
        self.filter = filter
        self.complete = complete
        self.logger = logger
        catalog = CatalogReader(projector.database)
    }

    /// Takes the records of a message or a push; each stands for itself.
    ///
    /// - Returns: what became of them, when it is on disk.
    package func take(
        _ records: [Result<ObjectNotice, MalformedNotice>],
        from announcer: Announcer
    ) async throws -> ObservationOutcome {
        var outcome = ObservationOutcome()
        var tellings: [Telling] = []
        var malformed: [MalformedNotice] = []
        for record in records {
            switch record {
            case .failure(let error): malformed.append(error)
            case .success(let notice):
                switch try await telling(notice) {
                case .success(let telling?): tellings.append(telling)
                case .success(nil): outcome.leftOut += 1
                case .failure(let error): malformed.append(error)
                }
            }
        }
        outcome.malformed += try await quarantine(malformed, announcer)
        outcome.repeated += malformed.count - outcome.malformed
        metrics.count(outcome, from: announcer)
        return outcome + (try await take(tellings, from: announcer))
    }

    /// Takes objects of a page of a listing, and keys that it would have had if they were there.
    package func take(
        listed: [ListedObject],
        missing: [(bucket: String, key: String)],
        askedAt: Timestamp
    ) async throws -> ObservationOutcome {
        var outcome = ObservationOutcome()
        var tellings: [Telling] = []
        for object in listed {
            if filter.judge(bucket: object.bucket, key: object.key, size: object.size) == .takes {
                tellings.append(.listed(object, askedAt: askedAt))
            } else {
                outcome.leftOut += 1
            }
        }
        tellings += missing.map { .missing(bucket: $0.bucket, key: $0.key, askedAt: askedAt) }
        metrics.count(outcome, from: .listing)
        return outcome + (try await take(tellings, from: .listing))
    }

    /// Counts what a listing had and the catalog too.
    package func note(repeated: Int, leftOut: Int) {
        var outcome = ObservationOutcome()
        outcome.repeated = repeated
        outcome.leftOut = leftOut
        metrics.count(outcome, from: .listing)
    }

    private func take(_ tellings: [Telling], from announcer: Announcer) async throws -> ObservationOutcome {
        var outcome = ObservationOutcome()
        for start in stride(from: 0, to: tellings.count, by: Self.batchSize) {
            let part = Array(tellings[start..<min(start + Self.batchSize, tellings.count)])
            outcome += try await whenThereIsRoom { try await enqueue(part, announcer) }
        }
        metrics.count(outcome, from: announcer)
        return outcome
    }

    private func enqueue(_ tellings: [Telling], _ announcer: Announcer) async throws -> ObservationOutcome {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(Request(tellings: tellings, announcer: announcer, continuation: continuation))
            guard !isWorking else { return }
            isWorking = true
            // Of no caller: one that gives up must not take the others' batch with it.
            Task { await work() }
        }
    }

    /// Makes a telling of a notice; nil for what the settings leave out.
    private func telling(_ notice: ObjectNotice) async throws -> Result<Telling?, MalformedNotice> {
        guard filter.judge(bucket: notice.bucket, key: notice.key, size: notice.size) == .takes else {
            return .success(nil)
        }
        guard !notice.key.isEmpty, !notice.key.utf8.contains(0) else {
            return .failure(malformed(notice, "the key is empty or holds a zero byte, which no event and no file can"))
        }
        if notice.kind == .removed { return .success(.notice(notice, version: nil)) }
        if let version = notice.version { return .success(.notice(notice, version: version)) }
        guard let complete else {
            return .failure(malformed(notice, "the notice has no ETag or no size, which say what version it is about"))
        }
        guard let completed = try await complete(notice), let version = completed.version else {
            return .success(nil)
        }
        return .success(.notice(completed, version: version))
    }

    private func malformed(_ notice: ObjectNotice, _ message: String) -> MalformedNotice {
        MalformedNotice(
            .badField,
            message,
            raw: "\(notice)".utf8,
            bucket: notice.bucket,
            key: notice.key
        )
    }
}

extension ObjectNotice {
    fileprivate var version: VersionName? {
        guard let etag, !etag.isEmpty, let size else { return nil }
        return VersionName(etag: etag, size: size)
    }
}

/// What one caller waits for.
private struct Request: Sendable {
    let tellings: [Telling]
    let announcer: Announcer
    let continuation: CheckedContinuation<ObservationOutcome, any Error>
}

extension ObservationIntake {
    /// Works until nobody waits.
    private func work() async {
        while !waiting.isEmpty {
            var requests: [Request] = []
            var count = 0
            while let next = waiting.first, requests.isEmpty || count + next.tellings.count <= Self.batchSize {
                count += next.tellings.count
                requests.append(next)
                waiting.removeFirst()
            }
            do {
                let outcomes = try await record(requests)
                for (request, outcome) in zip(requests, outcomes) { request.continuation.resume(returning: outcome) }
            } catch {
                for request in requests { request.continuation.resume(throwing: error) }
            }
        }
        isWorking = false
    }

    /// Records what the requests tell, in their order; what is told of one key twice is judged one after the other.
    private func record(_ requests: [Request]) async throws -> [ObservationOutcome] {
        var outcomes = Array(repeating: ObservationOutcome(), count: requests.count)
        var left = requests.indices.flatMap { index in requests[index].tellings.map { (request: index, telling: $0) } }
        while !left.isEmpty {
            var seen: Set<Place> = []
            var deferred: [(request: Int, telling: Telling)] = []
            var round: [(request: Int, telling: Telling)] = []
            for entry in left {
                let place = Place(bucket: entry.telling.bucket, key: ExactKey(entry.telling.key))
                if seen.insert(place).inserted { round.append(entry) } else { deferred.append(entry) }
            }
            let decisions = try await append(round.map { ($0.telling, requests[$0.request].announcer) })
            for (entry, decision) in zip(round, decisions) { outcomes[entry.request].note(decision) }
            left = deferred
        }
        return outcomes
    }

    private struct Place: Hashable {
        let bucket: String
        let key: ExactKey
    }

    /// Judges tellings of different keys and appends what follows in one transaction.
    ///
    /// A stage may append to the stream of an object in between; then all are judged again.
    private func append(_ tellings: [(Telling, Announcer)]) async throws -> [ObservationRules.Decision] {
        var attempt = 0
        while true {
            attempt += 1
            let known = try await catalog.known(
                source: Self.source,
                keys: tellings.map { (bucket: $0.0.bucket, key: $0.0.key) },
                ids: tellings.compactMap { $0.0.objectID }
            )
            var newest: [Place: CatalogObject] = [:]
            for object in known.newest { newest[Place(bucket: object.bucket, key: ExactKey(object.key))] = object }
            let ids = Set(known.versions.map(\.id))
            var decisions: [ObservationRules.Decision] = []
            var events: [ProposedEvent] = []
            for (telling, announcer) in tellings {
                let object = newest[Place(bucket: telling.bucket, key: ExactKey(telling.key))]
                let rules = ObservationRules(newest: object, isKnown: telling.objectID.map(ids.contains) ?? false)
                let decision = rules.decide(telling)
                decisions.append(decision)
                if let event = event(decision, telling, object, announcer) { events.append(event) }
            }
            for (index, revision) in try await log.revisions(of: events.map(\.stream)).enumerated() {
                events[index].expectedRevision = revision
            }
            do {
                try await append(events)
                return decisions
            } catch let error as EventLogError where error.code == .wrongRevision && attempt < Self.attempts {
                continue
            }
        }
    }

    /// What follows from a decision; which revision its stream is expected to have is left open.
    private func event(
        _ decision: ObservationRules.Decision,
        _ telling: Telling,
        _ newest: CatalogObject?,
        _ announcer: Announcer
    ) -> ProposedEvent? {
        switch decision {
        case .repeated, .outdated: return nil
        case .observe(let isLate):
            guard let observed = observation(telling, announcer, isLate: isLate) else { return nil }
            return ProposedEvent(observed, stream: .object(observed.objectID))
        case .observeAgain:
            guard let observed = observation(telling, announcer, isLate: false) else { return nil }
            return ProposedEvent(observed, stream: .object(observed.objectID))
        case .remove:
            guard let newest else { return nil }
            return ProposedEvent(
                removal(telling, announcer),
                stream: .object(newest.id),
                cause: .event(newest.observedPosition),
                correlation: newest.observedPosition
            )
        }
    }

    private func observation(_ telling: Telling, _ announcer: Announcer, isLate: Bool) -> ObjectObserved? {
        guard let version = telling.version else { return nil }
        var modified: Timestamp?
        var (versionID, sequencer): (String?, String?)
        switch telling {
        case .notice(let notice, _):
            modified = notice.eventTime
            (versionID, sequencer) = (notice.versionID, notice.sequencer)
        case .listed(let object, _): modified = object.modified
        case .missing: return nil
        }
        return ObjectObserved(
            source: Self.source,
            bucket: telling.bucket,
            key: telling.key,
            version: version.etag,
            size: version.size,
            modifiedAt: modified,
            etag: version.etag,
            versionID: versionID,
            sequencer: sequencer,
            announcedBy: announcer.rawValue,
            isLate: isLate
        )
    }

    private func removal(_ telling: Telling, _ announcer: Announcer) -> ObjectRemoved {
        guard case .notice(let notice, _) = telling else {
            return ObjectRemoved(onRemove: onRemove, announcedBy: announcer.rawValue)
        }
        return ObjectRemoved(
            onRemove: onRemove,
            removedAt: notice.eventTime,
            sequencer: notice.sequencer,
            announcedBy: announcer.rawValue
        )
    }

    /// Records what could not be read, each text once; returns how many were new.
    private func quarantine(_ malformed: [MalformedNotice], _ announcer: Announcer) async throws -> Int {
        var fresh = 0
        for notice in malformed {
            let id = Identity.notice(notice.raw)
            let stream = StreamName.notice(id)
            guard try await log.revision(of: stream) == 0 else { continue }
            let event = ObjectQuarantined(
                stage: "intake",
                reason: "malformed-notice",
                message: "a notice by \(announcer.rawValue) can't be read: \(notice.message)",
                raw: Self.bounded(notice.raw)
            )
            do {
                try await whenThereIsRoom {
                    try await append([ProposedEvent(event, stream: stream, expectedRevision: 0)])
                }
                fresh += 1
            } catch let error as EventLogError where error.code == .wrongRevision {
                // Somebody told the same at the same time.
            }
        }
        return fresh
    }

    /// The beginning of a text, cut between scalars.
    static func bounded(_ text: String) -> String {
        guard text.utf8.count > longestRaw else { return text }
        var kept = 0
        let end = text.unicodeScalars.firstIndex { scalar in
            kept += UTF8.width(scalar)
            return kept > longestRaw
        }
        return String(text.unicodeScalars[..<(end ?? text.endIndex)])
    }

    /// Appends, and returns when the catalog has it too.
    private func append(_ events: [ProposedEvent]) async throws {
        guard let last = try await log.append(events).last else { return }
        try await projector.wait(for: Catalog.name, toReach: last.position)
    }

    /// Waits out a full disk: what was told would have to be told again.
    ///
    /// Each caller waits for itself, so that one that is told to stop can.
    private func whenThereIsRoom<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        var isPaused = false
        while true {
            do {
                let value = try await body()
                if isPaused { logger.notice("Intake goes on.") }
                return value
            } catch let error as EventLogError where error.code == .diskFull {
                if !isPaused { logger.error("Intake is paused.", metadata: ["reason": "\(error)"]) }
                isPaused = true
            }
            try await Task.sleep(for: .seconds(1))
        }
    }
}

extension ObservationOutcome {
    fileprivate mutating func note(_ decision: ObservationRules.Decision) {
        switch decision {
        case .observe(late: false): observed += 1
        case .observe(late: true): late += 1
        case .remove: removed += 1
        case .repeated, .observeAgain: repeated += 1
        case .outdated: outdated += 1
        }
    }
}
