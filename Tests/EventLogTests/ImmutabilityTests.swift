import EventLog
import Events
import GRDB
import Testing

@Suite("The log is never changed")
struct ImmutabilityTests {
    @Test(
        "SQLite itself refuses what is not an append",
        arguments: [
            "UPDATE events SET payload = '{}' WHERE position = 2", "DELETE FROM events WHERE position = 3",
            "DELETE FROM events", copy(position: "5", id: "randomblob(16)", revision: "9"),
            copy(position: "2", id: "randomblob(16)", revision: "9"),
            copy(position: "NULL", id: "event_id", revision: "9"),
            copy(position: "4", id: "event_id", revision: "9"),
            copy(position: "4", id: "randomblob(16)", revision: "1"),
            "REPLACE" + copy(position: "4", id: "event_id", revision: "9").dropFirst(6),
            "REPLACE" + copy(position: "4", id: "randomblob(16)", revision: "1").dropFirst(6),
            "REPLACE" + copy(position: "1", id: "event_id", revision: "1").dropFirst(6),
            "UPDATE OR REPLACE events SET position = 1 WHERE position = 2",
            "UPDATE merkle_nodes SET hash = zeroblob(32)", "DELETE FROM merkle_nodes",
            "REPLACE INTO merkle_nodes SELECT level, number, zeroblob(32) FROM merkle_nodes",
        ]
    )
    func refusals(sql: String) async throws {
        let store = try TestLog()
        let log = try store.open()
        try await log.append((1...3).map { event($0) })
        let before = try await all(log)
        let database = try DatabaseQueue(path: store.path)
        try await database.write {
            try $0.execute(sql: "INSERT INTO merkle_nodes VALUES (8, 0, randomblob(32))")
        }
        let node = try database.read { try Row.fetchOne($0, sql: "SELECT * FROM merkle_nodes") }
        await #expect(throws: DatabaseError.self) { try await database.write { try $0.execute(sql: sql) } }
        #expect(try await all(log) == before)
        #expect(try database.read { try Row.fetchOne($0, sql: "SELECT * FROM merkle_nodes") } == node)
    }

    /// A copy of the first event with other keys; what the triggers allow must be a valid row otherwise.
    private static func copy(position: String, id: String, revision: String) -> String {
        """
        INSERT INTO events SELECT \(position), \(id), stream, \(revision), type, schema_version, recorded_at, actor,
        causation, correlation, salt, payload, leaf FROM events WHERE position = 1
        """
    }

    @Test("a row that fits is taken, so that the refusals above are for their reasons")
    func control() async throws {
        let store = try TestLog()
        let log = try store.open()
        try await log.append((1...3).map { event($0) })
        let database = try DatabaseQueue(path: store.path)
        let sql = Self.copy(position: "4", id: "randomblob(16)", revision: "9")
        try await database.write { try $0.execute(sql: sql) }
        #expect(try await all(log).count == 4)
    }
}
