import Dispatch
package import EventLog
import Events
package import Logging
package import Projections
import Synchronization

/// Turns what is in a folder into `ObjectObserved` and `ObjectRemoved` events, each version of each key once.
package final class FolderIntake: Sendable {
    /// What a look at the folder led to.
    package struct Summary: Sendable, Equatable {
        /// Files that are there.
        package var seen = 0
        /// Versions that were not known.
        package var observed = 0
        /// Keys that were known and are gone.
        package var removed = 0
        /// Names that can't be observed.
        package var unreadable = 0
        /// Files that are still being written.
        package var unsettled = 0

        package init() {}
    }

    private static let batchSize = 512
    private static let batchesAhead = 16

    private let scanner: FolderScanner
    private let bucket: String
    private let log: EventLog
    private let projector: Projector
    private let catalog: CatalogReader
    private let onRemove: String
    private let excluded: [String]
    private let logger: Logger
    private let settling: Mutex<Settling>

    /// - Parameters:
    ///   - root: the folder's, or one file's, absolute path without links.
    ///   - bucket: the folder's path as events name it: that of the file's directory for one file.
    ///   - onRemove: `keep` or `withdraw`: what becomes of the tiles of a removed key.
    ///   - excluded: absolute paths below the root that are not part of the source, such as the store itself.
    package init(
        root: String,
        bucket: String,
        log: EventLog,
        projector: Projector,
        onRemove: String,
        excluding excluded: [String],
        logger: Logger
    ) {
        scanner = FolderScanner(root: root)
        self.bucket = bucket
        self.log = log
        self.projector = projector
        self.onRemove = onRemove
        self.excluded = excluded
        self.logger = logger
        catalog = CatalogReader(projector.database)
        settling = Mutex(Settling())
    }

    /// Looks at everything in the folder, and records what is new, changed or gone.
    package func sweep() async throws -> Summary {
        try await projector.wait(for: Catalog.name, toReach: log.headPosition)
        var summary = Summary()
        let credits = DispatchSemaphore(value: Self.batchesAhead)
        for try await batch in scan(credits) {
            try await record(batch, closed: false, in: &summary)
            credits.signal()
        }
        try await recordRemovals(in: &summary)
        summary.unsettled = settling.withLock { $0.pendingCount }
        return summary
    }

    /// Looks again at files that were still being written, when it is time, until all are settled.
    ///
    /// - Parameter waiting: called with the number of files each time before it waits.
    package func settle(waiting: (Int) -> Void = { _ in }) async throws -> Summary {
        var summary = Summary()
        while let next = settling.withLock({ $0.nextLook(now: .now()) }) {
            waiting(settling.withLock { $0.pendingCount })
            try await Task.sleep(until: next, clock: .continuous)
            try await lookAgain(in: &summary)
        }
        return summary
    }

    /// Follows the folder until the task is cancelled: by the kernel's notices where there are any, and by a sweep every
    /// `interval` that finds what they missed.
    ///
    /// - Parameter onSweep: called after each look at the whole folder, also where it turned out to be away.
    package func follow(sweepEvery interval: Duration, onSweep: @escaping @Sendable () -> Void) async throws {
        let watcher = try FolderWatcher(root: scanner.root)
        defer { watcher.stop() }
        let (signals, outlet) = AsyncStream.makeStream(of: Signal.self)
        let ticks = Ticks(outlet)
        try await withThrowingTaskGroup { group in
            group.addTask {
                for await hint in watcher.hints { outlet.yield(.hint(hint)) }
            }
            group.addTask { [self] in
                while true {
                    try await Task.sleep(until: settlingDeadline(atMost: .milliseconds(500)), clock: .continuous)
                    ticks.add(.settle)
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: interval)
                    ticks.add(.sweep)
                }
            }
            group.addTask { [self] in
                for await signal in signals {
                    if case .tick(let tick) = signal { ticks.remove(tick) }
                    try await actUnlessAway(on: signal)
                    if signal.asksForSweep { onSweep() }
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private enum Signal {
        case hint(Hint)
        case tick(Tick)

        var asksForSweep: Bool {
            switch self {
            case .hint(.sweepNeeded), .tick(.sweep): true
            default: false
            }
        }
    }

    /// What is done from time to time.
    private enum Tick {
        case settle, sweep
    }

    /// Ticks that wait for their turn, each kind once: a sweep may take longer than its interval.
    private final class Ticks: Sendable {
        private let waiting = Mutex(Set<Tick>())
        private let outlet: AsyncStream<Signal>.Continuation

        init(_ outlet: AsyncStream<Signal>.Continuation) { self.outlet = outlet }

        func add(_ tick: Tick) {
            if waiting.withLock({ $0.insert(tick).inserted }) { outlet.yield(.tick(tick)) }
        }

        func remove(_ tick: Tick) {
            waiting.withLock { _ = $0.remove(tick) }
        }
    }

    private func settlingDeadline(atMost longest: Duration) -> ContinuousClock.Instant {
        let latest = ContinuousClock.now + longest
        return settling.withLock { $0.nextLook(now: .now()) }.map { max($0, .now + .milliseconds(50)) } ?? latest
    }

    /// A folder that is away (unmounted, moved) has not lost its files: it is waited for.
    private func actUnlessAway(on signal: Signal) async throws {
        do {
            try await act(on: signal)
        } catch let error as IntakeError {
            logger.warning("The source can't be read; it is tried again.", metadata: ["reason": "\(error)"])
        }
    }

    private func act(on signal: Signal) async throws {
        var summary = Summary()
        switch signal {
        case .tick(.settle): try await lookAgain(in: &summary)
        case .tick(.sweep):
            summary = try await sweep()
            logger.info("Swept the folder.", metadata: ["reason": "interval", "seen": "\(summary.seen)"])
        case .hint(.sweepNeeded(let reason)):
            summary = try await sweep()
            logger.info("Swept the folder.", metadata: ["reason": "\(reason.rawValue)", "seen": "\(summary.seen)"])
        case .hint(.changed(let key)): try await look(at: key, closed: true, in: &summary)
        case .hint(.appeared(let key)): try await look(at: key, closed: false, in: &summary)
        case .hint(.removed(let key)): try await look(at: key, closed: false, in: &summary)
        }
    }

    private func lookAgain(in summary: inout Summary) async throws {
        for key in settling.withLock({ $0.due(now: .now()) }) { try await look(at: key, closed: false, in: &summary) }
    }

    private func look(at key: String, closed: Bool, in summary: inout Summary) async throws {
        guard !isExcluded(key) else { return }
        if let finding = try scanner.look(key) {
            try await record([finding], closed: closed, in: &summary)
            return
        }
        settling.withLock { $0.forget(key) }
        guard let gone = try await catalog.newest(source: Self.source, bucket: bucket, key: key),
            gone.state != "removed"
        else { return }
        try await append([removal(gone)])
        summary.removed += 1
    }

    private static let source = "folder"

    /// Scans on a thread of its own, which takes a credit for each batch and so never runs far ahead of its reader.
    private func scan(_ credits: DispatchSemaphore) -> AsyncThrowingStream<[Finding], any Error> {
        let (stream, outlet) = AsyncThrowingStream.makeStream(of: [Finding].self)
        outlet.onTermination = { _ in credits.signal() }
        let scanner = scanner
        DispatchQueue(label: "swathlog.scan").async {
            var batch: [Finding] = []
            func deliver() throws {
                credits.wait()
                if case .terminated = outlet.yield(batch) { throw CancellationError() }
                batch = []
            }
            do {
                try scanner.scan { finding in
                    batch.append(finding)
                    if batch.count == Self.batchSize { try deliver() }
                }
                if !batch.isEmpty { try deliver() }
                outlet.finish()
            } catch {
                outlet.finish(throwing: error)
            }
        }
        return stream
    }

    private func record(_ findings: [Finding], closed: Bool, in summary: inout Summary) async throws {
        var events: [ProposedEvent] = []
        for finding in findings where !isExcluded(finding.key) {
            switch finding {
            case .file(let file) where file.problem == nil:
                summary.seen += 1
                guard settling.withLock({ $0.look(file, now: .now(), closed: closed) }) else { continue }
                if let event = try await observation(of: file) {
                    events.append(event)
                    summary.observed += 1
                }
            case .file(let file):
                summary.unreadable += 1
                let message = "the name is not UTF-8, and events, git and DVC hold only names that are: rename the file"
                events += try await unreadable(file.key, file.problem?.rawValue ?? "", message)
            case .unreadable(let key, let reason, let code):
                summary.unreadable += 1
                events += try await unreadable(key, code.rawValue, reason)
            }
        }
        try await append(events)
    }

    /// The event for a version that is not the newest known one, or that was removed and is back.
    ///
    /// An older version counts as new: a file that was put back as it was before is what the key holds now.
    private func observation(of file: ObservedFile) async throws -> ProposedEvent? {
        try await observation(
            ObjectObserved(
                source: Self.source,
                bucket: bucket,
                key: file.key,
                version: String(file.modifiedNanoseconds),
                size: file.size,
                modifiedAt: Timestamp(microseconds: file.modifiedNanoseconds / 1_000)
            )
        )
    }

    private func observation(_ observed: ObjectObserved) async throws -> ProposedEvent? {
        let newest = try await catalog.newest(source: observed.source, bucket: observed.bucket, key: observed.key)
        if let newest, newest.id == observed.objectID, newest.state != "removed", !isBack(newest) { return nil }
        return ProposedEvent(observed, stream: .object(observed.objectID))
    }

    /// Whether a file that could not be fetched because it was away, or another, is there again.
    private func isBack(_ object: CatalogObject) -> Bool {
        object.state == "quarantined" && ["object-gone", "object-changed"].contains(object.reason)
    }

    /// An object that can't be read is observed and quarantined at once: it is visible, and holds up nothing.
    ///
    /// A name that is not UTF-8 is seen once only: its key may be that of another file, and the two would take turns.
    private func unreadable(_ key: String, _ reason: String, _ message: String) async throws -> [ProposedEvent] {
        let observed = ObjectObserved(
            source: Self.source,
            bucket: bucket,
            key: key,
            version: reason,
            size: 0,
            modifiedAt: nil
        )
        if reason == Finding.Code.nameNotUTF8.rawValue, let known = try await catalog.object(observed.objectID),
            known.state != "removed"
        {
            return []
        }
        guard let event = try await observation(observed) else { return [] }
        let quarantined = ObjectQuarantined(stage: "intake", reason: reason, message: message)
        return [event, ProposedEvent(quarantined, stream: .object(observed.objectID))]
    }

    /// Finds the known keys that are not there any more.
    private func recordRemovals(in summary: inout Summary) async throws {
        var last = ""
        while true {
            let page = try await catalog.present(
                source: Self.source,
                bucket: bucket,
                afterKey: last,
                limit: Self.batchSize
            )
            guard let newest = page.last else { return }
            last = newest.key
            var events: [ProposedEvent] = []
            for object in page where try scannerOfBucket.look(object.key) == nil { events.append(removal(object)) }
            try await append(events)
            summary.removed += events.count
        }
    }

    /// A source that is one file knows nothing of its neighbours, but removals are asked of the whole bucket.
    private var scannerOfBucket: FolderScanner { FolderScanner(root: bucket) }

    private func removal(_ object: CatalogObject) -> ProposedEvent {
        ProposedEvent(
            ObjectRemoved(onRemove: onRemove),
            stream: .object(object.id),
            cause: .event(object.observedPosition),
            correlation: object.observedPosition
        )
    }

    private func append(_ events: [ProposedEvent]) async throws {
        guard let last = try await appendWhenThereIsRoom(events).last else { return }
        try await projector.wait(for: Catalog.name, toReach: last.position)
    }

    /// A full disk is waited out: what was seen would have to be looked for again.
    private func appendWhenThereIsRoom(_ events: [ProposedEvent]) async throws -> [AppendedEvent] {
        var isPaused = false
        while true {
            do throws(EventLogError) {
                let appended = try await log.append(events)
                if isPaused { logger.notice("Intake goes on.") }
                return appended
            } catch {
                guard error.code == .diskFull else { throw error }
                if !isPaused { logger.error("Intake is paused.", metadata: ["reason": "\(error)"]) }
                isPaused = true
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func isExcluded(_ key: String) -> Bool {
        let path = "\(bucket)/\(key)"
        return excluded.contains { path == $0 || path.utf8.starts(with: "\($0)/".utf8) }
    }
}
