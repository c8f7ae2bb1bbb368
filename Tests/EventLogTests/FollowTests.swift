import EventLog
import Events
import Testing

@Suite("Following", .timeLimit(.minutes(10)))
struct FollowTests {
    let store: TestLog
    let log: EventLog

    init() throws {
        store = try TestLog()
        log = try store.open()
    }

    @Test("a follower gets what there is, then each commit, in order and once")
    func inProcess() async throws {
        try await log.append((1...5_000).map { event($0) })
        let log = log
        async let followed = collect(log.follow(from: 2_000), until: 5_300)
        for number in 5_001...5_300 { try await log.append([event(number)]) }
        #expect(try await followed == Array(2_001...5_300))
    }

    @Test("a reader of the same file wakes when another connection commits")
    func throughTheFile() async throws {
        let reader = try store.openForReading()
        #expect(reader.headPosition == 0)
        async let followed = collect(reader.follow(from: 0), until: 200)
        for number in 1...200 { try await log.append([event(number)]) }
        #expect(try await followed == Array(1...200))
        try reader.close()
    }

    @Test("a reader wakes when another process commits")
    func acrossProcesses() async throws {
        try await log.append([event(1)])
        try log.close()
        let reader = try store.openForReading()
        async let followed = collect(reader.follow(from: 1), until: 3)
        let script = """
            import sqlite3, sys
            log = sqlite3.connect(sys.argv[1])
            for position in (2, 3):
                log.execute(
                    "INSERT INTO events SELECT ?, randomblob(16), stream, ?, type, schema_version, recorded_at, actor,"
                    " causation, correlation, salt, payload, leaf FROM events WHERE position = 1", (position, position))
                log.commit()
            """
        _ = try store.python(script)
        #expect(try await followed == [2, 3])
        // The follower may have found them by its own first look.
        try await reader.waitForEvents(after: 2)
        #expect(reader.headPosition == 3)
    }

    @Test("many wait for many positions, and each wakes when its own is reached")
    func manyWaiters() async throws {
        let log = log
        try await withThrowingTaskGroup(of: Void.self) { group in
            for position in 0..<100 {
                group.addTask {
                    try await log.waitForEvents(after: position)
                    #expect(log.headPosition > position)
                }
            }
            for number in 1...100 { try await log.append([event(number)]) }
            try await group.waitForAll()
        }
    }

    @Test("a wait ends when its task is cancelled, before or after it began")
    func cancellation() async throws {
        let log = log
        for _ in 0..<200 {
            let waiting = Task { try await log.waitForEvents(after: 1_000) }
            let following = Task { for try await _ in log.follow(from: 0) {} }
            waiting.cancel()
            await Task.yield()
            following.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            await #expect(throws: CancellationError.self) { try await following.value }
        }
        try await log.append([event(1)])
        try await log.waitForEvents(after: 0)
    }

    @Test("a signal counts every step, whoever takes it")
    func steps() async throws {
        let signal = PositionSignal(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { signal.advance() } }
        }
        #expect(signal.position == 200)
        signal.advance(to: 100)
        #expect(signal.position == 200)
        signal.rewind()
        #expect(signal.position == 0)
    }

    @Test("pages end where they are asked to, and unwanted payloads stay empty")
    func reading() async throws {
        try await log.append((1...10).map { event($0) })
        #expect(try await log.read(after: 3, through: 6).map(\.position) == [4, 5, 6])
        #expect(try await log.read(after: 3, limit: 2).map(\.position) == [4, 5])
        #expect(try await log.read(after: 10).isEmpty)
        #expect(try await log.event(at: 7)?.payload == Array("{\"number\":7}".utf8))
        #expect(try await log.event(at: 11) == nil)
        #expect(try await log.read(after: 0, payloads: []).allSatisfy { $0.payload.isEmpty })
        #expect(try await log.read(after: 0, payloads: ["NumberSaid"]).allSatisfy { !$0.payload.isEmpty })
    }

    @Test("readers read on while a large append is being written")
    func readersAndWriter() async throws {
        try await log.append((1...1_000).map { event($0) })
        let log = log
        async let appended = log.append((1...20_000).map { event($0) })
        for _ in 0..<20 {
            let events = try await log.read(after: 0)
            #expect(events.count == 1_000 || events.count == EventLog.pageSize)
        }
        #expect(try await appended.count == 20_000)
        #expect(try await all(log).map(\.position) == Array(1...21_000))
    }

    private func collect(_ follower: EventFollower, until last: Int) async throws -> [Int] {
        var positions: [Int] = []
        for try await page in follower {
            positions += page.map(\.position)
            if let newest = positions.last, newest >= last { return positions }
        }
        return positions
    }
}
