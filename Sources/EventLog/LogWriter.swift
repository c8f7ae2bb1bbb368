import CoreMetrics
import Dispatch
import Events
import Foundation
import GRDB
import Synchronization

/// The one writer of a log: a thread that takes all appends that wait and commits them together.
final class LogWriter: Sendable {
    /// Waiting appends beyond this many events share the transaction after the next.
    private static let groupLimit = 8_192

    private struct Request {
        let events: [ProposedEvent]
        let answer: CheckedContinuation<Result<[AppendedEvent], EventLogError>, Never>
    }

    private struct State {
        var waiting: [Request] = []
        var isDraining = false
        var tree: MerkleTree
    }

    private let database: DatabasePool
    private let path: String
    private let actor: String
    private let time: any TimeSource
    private let head: PositionSignal
    private let state: Mutex<State>
    /// Commits block on the disk, so they never run on the cooperative pool.
    private let seconds = Recorder(label: "swathlog_append_seconds", dimensions: [], aggregate: true)
    private let queue = DispatchQueue(label: "swathlog.log-writer", qos: .userInitiated)

    init(
        database: DatabasePool,
        path: String,
        actor: String,
        time: any TimeSource,
        tree: MerkleTree,
        head: PositionSignal
    ) {
        self.database = database
        self.path = path
        self.actor = actor
        self.time = time
        self.head = head
        state = Mutex(State(tree: tree))
    }

    var treeHead: TreeHead {
        state.withLock { TreeHead(size: $0.tree.size, root: $0.tree.root) }
    }

    func append(_ events: [ProposedEvent]) async throws(EventLogError) -> [AppendedEvent] {
        // Looked at here and not by the writer, who is one for all.
        if let fault = events.lazy.compactMap(\.fault).first { throw EventLogError(.badEvent, fault) }
        let result = await withCheckedContinuation { answer in
            let mustStart = state.withLock { state in
                state.waiting.append(Request(events: events, answer: answer))
                defer { state.isDraining = true }
                return !state.isDraining
            }
            if mustStart { queue.async { self.commitWaiting() } }
        }
        return try result.get()
    }

    /// Returns when no append is under way.
    func drain() {
        queue.sync {}
    }

    private func commitWaiting() {
        while let (group, tree) = nextGroup() { commit(group, onto: tree) }
    }

    private func nextGroup() -> ([Request], MerkleTree)? {
        state.withLock { state in
            var events = 0
            let count = state.waiting.prefix { request in
                defer { events += request.events.count }
                return events == 0 || events + request.events.count <= Self.groupLimit
            }.count
            guard count > 0 else {
                state.isDraining = false
                return nil
            }
            let group = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            return (group, state.tree)
        }
    }

