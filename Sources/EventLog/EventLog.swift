import Dispatch
package import Events
import GRDB
import Synchronization

/// The append-only log of events in one SQLite file.
///
/// One process writes, any number read. Positions are gapless from 1 and commit order is position order. An append is
/// answered when its transaction is on disk (WAL, `synchronous=FULL`); appends that wait meanwhile share the next one.
package final class EventLog: Sendable {
    /// The most events that one read returns.
    package static let pageSize = 4_096

    package let path: String
    let database: DatabasePool
    let head: PositionSignal
    private let writer: LogWriter?
    let signer: CheckpointSigner?
    private let watcher: ForeignCommitWatcher?

    /// Opens the log at `path` for appending, and makes or migrates it where needed.
    ///
    /// The caller holds the store's `OwnerLock`: SQLite would let two writers take turns, and each would hold a tree
    /// that the other has outgrown.
    ///
    /// - Parameters:
    ///   - actor: who appends, as the events will say.
    ///   - key: what checkpoints are signed with; nil for a log that makes none.
    ///   - synchronous: `full` for all but measurements.
    /// - Throws: `newer-schema`, `not-a-log`, `log-damaged`, `disk-full`.
    package static func open(
        path: String,
        actor: String,
        key: SigningKey? = nil,
        time: any TimeSource = SystemTime(),
        synchronous: Synchronous = .full
    ) throws(EventLogError) -> EventLog {
        try LogSchema.translating(path) {
            let database = try LogSchema.openForWriting(path, synchronous)
            let state = try LogSchema.restoreTree(database)
            let head = PositionSignal(state.size)
            let writer = LogWriter(
                database: database,
                path: path,
                actor: actor,
                time: time,
                tree: state,
                head: head
            )
            let signer = key.map { CheckpointSigner(key: $0, time: time) }
            return EventLog(path: path, database: database, head: head, writer: writer, signer: signer, watcher: nil)
        }
    }

    /// Opens the log at `path` for reading, beside a writer in this or another process.
    ///
    /// - Throws: `log-not-found`, `newer-schema`, `not-a-log`, `log-damaged`.
    package static func openForReading(path: String) throws(EventLogError) -> EventLog {
        try LogSchema.translating(path) {
            let database = try LogSchema.openForReading(path)
            let head = PositionSignal(try database.read(LogSchema.head))
            let watcher = try ForeignCommitWatcher(path: path, head: head)
            return EventLog(path: path, database: database, head: head, writer: nil, signer: nil, watcher: watcher)
        }
    }

    /// Looks whether `open` would take the file at `path`, and changes nothing.
    ///
    /// - Throws: `newer-schema`, `not-a-log`, `log-damaged`.
    package static func examine(path: String) throws(EventLogError) {
        try LogSchema.translating(path) { try LogSchema.examine(path) }
    }

    private init(
        path: String,
        database: DatabasePool,
        head: PositionSignal,
        writer: LogWriter?,
        signer: CheckpointSigner?,
        watcher: ForeignCommitWatcher?
    ) {
        self.path = path
        self.database = database
        self.head = head
        self.writer = writer
        self.signer = signer
        self.watcher = watcher
    }

    /// Appends events in one transaction: all of them or none.
    ///
    /// An event whose id is in the log already is not written again; its first position is returned.
    ///
    /// - Returns: the place of each event, in order, once all are on disk.
    /// - Throws: `bad-event`, `wrong-revision`, `event-id-conflict`, `disk-full`, `read-only`.
    @discardableResult
    package func append(_ events: [ProposedEvent]) async throws(EventLogError) -> [AppendedEvent] {
        guard let writer else { throw EventLogError(.readOnly, "the log \(path) was opened for reading") }
        guard !events.isEmpty else { return [] }
        return try await writer.append(events)
    }

    /// The position of the newest event that is on disk; 0 for an empty log.
    package var headPosition: Int { head.position }

    /// Looks in the file for the newest position: a reader's `headPosition` follows another process's commits with a
    /// delay.
    package func currentHead() async throws -> Int {
        let newest = try await LogSchema.translating(path) { try await database.read(LogSchema.head) }
        head.advance(to: newest)
        return newest
    }

    /// The number of events and the Merkle root; nil in a log that was opened for reading.
    package var treeHead: TreeHead? { writer?.treeHead }

    /// Reads up to `limit` events after a position, in order.
    ///
    /// - Parameters:
    ///   - through: the last position wanted.
    ///   - payloads: the types whose payload is read; nil for all. Others come with an empty one.
    /// - Throws: `log-damaged` where SQLite cannot read them.
    package func read(
        after position: Int,
        through: Int = .max,
        limit: Int = EventLog.pageSize,
        payloads: Set<String>? = nil
    ) async throws -> [RecordedEvent] {
        try await LogSchema.translating(path) {
            try await database.read { database in
                try EventRow.read(database, after: position, through: through, limit: limit, payloads: payloads)
            }
        }
    }

    /// Reads one event; nil where the log does not reach.
    package func event(at position: Int) async throws -> RecordedEvent? {
        try await read(after: position - 1, through: position, limit: 1).first
    }

    /// The last event that was recorded by a moment; nil when none was.
    ///
    /// It looks at every event: clocks are set back, and the log keeps no index by time.
    package func lastPosition(recordedBy time: Timestamp) async throws -> Int? {
        try await LogSchema.translating(path) {
            try await database.read { database in
                try Int.fetchOne(
                    database,
                    sql: "SELECT max(position) FROM events WHERE recorded_at <= ?",
                    arguments: [time.microseconds]
                )
            }
        }
    }

    /// All events of a stream, in order.
    package func events(of stream: StreamName) async throws -> [RecordedEvent] {
        try await LogSchema.translating(path) {
            let positions = try await database.read { database in
                try Int.fetchAll(
                    database,
                    sql: "SELECT position FROM events WHERE stream = ? AND position > 0 ORDER BY revision",
                    arguments: [stream.text]
                )
            }
            var events: [RecordedEvent] = []
            for position in positions { if let event = try await event(at: position) { events.append(event) } }
            return events
        }
    }

    /// The newest event of a type in a stream; nil when there is none.
    package func last(of type: EventType, in stream: StreamName) async throws -> RecordedEvent? {
        let position = try await LogSchema.translating(path) {
            try await database.read { database in
                try Int.fetchOne(
                    database,
                    sql: "SELECT position FROM events WHERE stream = ? AND type = ? ORDER BY revision DESC LIMIT 1",
                    arguments: [stream.text, type.rawValue]
                )
            }
        }
        guard let position else { return nil }
        return try await event(at: position)
    }

    /// The newest revision of a stream; 0 when it does not exist.
    package func revision(of stream: StreamName) async throws -> Int {
        try await database.read { try LogSchema.revision(of: stream.text, in: $0) }
    }

    /// The newest revision of each of the streams, in their order, as of one moment; 0 for one that does not exist.
    package func revisions(of streams: [String]) async throws -> [Int] {
        guard !streams.isEmpty else { return [] }
        return try await database.read { database in
            try streams.map { try LogSchema.revision(of: $0, in: database) }
        }
    }

    /// Returns once the log reaches beyond `position`.
    package func waitForEvents(after position: Int) async throws {
        try await head.wait(past: position)
    }

    /// All events after a position, then those to come, in pages and in order, until the task is cancelled.
    package func follow(from position: Int) -> EventFollower {
        EventFollower(log: self, position: position)
    }

    /// What stands behind an acknowledged append: the journal mode (`wal`) and the `synchronous` level (2 is FULL).
    package func durability() throws -> (journal: String, synchronous: Int) {
        try LogSchema.durability(database)
    }

    /// Closes the files; appends that were accepted are on disk.
    package func close() throws {
        watcher?.stop()
        writer?.drain()
        // So that log.db alone is the whole log. Where a reader of another process is in the way, its -wal file stays,
        // and is as good.
        if writer != nil { _ = try? database.writeWithoutTransaction { try $0.checkpoint(.truncate) } }
        try database.close()
    }
}

/// What an acknowledged append survives, by SQLite's names.
package enum Synchronous: String, Sendable {
    /// A power failure.
    case full = "FULL"
    /// The end of the process.
    case normal = "NORMAL"
}

/// Where an event stands in the log.
package struct AppendedEvent: Sendable, Equatable {
    package let position: Int
    package let revision: Int
    /// False when the event id was in the log already.
    package let isNew: Bool

    package init(position: Int, revision: Int, isNew: Bool) {
        self.position = position
        self.revision = revision
        self.isNew = isNew
    }
}

/// The log's head: what a signature or a trailer commits to.
package struct TreeHead: Sendable, Equatable {
    /// The number of events.
    package let size: Int
    /// The Merkle root over their leaves.
    package let root: Digest

    package init(size: Int, root: Digest) {
        self.size = size
        self.root = root
    }
}
