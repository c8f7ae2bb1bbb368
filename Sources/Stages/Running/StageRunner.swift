package import EventLog
package import Events
package import Logging
package import Projections
import ServiceLifecycle
import Synchronization

/// Runs one stage: takes due items from the work list, keeps a bounded number in flight, and deals with failures.
///
/// On shutdown it takes nothing more, finishes what is in flight, and returns.
package final class StageRunner: Service {
    private let stage: any Stage
    private let log: EventLog
    private let projector: Projector
    private let work: WorkList
    private let time: any TimeSource
    private let logger: Logger
    private let crashes: CrashWatch?
    private let isHeld: @Sendable (WorkItem) -> Bool
    private let metrics: StageMetrics
    private let state = Mutex(State())

    /// How long a paused stage waits before it looks again; doubled up to the cap.
    private static let pause = RetryPolicy(
        base: .seconds(1),
        cap: .seconds(30),
        least: .milliseconds(500)
    )

    /// Items that are read from the work list at once.
    private static let lookAhead = 64
    /// Items that are looked past at once; the list may be long, and all of it from a source that is down.
    private static let longestLook = 256
    /// How soon a look goes on that has not come to the list's end.
    private static let breath = Duration.milliseconds(250)

    private struct State {
        var inFlight: Set<String> = []
        /// When an item was last begun or ended.
        var lastMoved: Timestamp?
        var looksSince: Timestamp?
        var hasEnded = false
        /// The look through the list that is under way.
        var look: Look?
        var pause: Pause?
        /// The pauses since an item was last done: with each the next look is later.
        var pauses = 0
        /// The reason of this row of pauses that was logged, and the one that the log of events has.
        var told: String?
        var recorded: String?
    }

    /// A look through the list that goes on, from pick to pick, past items that have to be left alone.
    private struct Look {
        /// The projector's count of changes when it began.
        let changes: Int
        var last: WorkItem?
        /// When the next of those that were left alone, or that wait for their time, may be looked at again.
        var wake: Timestamp?
        var hasPassedAny = false
        /// Whether that moment came for one that the look may have gone past.
        var isStale = false
    }

    /// Why the stage as a whole stands still.
    package struct Pause: Sendable, Equatable {
        package let reason: String
        package let message: String
        package let attempt: Int
        package let nextAttemptAt: Timestamp
    }

    /// - Parameters:
    ///   - crashes: minds items of stages that give up on crashes; nil for nobody.
    ///   - isHeld: whether an item has to wait for something beyond the work list.
    package init(
        _ stage: any Stage,
        log: EventLog,
        projector: Projector,
        time: any TimeSource,
        logger: Logger,
        crashes: CrashWatch? = nil,
        isHeld: @escaping @Sendable (WorkItem) -> Bool = { _ in false }
    ) {
        self.stage = stage
        self.log = log
        self.projector = projector
        self.time = time
        self.logger = logger
        self.crashes = stage.givesUpOnCrashes ? crashes : nil
        self.isHeld = isHeld
        metrics = StageMetrics(stage: stage.name)
        work = WorkList(projector.database)
    }

    package var name: String { stage.name }
    /// The pause that the stage is in; nil while it works.
    package var pause: Pause? { state.withLock { $0.pause } }

    /// The sources that it leaves alone, by name.
    package var outages: [String: Outage] { stage.outages }

    /// How many of its items can't be done before a source gives something.
    package func waiting(for source: String) async throws -> Int { try await stage.waiting(for: source) }

    /// Whether it moves.
    package var vitals: StageVitals {
        state.withLock { state in
            var vitals = StageVitals()
            vitals.inFlight = state.inFlight.count
            vitals.lastMoved = state.lastMoved
            vitals.looksSince = state.looksSince
            vitals.hasEnded = state.hasEnded
            vitals.pause = state.pause
            return vitals
        }
    }

    package func run() async throws {
        defer { state.withLock { $0.hasEnded = true } }
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                let items: [WorkItem]
                do {
                    items = try await cancelWhenGracefulShutdown { try await self.nextItems() }
                } catch is CancellationError {
                    break
                }
                for item in items { group.addTask { await self.handle(item) } }
            }
        }
    }

    /// Waits until there is something to do and a place free for it.
    private func nextItems() async throws -> [WorkItem] {
        while true {
            let changes = projector.changeCount
            // A work list that has stopped still asks for what is done.
            guard projector.stop(of: Catalog.name) == nil else {
                try await projector.waitForChange(after: changes)
                continue
            }
            if let pause { try await endPause(pause) }
            let now = time.now()
            state.withLock { $0.looksSince = now }
            let (begun, wake) = try await pick(now: now, changes: changes)
            state.withLock { $0.looksSince = nil }
            guard begun.isEmpty else {
                state.withLock { state in
                    state.inFlight.formUnion(begun.map(\.item))
                    state.lastMoved = now
                }
                return begun
            }
            try await waitForChange(after: changes, orUntil: wake)
        }
    }

    /// Takes as many due items as there are places free, past those that have to be left alone for now.
    ///
    /// Where none had to be left alone, the oldest ones are taken; else the list is gone through in turns.
    ///
    /// - Parameter changes: the projector's count of changes.
    /// - Returns: the items, and when to look again.
    private func pick(now: Timestamp, changes: Int) async throws -> (begun: [WorkItem], wake: Timestamp?) {
        var (seen, look) = state.withLock { ($0.inFlight, $0.look ?? Look(changes: changes)) }
        let free = stage.parallelism - seen.count
        var begun: [WorkItem] = []
        var looked = 0
        let due = try await work.nextDue(stage.name, after: now)
        guard free > 0 else { return ([], due) }
        if let wake = look.wake, wake <= now {
            look.wake = nil
            look.isStale = true
        }
        look.wake = Self.earliest([look.wake, due])
        while begun.count < free, looked < Self.longestLook {
            let items = try await work.due(
                stage.name,
                now: now,
                limit: Self.lookAhead,
                after: look.last,
                excluding: seen
            )
            guard !items.isEmpty else {
                state.withLock { $0.look = nil }
                // What was left alone at the beginning may be ready since.
                let again = look.isStale || look.changes != changes ? now + Self.breath : nil
                return (begun, Self.earliest([look.wake, again]))
            }
            for item in items where begun.count < free {
                looked += 1
                look.last = item
                seen.insert(item.item)
                let postponement = try await postpone(item)
                if postponement == nil { begun.append(item) } else { look.hasPassedAny = true }
                if case .until(let moment) = postponement { look.wake = Self.earliest([look.wake, moment]) }
            }
        }
        state.withLock { $0.look = look.hasPassedAny ? look : nil }
        return (begun, Self.earliest([look.wake, now + Self.breath]))
    }

    private func postpone(_ item: WorkItem) async throws -> Postponement? {
        guard !isHeld(item) else { return .untilChange }
        guard crashes?.admit(item) != false else { return .untilChange }
        guard let postponement = try await stage.postpone(item) else { return nil }
        crashes?.withdraw(item)
        return postponement
    }

    private static func earliest(_ moments: [Timestamp?]) -> Timestamp? {
        moments.compactMap(\.self).min()
    }

    private func waitForChange(after changes: Int, orUntil moment: Timestamp?) async throws {
        guard let moment else { return try await projector.waitForChange(after: changes) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.projector.waitForChange(after: changes) }
            group.addTask { try await self.time.sleep(until: moment) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func handle(_ item: WorkItem) async {
        do {
            if let crashes {
                guard !crashes.isToBlame(item) else { throw StageFailure.crashLoop }
                crashes.began(item)
            }
            let start = ContinuousClock.now
            let receipt = try await stage.perform(item)
            metrics.count(itemOf: ContinuousClock.now - start)
            state.withLock { state in
                state.pauses = 0
                state.told = nil
                state.recorded = nil
            }
            try await settle(item, at: receipt)
        } catch is CancellationError {
            release(item)
        } catch {
            await deal(with: StageFailure(classing: error), of: item)
        }
    }

    /// Lets go of an item once the work list has read its receipt: before, it would be taken again.
    ///
    /// Where the list has stopped that takes until somebody has mended it.
    private func settle(_ item: WorkItem, at position: Int) async throws {
        while true {
            let changes = projector.changeCount
            do {
                try await projector.wait(for: Catalog.name, toReach: position)
                return release(item)
            } catch let error as ProjectionsError where error.code == .viewStopped {
                try await cancelWhenGracefulShutdown { try await self.projector.waitForChange(after: changes) }
            }
        }
    }

    private func release(_ item: WorkItem) {
        crashes?.ended(item)
        let now = time.now()
        state.withLock { state in
            state.inFlight.remove(item.item)
            state.lastMoved = now
        }
        projector.nudge()
    }

    private func deal(with failure: StageFailure, of item: WorkItem) async {
        let attempt = item.attempts + 1
        // What is quarantined is told by the command's report and the status; what is tried again, here.
        logger.log(
            level: failure.scope == .item ? .info : .warning,
            "An item's work failed.",
            metadata: [
                "stage": "\(stage.name)", "item": "\(item.item)", "attempt": "\(attempt)",
                "reason": "\(failure.reason)", "message": "\(failure.message)",
            ]
        )
        do {
            switch failure.scope {
            case .stage:
                metrics.count(.pause)
                release(item)
                await beginPause(failure)
            case .source:
                metrics.count(.source)
                // The stage postpones what is from there until it may be asked again.
                release(item)
            case .passing:
                let now = time.now()
                let next = try await stage.retry(of: item).next(
                    afterAttempt: attempt,
                    failingSince: item.failingSince ?? now,
                    now: now,
                    asked: failure.retryAfter
                )
                try await settle(item, at: try await record(failure, of: item, attempt: attempt, next: next))
            case .item:
                metrics.count(.quarantine)
                try await settle(item, at: try await stage.giveUp(item, because: failure))
            }
        } catch is CancellationError {
            release(item)
        } catch let error as EventLogError where error.code == .wrongRevision {
            // Something happened to it meanwhile: what is on the list now is another matter.
            release(item)
        } catch {
            // Not even the failure could be recorded: the stage stands still until the log takes events again.
            release(item)
            await beginPause(StageFailure(classing: error))
        }
    }

    /// Records that an item is tried again, or given up where there is no next time; returns the event's position.
    private func record(_ failure: StageFailure, of item: WorkItem, attempt: Int, next: Timestamp?) async throws -> Int
    {
        guard let next else {
            metrics.count(.quarantine)
            return try await stage.giveUp(item, because: failure)
        }
        metrics.count(.retry)
        let event = StageFailed(
            stage: stage.name,
            item: item.item,
            attempt: attempt,
            reason: failure.reason,
            message: failure.message,
            nextAttemptAt: next
        )
        return try await log.append([ProposedEvent(event, stream: .agent, cause: .event(item.position))])[0].position
    }

    /// Pauses the stage, or lengthens its pause.
    ///
    /// A row of pauses for one reason is told and recorded once: a disk with room to look at and too little to work
    /// with would fill the log otherwise.
    private func beginPause(_ failure: StageFailure) async {
        let now = time.now()
        let (pause, isNews, isUnrecorded) = state.withLock { state in
            // The neighbours in flight fail for the same reason.
            if let pause = state.pause, pause.nextAttemptAt > now { return (pause, false, false) }
            state.pauses += 1
            let next = now + Self.pause.wait(afterAttempt: state.pauses)
            let pause = Pause(
                reason: failure.reason,
                message: failure.message,
                attempt: state.pauses,
                nextAttemptAt: next
            )
            defer {
                state.pause = pause
                state.told = failure.reason
            }
            return (pause, state.told != failure.reason, state.recorded != failure.reason)
        }
        projector.nudge()
        if isNews {
            logger.error(
                "A stage is paused.",
                metadata: [
                    "stage": "\(stage.name)", "reason": "\(failure.reason)", "message": "\(failure.message)",
                ]
            )
        }
        guard isUnrecorded else { return }
        let event = StageFailed(
            stage: stage.name,
            item: nil,
            attempt: pause.attempt,
            reason: failure.reason,
            message: failure.message,
            nextAttemptAt: pause.nextAttemptAt
        )
        // On a full disk the log may take nothing either. The pause does not depend on it; the next one tries again.
        guard (try? await log.append([ProposedEvent(event, stream: .agent)])) != nil else { return }
        state.withLock { $0.recorded = failure.reason }
    }

    /// Waits for the pause's next look, and ends it when what caused it has passed.
    private func endPause(_ pause: Pause) async throws {
        try await time.sleep(until: pause.nextAttemptAt)
        do {
            try await stage.probe()
            state.withLock { $0.pause = nil }
            logger.notice("A stage goes on.", metadata: ["stage": "\(stage.name)"])
            projector.nudge()
        } catch {
            await beginPause(StageFailure(classing: error))
        }
    }
}
