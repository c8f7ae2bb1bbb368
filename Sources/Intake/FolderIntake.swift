import Dispatch
package import EventLog
import Events
package import Logging
package import Projections
import Synchronization

/// Turns what is in a folder into `ObjectObserved` and `ObjectRemoved` events, each version of each key once.
///
/// What is known of a folder is in the catalog. In memory are one bit for each key while a sweep runs, a bounded number of
/// files that are still being written, and a bounded number of hints.
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
        /// Why it was not recorded which keys are gone: the folder, or what was mounted below it, is another directory
        /// than before.
        package var strange: [IntakeError] = []

        package init() {}
    }

    static let source = "folder"
    static let batchSize = 512
    private static let batchesAhead = 16
    static let keysAtOnce = 16_384

    let scanner: FolderScanner
    let bucket: String
    let log: EventLog
    let projector: Projector
    let catalog: CatalogReader
    let onRemove: String
    let logger: Logger
    let settling: Mutex<Settling>
    let blindness = Mutex<String?>(nil)
    let maximumWatches: Int
    let memory: FolderMemory
    private let excluded: [String]

    /// - Parameters:
    ///   - root: the folder's, or one file's, absolute path without links.
    ///   - bucket: the folder's path as events name it: that of the file's directory for one file.
    ///   - memory: a file of the store that says which directory the folder was.
    ///   - onRemove: `keep` or `withdraw`: what becomes of the tiles of a removed key.
    ///   - excluded: absolute paths below the root that are not part of the source, such as the store itself.
    ///   - maximumWatches: how many directories may be watched; the others are looked at by sweeps only.
    package init(
        root: String,
        bucket: String,
        log: EventLog,
        projector: Projector,
        memory: String,
        onRemove: String,
        excluding excluded: [String],
        maximumWatches: Int = .max,
        logger: Logger
    ) {
        scanner = FolderScanner(root: root)
        self.bucket = bucket
        self.log = log
        self.projector = projector
        self.memory = FolderMemory(path: memory)
        self.onRemove = onRemove
        self.excluded = excluded
        self.maximumWatches = maximumWatches
        self.logger = logger
        catalog = CatalogReader(projector.database)
        settling = Mutex(Settling())
    }

    /// Why the folder, or a part of it, is looked at by sweeps only; nil where the kernel tells of every change.
    package var sweepsOnly: String? { blindness.withLock { $0 } }

    /// Looks at everything in the folder, and records what is new, changed or gone.
    package func sweep() async throws -> Summary {
        let start = log.headPosition
        try await projector.wait(for: Catalog.name, toReach: start)
        let identity = try scanner.identity()
        let replacedAt = try self.replacedAt()
        _ = try lostMounts()
        var summary = Summary()
        var met = SeenKeys()
        let credits = DispatchSemaphore(value: Self.batchesAhead)
        for try await batch in scan(credits) {
            // Each key comes once, so that nobody waits for the catalog before the end.
            _ = try await record(batch, met: &met, in: &summary)
            credits.signal()
        }
        try await projector.wait(for: Catalog.name, toReach: log.headPosition)
        if let replacedAt, let strange = try await strangeness(of: memory, since: replacedAt) {
            summary.strange = [strange]
        } else {
            summary.strange = try await strangeMounts()
            try await recordRemovals(from: identity, unless: met, knownAt: start, in: &summary)
            remember(identity)
        }
        for strange in summary.strange {
            logger.warning("What is gone from the folder is not recorded.", metadata: ["reason": "\(strange)"])
        }
        summary.unsettled = settling.withLock { $0.pendingCount }
        return summary
    }

    /// Looks again at files that were still being written, when it is time, until all are settled.
    ///
    /// - Parameter waiting: called with the number of files each time before it waits.
    package func settle(waiting: (Int) -> Void = { _ in }) async throws -> Summary {
        var summary = Summary()
        while true {
            while let next = settling.withLock({ $0.nextLook(now: .now()) }) {
                waiting(settling.withLock { $0.pendingCount })
                try await Task.sleep(until: next, clock: .continuous)
                try await lookAgain(in: &summary)
            }
            guard settling.withLock({ $0.takeOverflow() }) else { return summary }
            let more = try await sweep()
            summary.observed += more.observed
            summary.removed += more.removed
        }
    }

    /// Looks at the files whose second look is due.
    func lookAgain(in summary: inout Summary) async throws {
        let due = settling.withLock { $0.due(now: .now()) }
        for start in stride(from: 0, to: due.count, by: Self.batchSize) {
            let keys = due[start..<min(start + Self.batchSize, due.count)]
            try await look(at: keys.map { ($0, false) }, in: &summary)
        }
    }

    func isExcluded(_ key: String) -> Bool {
        guard !excluded.isEmpty else { return false }
        let path = "\(bucket)/\(key)"
        return excluded.contains { path == $0 || path.utf8.starts(with: "\($0)/".utf8) }
    }

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

    /// Finds the keys that were known before the sweep, that it has not met, and that are not there any more.
    ///
    /// Each is looked at: it may lie below a directory that could not be read, or still be being written.
    ///
    /// - Parameter identity: of the directory that was swept; nothing is recorded once another one is in its place.
    private func recordRemovals(
        from identity: FileIdentity,
        unless met: SeenKeys,
        knownAt start: Int,
        in summary: inout Summary
    ) async throws {
        // A source that is one file knows nothing of its neighbours, but removals are asked of the whole bucket.
        let scanner = FolderScanner(root: bucket)
        try await eachKnown(unless: met) { known in
            let gone = try known.filter { key, version in
                try version.observedPosition <= start && scanner.look(key) == nil
            }
            guard try scanner.identity() == identity else { return false }
            let away = gone.isEmpty ? [] : try lostMounts()
            let removed = gone.filter { key, _ in !away.contains { $0.mount.holds(key) } }
            try await append(removed.map { removal($0.version) })
            summary.removed += removed.count
            return true
        }
    }
}
