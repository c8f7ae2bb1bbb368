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
}

/// Writes events as rows of the `events` table.
struct EventRowWriter {
    private var insert: RowInsert

    init(_ database: Database) throws {
        insert = try RowInsert(
            "INSERT INTO events (\(EventRow.columns), salt, leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            in: database
        )
    }

    mutating func write(_ event: RecordedEvent, salt: [UInt8], leaf: Digest) throws {
        insert.bind(1, event.position)
        insert.bind(2, blob: event.id.number)
        insert.bind(3, text: event.stream)
        insert.bind(4, event.revision)
        insert.bind(5, text: event.type)
        insert.bind(6, event.schemaVersion)
        insert.bind(7, Int(event.recordedAt.microseconds))
        insert.bind(8, text: event.actor)
        insert.bind(9, event.causation)
        insert.bind(10, event.correlation)
        insert.bind(11, text: event.payload)
        insert.bind(12, blob: salt)
        insert.bind(13, blob: leaf)
        try insert.run()
    }
}
