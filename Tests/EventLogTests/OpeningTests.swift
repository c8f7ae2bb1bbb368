import EventLog
import Events
import Foundation
import GRDB
import Testing

@Suite("Opening what may not be a log")
struct OpeningTests {
    let store: TestLog

    init() throws {
        store = try TestLog()
    }

    @Test("where nothing is, a reader says so and makes nothing")
    func missing() {
        fails(.notFound) { try store.openForReading() }
        #expect(!FileManager.default.fileExists(atPath: store.path))
    }

    @Test("a text file is refused and left as it was")
    func textFile() throws {
        let text = Data(String(repeating: "not a log\n", count: 500).utf8)
        try text.write(to: URL(filePath: store.path))
        fails(.damaged) { try store.open() }
        fails(.damaged) { try store.openForReading() }
        #expect(try Data(contentsOf: URL(filePath: store.path)) == text)
    }

    @Test("an empty file is no log to a reader; a writer makes one of it")
    func emptyFile() async throws {
        try Data().write(to: URL(filePath: store.path))
        #expect(throws: EventLogError.self) { try store.openForReading() }
        try await store.open().append([event(1)])
    }

    @Test(
        "another program's file is refused and left as it was",
        arguments: [
            "CREATE TABLE songs (title)", "PRAGMA application_id = 77",
            "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY); INSERT INTO grdb_migrations VALUES ('songs')",
        ]
    )
    func otherProgram(sql: String) throws {
        try DatabaseQueue(path: store.path).inDatabase { try $0.execute(sql: sql) }
        let before = try Data(contentsOf: URL(filePath: store.path))
        fails(.notALog) { try store.open() }
        #expect(throws: EventLogError.self) { try store.openForReading() }
        #expect(try Data(contentsOf: URL(filePath: store.path)) == before)
    }

    @Test("a log of a newer program is refused, by name of what is wrong")
    func newerSchema() async throws {
        let log = try store.open()
        try await log.append([event(1)])
        try log.close()
        try DatabaseQueue(path: store.path).inDatabase {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('0099-of-tomorrow')")
        }
        fails(.newerSchema) { try store.open() }
        fails(.newerSchema) { try store.openForReading() }
    }

    @Test("a closed log opens again, for reading too, and goes on where it was")
    func reopened() async throws {
        let log = try store.open()
        try await log.append((1...3).map { event($0) })
        let head = log.treeHead
        try log.close()
        let reader = try store.openForReading()
        #expect(try await all(reader).count == 3)
        try reader.close()
        let again = try store.open()
        #expect(again.treeHead == head)
        #expect(try await again.append([event(4)])[0] == AppendedEvent(position: 4, revision: 4, isNew: true))
    }

    @Test("after a close, log.db alone is the whole log, though it was read before")
    func oneFileToBackUp() async throws {
        let log = try store.open()
        try await log.append((1...3).map { event($0) })
        #expect(try await all(log).count == 3)
        try log.close()
        let copy = try TestLog()
        try FileManager.default.copyItem(atPath: store.path, toPath: copy.path)
        #expect(try await all(copy.open()).count == 3)
    }

