import EventLog
import Events
import GRDB

/// Writes rows of `tiles`.
struct TileRowWriter {
    private var insert: RowInsert

    init(_ database: Database) throws {
        insert = try RowInsert(
            """
            INSERT INTO tiles (derivation, name, bytes, sha256, md5, position) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (derivation, name) DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256,
                md5 = excluded.md5, position = excluded.position
            """,
            in: database
        )
    }

    mutating func write(_ row: TilePage.Row) throws {
        insert.bind(1, row.derivation)
        insert.bind(2, text: row.tile.name)
        insert.bind(3, row.tile.bytes)
        insert.bind(4, blob: row.tile.sha256)
        insert.bind(5, blob: row.tile.md5)
        insert.bind(6, row.position)
        try insert.run()
    }
}
