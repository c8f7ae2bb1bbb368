package import EventLog
package import Events
import Files
package import Projections
import Synchronization

/// Judges whether an agent makes progress.
///
/// Views are measured against a frozen mark: the log's head at one moment, which a view has to reach in time, however far
/// the log has grown by then. A busy log is no reason to be called slow, and a view that stands still is found though the
/// log does not grow.
package final class ReadinessMonitor: Sendable {
    private let stages: [StageRunner]
    private let projector: Projector
    private let log: EventLog
    private let catalog: CatalogReader
    private let store: String
    private let requests: @Sendable () throws -> [String]
    private let limit: @Sendable () -> Duration
    private let time: any TimeSource
    private let marks = Mutex<[String: Mark]>([:])
    /// The requests that were untaken when they were looked for last, and since when they are.
    private let untaken = Mutex<[String: Timestamp]>([:])

    private struct Mark {
        let position: Int
        let since: Timestamp
    }

    /// - Parameters:
    ///   - store: the directory whose disk has to have room.
    ///   - requests: the names of the operators' requests that nobody has taken yet.
    ///   - limit: how long a stage or a view may stand still, and a request lie untaken.
    package init(
        stages: [StageRunner],
        projector: Projector,
        log: EventLog,
        store: String,
        requests: @escaping @Sendable () throws -> [String],
        limit: @escaping @Sendable () -> Duration,
        time: any TimeSource
    ) {
        self.stages = stages
        self.projector = projector
        self.log = log
        self.store = store
        self.requests = requests
        self.limit = limit
        self.time = time
        catalog = CatalogReader(projector.database)
    }

    /// What stands still now.
    package func readiness() async -> Readiness {
        let now = time.now()
        var readiness = Readiness()
        for stage in stages { readiness.reasons += reasons(of: stage, now) }
        if let reason = diskReason() { readiness.reasons.append(reason) }
        do {
            readiness.reasons += try await reasonsOfViews(now)
            if let reason = try requestReason(now) { readiness.reasons.append(reason) }
        } catch {
            let why = "the log, its views or the requests can't be read: \(error)"
            readiness.reasons.append(.init("store-unreadable", "log", why))
        }
        readiness.warnings = await warnings()
        return readiness
    }

    private func reasons(of stage: StageRunner, _ now: Timestamp) -> [Readiness.Reason] {
        let vitals = stage.vitals
        if vitals.hasEnded {
            return [.init("stage-ended", stage.name, "the stage has stopped: start the agent again")]
        }
        if let pause = vitals.pause { return [.init(pause.reason, stage.name, pause.message)] }
        guard let since = vitals.stuckSince(now: now, limit: limit()) else { return [] }
        let what = vitals.looksSince == nil ? "has ended none of its items" : "has not found its next item"
        return [.init("stage-stuck", stage.name, "the stage \(what) since \(since): start the agent again")]
    }

    private func diskReason() -> Readiness.Reason? {
        do {
            try requireRoom(at: store)
            return nil
        } catch {
            let failure = StageFailure(classing: error)
            return .init(failure.reason, "disk", failure.message)
        }
    }

    /// What operators ask for is taken within a second: what lies there longer is met by a desk that hangs, or can't be read.
    private func requestReason(_ now: Timestamp) throws -> Readiness.Reason? {
        let names = try requests()
        let since = untaken.withLock { untaken in
            untaken = Dictionary(names.map { ($0, untaken[$0] ?? now) }) { first, _ in first }
            return untaken
        }
        let late = since.filter { now - $0.value > limit() }
        guard let oldest = late.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return nil }
        let why =
            "\(oldest.key) is untaken since \(oldest.value), and \(late.count - 1) others are for too long: the agent's messages say why it can't be taken; where they say nothing, start the agent again"
        return .init("request-untaken", "requests", why)
    }

    private func reasonsOfViews(_ now: Timestamp) async throws -> [Readiness.Reason] {
        // As it is on disk: what this process believes of the log may be what is wrong.
        let head = try await log.currentHead()
        return try await projector.currentStatus().compactMap { view in
            if let failed = view.failedPosition {
                let why = "it can't fold the event at position \(failed): \(view.failure ?? "no more is known")"
                return .init("view-stopped", view.name, why)
            }
            let mark = marks.withLock { marks in
                let old = marks[view.name] ?? Mark(position: head, since: now)
                let mark = view.position >= old.position ? Mark(position: head, since: now) : old
                marks[view.name] = mark
                return mark
            }
            guard now - mark.since > limit() else { return nil }
            let why = "it has read to \(view.position), and the log was at \(mark.position) at \(mark.since)"
            return .init("view-behind", view.name, why)
        }
    }

    /// Sources and endpoints that are left alone: what else there is to do goes on.
    private func warnings() async -> [Readiness.Reason] {
        let names = stages.map(\.name)
        let pauses = (try? await catalog.pauses()) ?? []
        return pauses.filter { !names.contains($0.stage) }.map { .init($0.reason, $0.stage, $0.message) }
    }
}
