import Events
import Foundation
import GRDB

/// Events as rows of the `events` table.
enum EventRow {
    static let columns = """
        position, event_id, stream, revision, type, schema_version, recorded_at, actor, causation, correlation, payload
        """

    static func read(
        _ database: Database,
        after position: Int,
        through: Int,
        limit: Int,
        payloads: Set<String>? = nil
    ) throws -> [RecordedEvent] {
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
        )
        return try EventRowReader.events(statement, [position, through, limit], payloads: payloads)
    }

    static func read(_ database: Database, at positions: [Int]) throws -> [RecordedEvent] {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM events WHERE position = ?")
        return try positions.flatMap { try EventRowReader.events(statement, [$0], payloads: nil) }
    }

    static func find(id: EventID, in database: Database) throws -> RecordedEvent? {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM events WHERE event_id = ?")
        return try EventRowReader.events(statement, [Data(id.bytes)], payloads: nil).first
    }

    static func insert(_ event: RecordedEvent, salt: [UInt8], leaf: Digest, into database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO events (\(columns), salt, leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        try statement.execute(arguments: [
            event.position, Data(event.id.bytes), event.stream, event.revision, event.type, event.schemaVersion,
            event.recordedAt.microseconds, event.actor, event.causation, event.correlation,
            String(decoding: event.payload, as: UTF8.self), Data(salt), Data(leaf.bytes),
        ])
    }
}
