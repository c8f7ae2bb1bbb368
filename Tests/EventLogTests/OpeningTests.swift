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
        await #expect(throws: (any Error).self) {
            let reader = try store.openForReading()
            _ = try await all(reader)
        }
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
