import EventLog
import Events
import Intake
import Logging
import Projections
import Synchronization

/// An intake of a folder with a real log and catalog beside it.
final class FolderStore: Sendable {
    let log: EventLog
    let projector: Projector
    let intake: FolderIntake
    let logged = LoggedLines()

    /// - Parameter tree: the folder to look at, where it is another.
    init(_ folder: TemporaryFolder, tree: String? = nil, maximumWatches: Int = .max) throws {
        log = try EventLog.open(path: folder.outside + "/log.db", actor: "test")
        projector = try Projector(path: folder.outside + "/projections.db", log: log, views: [Catalog()])
        let root = tree ?? folder.path
        intake = FolderIntake(
            root: root,
            bucket: root,
            log: log,
            projector: projector,
            memory: folder.outside + "/folder.json",
            onRemove: "keep",
            excluding: [],
            maximumWatches: maximumWatches,
            logger: Logger(label: "test") { [logged] _ in LineHandler(lines: logged) }
        )
    }

    /// Runs a body while the catalog follows the log.
    func run<Value: Sendable>(_ body: @escaping @Sendable (FolderIntake) async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { [projector] in
                try await projector.follow()
                return nil
            }
            group.addTask { [intake] in try await body(intake) }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    /// Runs a body while the intake follows the folder.
    func following(sweepEvery interval: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await run { intake in
            let (sweeps, outlet) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup { group in
                group.addTask { try await intake.follow(sweepEvery: interval) { _ in outlet.yield() } }
                var iterator = sweeps.makeAsyncIterator()
                await iterator.next()
                try await body()
                group.cancelAll()
            }
        }
    }

    /// How often each key was observed.
    func observed() async throws -> [String: Int] {
        try await keys(of: .objectObserved)
    }

    /// The number of removals.
    func removals() async throws -> Int {
        try await log.read(after: 0, limit: 100_000).count { $0.type == EventType.objectRemoved.rawValue }
    }

    private func keys(of type: EventType) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for event in try await log.read(after: 0, limit: 100_000) where event.type == type.rawValue {
            counts[try JSONObject(event.payload).string("key"), default: 0] += 1
        }
        return counts
    }
}

/// What was logged.
final class LoggedLines: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    func contain(_ text: String) -> Bool {
        lines.withLock { $0.contains { $0.contains(text) } }
    }
}

private struct LineHandler: LogHandler {
    let lines: LoggedLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.append("\(event.level) \(event.message) \(event.metadata ?? [:])")
    }
}
