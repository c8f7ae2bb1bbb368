import EventLog
import Events
import GRDB
import Testing

@Suite("Appending", .timeLimit(.minutes(10)))
struct AppendTests {
    let store: TestLog
    let log: EventLog

    init() throws {
        store = try TestLog()
        log = try store.open()
    }

    @Test("sixteen writers at once leave no gap, and the log is in the order that they were told")
    func concurrentWriters() async throws {
        let log = log
        let told = try await withThrowingTaskGroup(of: [(Int, Int)].self) { group in
            for writer in 0..<16 {
                group.addTask {
                    var told: [(Int, Int)] = []
                    for number in 0..<100 {
                        let place = try await log.append([
                            event(
                                writer * 1_000 + number,
                                stream: .object("\(writer)"),
                                expectedRevision: number
                            )
                        ])[0]
                        #expect(place.revision == number + 1)
                        told.append((place.position, writer * 1_000 + number))
                    }
                    return told
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let events = try await all(log)
        #expect(events.map(\.position) == Array(1...1_600))
        let payloads = Dictionary(uniqueKeysWithValues: told)
        for event in events {
            let number = try #require(payloads[event.position])
            #expect(String(decoding: event.payload, as: UTF8.self) == "{\"number\":\(number)}")
        }
        #expect(log.headPosition == 1_600 && log.treeHead?.size == 1_600)
    }

    @Test("appends that wait together share transactions")
    func groupCommit() async throws {
        let database = try DatabaseQueue(path: store.path, configuration: readOnly)
        func commits() throws -> Int {
            // Every commit writes its changed pages once more to the WAL; so count the last frame of each.
            try walCommits(store.path + "-wal")
        }
        let before = try commits()
        let log = log
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<400 { group.addTask { try await log.append([event(number)]) } }
            try await group.waitForAll()
        }
        let transactions = try commits() - before
        #expect(try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") } == 400)
        #expect(transactions >= 1 && transactions <= 200)
    }

    @Test("an append is answered when it can be read, also through another connection")
    func acknowledged() async throws {
        let reader = try DatabaseQueue(path: store.path, configuration: readOnly)
        for number in 1...50 {
            try await log.append([event(number)])
            #expect(
                try await reader.read { try Int.fetchOne($0, sql: "SELECT max(position) FROM events") }
                    == number
            )
        }
    }

    @Test("the writer's connection really is in WAL mode with synchronous=FULL")
    func durability() throws {
        let durability = try log.durability()
        #expect(durability.journal == "wal" && durability.synchronous == 2)
    }

    @Test("an event whose id is in the log is not written again, and its first place is told")
    func idempotency() async throws {
        let id = EventID(derivedFrom: "the same")
        let first = try await log.append([event(1), event(2, id: id)])[1]
        #expect(first == AppendedEvent(position: 2, revision: 2, isNew: true))
        let again = try await log.append([event(2, id: id), event(3)])
        #expect(again[0] == AppendedEvent(position: 2, revision: 2, isNew: false))
        #expect(again[1] == AppendedEvent(position: 3, revision: 3, isNew: true))
        let others = [event(9, id: id), event(2, stream: .recipe, id: id)]
        for other in others { try await refuses([event(4), other], .eventIDConflict) }
        try await refuses(
            [event(5, id: EventID(derivedFrom: "n")), event(5, id: EventID(derivedFrom: "n"))],
            .eventIDConflict
        )
        #expect(log.headPosition == 3)
    }

    @Test("the same event from many tasks at once is written once")
    func concurrentIdempotency() async throws {
        let log = log
        let id = EventID(derivedFrom: "race")
        let places = try await withThrowingTaskGroup(of: AppendedEvent.self) { group in
            for _ in 0..<50 { group.addTask { try await log.append([event(1, id: id)])[0] } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(places.filter(\.isNew).count == 1)
        #expect(Set(places.map(\.position)) == [1])
        #expect(log.headPosition == 1)
    }

    @Test("a stream that has moved on refuses who has not seen it")
    func expectedRevision() async throws {
        try await log.append([event(1, expectedRevision: 0), event(2, expectedRevision: 1)])
        try await refuses([event(3, expectedRevision: 0)], .wrongRevision)
        try await refuses([event(3, expectedRevision: 3)], .wrongRevision)
        #expect(try await log.append([event(3, expectedRevision: 2)])[0].revision == 3)
        #expect(try await log.revision(of: .agent) == 3)
        #expect(try await log.revision(of: .recipe) == 0)
    }

    @Test("a batch is written whole or not at all")
    func atomicity() async throws {
        let tree = log.treeHead
        try await refuses((0..<100).map { event($0) } + [event(0, expectedRevision: 7)], .wrongRevision)
        #expect(try await all(log).isEmpty)
        #expect(log.treeHead == tree)
        #expect(try await log.append([]).isEmpty)
    }

    @Test(
        "what the log can't hold is refused",
        arguments: [
            ProposedEvent(type: "T", schemaVersion: 0, payload: Array("{}".utf8), stream: "s"),
            ProposedEvent(type: "", schemaVersion: 1, payload: Array("{}".utf8), stream: "s"),
            ProposedEvent(type: "T\0", schemaVersion: 1, payload: Array("{}".utf8), stream: "s"),
            ProposedEvent(type: "T", schemaVersion: 1, payload: Array("{}".utf8), stream: "s\0t"),
            ProposedEvent(type: "T", schemaVersion: 1, payload: [], stream: "s"),
            ProposedEvent(type: "T", schemaVersion: 1, payload: Array("[]".utf8), stream: "s"),
            ProposedEvent(
                type: "T",
                schemaVersion: 1,
                payload: Array("{\"a\":\"".utf8) + [0xFF, 0x22, 0x7D],
                stream: "s"
            ),
            event(1, cause: .event(1)), event(1, cause: .event(0)), event(1, cause: .event(99)),
            event(1, cause: .earlier(0)), event(1, cause: .earlier(-1)), event(1, correlation: 2),
            event(1, correlation: 0),
        ]
    )
    func badEvents(bad: ProposedEvent) async throws {
        try await refuses([bad], .badEvent)
        #expect(log.headPosition == 0)
    }

    @Test("a request that is refused does no harm to those that share its transaction")
    func neighbours() async throws {
        let log = log
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let cause: Cause = number % 3 == 0 ? .event(1_000_000) : .none
                    return (try? await log.append([event(number), event(number, cause: cause)])) != nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 }.count == 200)
        #expect(try await all(log).map(\.position) == Array(1...400))
    }

    @Test("causes and correlations are kept, an earlier event of the batch by its position")
    func causes() async throws {
        try await log.append([event(1)])
        let events = [
            event(2, cause: .event(1), correlation: 1), event(3, cause: .earlier(0), correlation: 1),
        ]
        let places = try await log.append(events + [event(4, cause: .earlier(1), correlation: 4)])
        let read = try await all(log)
        #expect(places.map(\.position) == [2, 3, 4])
        #expect(read.map(\.causation) == [nil, 1, 2, 3])
        #expect(read.map(\.correlation) == [nil, 1, 1, 4])
        #expect(read.allSatisfy { $0.actor == "test" && $0.type == "NumberSaid" && $0.schemaVersion == 1 })
    }

    @Test("a log that was opened for reading takes nothing")
    func readOnlyLog() async throws {
        let reader = try store.openForReading()
        await #expect { try await reader.append([event(1)]) } throws: {
            ($0 as? EventLogError)?.code == .readOnly
        }
        #expect(reader.treeHead == nil)
    }

    private var readOnly: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        return configuration
    }

    private func refuses(_ events: [ProposedEvent], _ code: EventLogError.Code) async throws {
        let before = log.headPosition
        await #expect { try await log.append(events) } throws: { ($0 as? EventLogError)?.code == code }
        #expect(try await log.read(after: before).isEmpty)
    }
}
