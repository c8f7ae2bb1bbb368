import Events
import GRDB

/// Writes rows of `tiles`.
///
/// Values are bound straight from where they lie: through GRDB each would be boxed and copied first, which costs more than
/// SQLite needs for the row.
struct TileRowWriter {
    private let insert: RowInsert

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

    func write(_ row: TilePage.Row) throws {
        insert.bind(1, row.derivation)
        insert.bind(3, row.tile.bytes)
        insert.bind(6, row.position)
        var name = row.tile.name
        try name.withUTF8 { name in
            unsafe insert.bind(2, text: name)
            try unsafe row.tile.sha256.bytes.withUnsafeBytes { sha256 in
                unsafe insert.bind(4, blob: sha256)
                try unsafe row.tile.md5.withUnsafeBytes { md5 in
                    unsafe insert.bind(5, blob: md5)
                    try insert.run()
                }
            }
        }
    }
}