    @Test("a page that was overwritten is damage, not a crash")
    func damagedPage() async throws {
        let log = try store.open()
        for _ in 0..<20 { try await log.append((1...100).map { event($0) }) }
        try log.close()
        let size = try #require(try FileManager.default.attributesOfItem(atPath: store.path)[.size] as? Int)
        let file = try FileHandle(forWritingTo: URL(filePath: store.path))
        for page in stride(from: 8, to: size / 4_096, by: 2) {
            try file.seek(toOffset: UInt64(page * 4_096))
            try file.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
        }
        try file.close()
        #expect(size > 50 * 4_096)
        await #expect {
            let reader = try store.openForReading()
            _ = try await all(reader)
        } throws: {
            ($0 as? EventLogError)?.code == .damaged
        }
    }

    @Test("a verification names the first event that a damaged page hides, and proves those before it")
    func damagedPageIsNamed() async throws {
        let log = try store.open()
        for _ in 0..<20 { try await log.append((1...100).map { event($0) }) }
        try log.close()
        let leaves = try store.python(
            "import sqlite3,sys; print(*[p for (p,) in sqlite3.connect(sys.argv[1]).execute("
                + "\"SELECT pageno FROM dbstat WHERE name='events' AND pagetype='leaf' ORDER BY path\")])"
        ).split(separator: " ").compactMap { Int($0) }
        try #require(leaves.count > 10)
        let file = try FileHandle(forWritingTo: URL(filePath: store.path))
        try file.seek(toOffset: UInt64((leaves[leaves.count / 2] - 1) * 4_096))
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
        try file.close()

        let reader = try store.openForReading()
        let verification = try await reader.verify(rootsAt: [100])
        let problem = try #require(verification.problems.first)
        #expect(verification.problemCount == 1)
        #expect(problem.position > 100 && problem.position < 1_900)
        #expect(verification.unreadableFrom == problem.position)
        #expect(verification.head.size == problem.position - 1)
        #expect(verification.roots[100] != nil)
        #expect(try await reader.event(at: problem.position - 1) != nil)
        await #expect(throws: EventLogError.self) { try await reader.event(at: problem.position) }
    }

    @Test("an event whose id was cut is a problem at its position")
    func badID() async throws {
        let log = try store.open()
        try await log.append((1...50).map { event($0) })
        try log.close()
        _ = try store.python(
            """
            import sqlite3, sys
            log = sqlite3.connect(sys.argv[1], isolation_level=None)
            log.execute("DROP TRIGGER events_no_update")
            log.execute("PRAGMA ignore_check_constraints = ON")
            log.execute("UPDATE events SET event_id = x'00' WHERE position = 17")
            """
        )
        let verification = try await store.openForReading().verify(rootsAt: [])
        #expect(verification.problems.map(\.position) == [17])
        #expect(verification.unreadableFrom == 17)
    }

    @Test("a closed log can be read where nothing may be written")
    func readOnlyDirectory() async throws {
        let log = try store.open()
        try await log.append((1...50).map { event($0) })
        try log.close()
        let mount = try ReadOnlyMount(of: store.directory.path)
        defer { mount.unmount() }
        let reader = try EventLog.openForReading(path: mount.path + "/log.db")
        #expect(try await all(reader).count == 50)
        #expect(try await reader.verify(rootsAt: []).problems.isEmpty)
    }

    @Test("a node that the tree needs and that is gone is damage")
    func missingNode() async throws {
        let log = try store.open()
        try await log.append((1...300).map { event($0) })
        try log.close()
        try DatabaseQueue(path: store.path).inDatabase {
            try $0.execute(sql: "DROP TRIGGER merkle_nodes_no_delete; DELETE FROM merkle_nodes")
        }
        fails(.damaged) { try store.open() }
    }

    @Test("a full disk is told, harms nothing, and the same append succeeds when there is room")
    func diskFull() async throws {
        let disk = try SmallDisk()
        defer { disk.unmount() }
        let log = try EventLog.open(path: disk.path + "/log.db", actor: "test")
        let large = ProposedEvent(
            type: "T",
            schemaVersion: 1,
            payload: Array("{\"a\":\"\(String(repeating: "x", count: 50_000))\"}".utf8),
            stream: "s"
        )
        var appended = 0
        var failure: EventLogError?
        while failure == nil {
            do {
                try await log.append([large])
                appended += 1
            } catch { failure = error }
        }
        #expect(failure?.code == .diskFull)
        #expect(appended > 0 && log.headPosition == appended && log.treeHead?.size == appended)
        #expect(try await all(log).count == appended)
        try disk.grow()
        #expect(try await log.append([large, event(1)]).map(\.position) == [appended + 1, appended + 2])
        let head = log.treeHead
        try log.close()
        let again = try EventLog.open(path: disk.path + "/log.db", actor: "test")
        #expect(again.treeHead == head)
        try again.close()
    }

    private func fails(_ code: EventLogError.Code, _ body: () throws -> EventLog) {
        #expect { _ = try body() } throws: { ($0 as? EventLogError)?.code == code }
    }
}