    /// Commits a group in one transaction.
    ///
    /// A request that may not be appended fails alone: it is checked before its first row is written.
    private func commit(_ group: [Request], onto tree: MerkleTree) {
        let start = ContinuousClock.now
        var grown = tree
        var answers: [Result<[AppendedEvent], EventLogError>] = []
        do {
            try database.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    var writer = Writing(tree: tree, rows: try EventRowWriter(database))
                    for request in group {
                        answers.append(try write(request.events, to: database, &writer))
                    }
                    grown = writer.tree
                    return .commit
                }
            }
        } catch {
            let failure =
                (error as? DatabaseError).map { EventLogError($0, path: path) }
                ?? EventLogError(.database, "\(path): \(error)")
            for request in group { request.answer.resume(returning: .failure(failure)) }
            return
        }
        state.withLock { $0.tree = grown }
        head.advance(to: grown.size)
        seconds.record((ContinuousClock.now - start) / .seconds(1))
        for (request, answer) in zip(group, answers) { request.answer.resume(returning: answer) }
    }

    /// What one transaction writes with.
    private struct Writing {
        var tree: MerkleTree
        var rows: EventRowWriter
        var hasher = LeafHasher()
        var random = KernelRandom()
        private var lastID: EventID?

        init(tree: MerkleTree, rows: EventRowWriter) {
            self.tree = tree
            self.rows = rows
        }

        mutating func freshID(at time: Timestamp) -> EventID {
            let id = EventID(at: time, after: lastID, using: &random)
            lastID = id
            return id
        }
    }

    private func write(
        _ events: [ProposedEvent],
        to database: Database,
        _ writer: inout Writing
    ) throws -> Result<[AppendedEvent], EventLogError> {
        switch try plan(events, in: database, &writer) {
        case .failure(let error):
            return .failure(error)
        case .success(let planned):
            for case .write(let event, let salt) in planned {
                let leaf = writer.hasher.hash(of: event, salt: salt)
                try writer.rows.write(event, salt: salt, leaf: leaf)
                for node in writer.tree.append(leaf) { try store(node, in: database) }
            }
            return .success(planned.map(\.answer))
        }
    }

    private enum Planned {
        case present(AppendedEvent)
        case write(RecordedEvent, salt: [UInt8])

        var answer: AppendedEvent {
            switch self {
            case .present(let event): event
            case .write(let event, _): AppendedEvent(position: event.position, revision: event.revision, isNew: true)
            }
        }
    }

    /// Gives each event its place, and finds what forbids the append.
    private func plan(
        _ events: [ProposedEvent],
        in database: Database,
        _ writer: inout Writing
    ) throws -> Result<[Planned], EventLogError> {
        let now = time.now()
        var planned: [Planned] = []
        var revisions: [String: Int] = [:]
        var ownIDs: Set<EventID> = []
        var position = writer.tree.size + 1
        for event in events {
            if let id = event.id {
                guard ownIDs.insert(id).inserted else {
                    return .failure(EventLogError(.eventIDConflict, "the append holds event id \(id) twice"))
                }
                if let first = try EventRow.find(id: id, in: database) {
                    guard Self.isSame(event, as: first) else { return .failure(Self.conflict(id, first)) }
                    planned.append(
                        .present(AppendedEvent(position: first.position, revision: first.revision, isNew: false))
                    )
                    continue
                }
            }
            let last = try revisions[event.stream] ?? LogSchema.revision(of: event.stream, in: database)
            if let expected = event.expectedRevision, expected != last {
                let what = "stream \(event.stream) is at revision \(last), not \(expected)"
                return .failure(EventLogError(.wrongRevision, what))
            }
            revisions[event.stream] = last + 1
            let causation: Int?
            switch event.cause {
            case .none: causation = nil
            case .event(let position): causation = position
            case .earlier(let index):
                guard planned.indices.contains(index) else {
                    return .failure(
                        EventLogError(.badEvent, "event \(planned.count) of the append names no earlier one")
                    )
                }
                causation = planned[index].answer.position
            }
            let fitsCause = causation.map { (1..<position).contains($0) } ?? true
            let fitsCorrelation = event.correlation.map { (1...position).contains($0) } ?? true
            guard fitsCause, fitsCorrelation else {
                let what = "the event at position \(position) names a cause or a correlation that is not before it"
                return .failure(EventLogError(.badEvent, what))
            }
            let id = event.id ?? writer.freshID(at: now)
            planned.append(
                .write(
                    RecordedEvent(
                        position: position,
                        id: id,
                        stream: event.stream,
                        revision: last + 1,
                        type: event.type,
                        schemaVersion: event.schemaVersion,
                        recordedAt: now,
                        actor: actor,
                        causation: causation,
                        correlation: event.correlation,
                        payload: event.payload
                    ),
                    salt: Self.freshSalt(&writer.random)
                )
            )
            position += 1
        }
        return .success(planned)
    }

    private static func isSame(_ event: ProposedEvent, as first: RecordedEvent) -> Bool {
        event.stream == first.stream && event.type == first.type && event.schemaVersion == first.schemaVersion
            && event.payload == first.payload
    }

    private static func conflict(_ id: EventID, _ first: RecordedEvent) -> EventLogError {
        EventLogError(
            .eventIDConflict,
            "event id \(id) is taken by another event at position \(first.position) (\(first.type))"
        )
    }

    private static func freshSalt(_ random: inout KernelRandom) -> [UInt8] {
        unsafe withUnsafeBytes(of: (random.next(), random.next())) { unsafe Array($0) }
    }

    private func store(_ node: MerkleTree.Node, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO merkle_nodes (level, number, hash) VALUES (?, ?, ?)"
        )
        try statement.execute(arguments: [node.level, node.number, Data(node.hash.bytes)])
    }
}
