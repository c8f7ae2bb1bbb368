import Events
import Foundation
import GRDB

/// Events as rows of the `events` table.
enum EventRow {
    private static let columns = """
        position, event_id, stream, revision, type, schema_version, recorded_at, actor, causation, correlation, payload
        """

    static func read(
        _ database: Database, after position: Int, through: Int, limit: Int, payloads: Set<String>? = nil
    ) throws -> [RecordedEvent] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?")
        let rows = try Row.fetchCursor(statement, arguments: [position, through, limit])
        var events: [RecordedEvent] = []
        while let row = try rows.next() { events.append(try event(row, payloads: payloads)) }
        return events
    }

    static func find(id: EventID, in database: Database) throws -> RecordedEvent? {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM events WHERE event_id = ?")
        return try Row.fetchOne(statement, arguments: [Data(id.bytes)]).map { try event($0) }
    }

    static func event(_ row: Row, payloads: Set<String>? = nil) throws -> RecordedEvent {
        guard let id = EventID(bytes: try row.withUnsafeData(atIndex: 1) { Array($0 ?? Data()) }) else {
            throw EventLogError(.damaged, "the event at position \(row[0] as Int) has no id of 16 bytes")
        }
        let type: String = row[4]
        return RecordedEvent(
            position: row[0], id: id, stream: row[2], revision: row[3], type: type, schemaVersion: row[5],
            recordedAt: Timestamp(microseconds: row[6]), actor: row[7], causation: row[8], correlation: row[9],
            payload: payloads?.contains(type) ?? true ? Array((row[10] as String).utf8) : [])
    }

    static func insert(_ event: RecordedEvent, salt: [UInt8], leaf: Digest, into database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO events (\(columns), salt, leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try statement.execute(arguments: [
            event.position, Data(event.id.bytes), event.stream, event.revision, event.type, event.schemaVersion,
            event.recordedAt.microseconds, event.actor, event.causation, event.correlation,
            String(decoding: event.payload, as: UTF8.self), Data(salt), Data(leaf.bytes),
        ])
    }
}
