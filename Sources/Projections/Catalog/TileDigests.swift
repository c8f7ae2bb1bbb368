import Events
import Foundation
package import GRDB

/// Writes rows of `tile_digests`, and finds by them.
package enum TileDigests {
    private struct Entry {
        let run: Int
        let prefix: Int
        let derivation: Int
    }

    /// How many events a run spans, as a power of two: few enough that those of one stay in SQLite's cache, enough that
    /// there are not many to search.
    private static let runBits = 14

    static func insert(_ rows: [TilePage.Row], into database: Database) throws {
        var entries: [Entry] = []
        entries.reserveCapacity(rows.count * 2)
        for row in rows {
            for digest in [row.tile.sha256.bytes, row.tile.md5] {
                entries.append(
                    Entry(run: row.position >> runBits, prefix: prefix(digest), derivation: row.derivation)
                )
            }
        }
        // In the order of the table, so that each of its pages is come by once.
        entries.sort { ($0.run, $0.prefix, $0.derivation) < ($1.run, $1.prefix, $1.derivation) }
        let insert = try RowInsert("INSERT OR IGNORE INTO tile_digests VALUES (?, ?, ?)", in: database)
        for entry in entries {
            insert.bind(1, entry.run)
            insert.bind(2, entry.prefix)
            insert.bind(3, entry.derivation)
            try insert.run()
        }
    }

    /// The first 48 bits.
    private static func prefix(_ digest: [UInt8]) -> Int {
        var value = 0
        for index in 0..<6 { value = value << 8 | (index < digest.count ? Int(digest[index]) : 0) }
        return value
    }

    /// Tiles whose SHA-256 or MD5 lies within a range of bytes, at most `limit`.
    package static func tiles(
        from low: [UInt8],
        through high: [UInt8],
        limit: Int,
        in database: Database
    ) throws -> [(derivation: String, name: String)] {
        try Row.fetchAll(
            database,
            sql: """
                WITH RECURSIVE runs (run) AS (
                    SELECT min(run) FROM tile_digests
                    UNION ALL
                    SELECT (SELECT min(run) FROM tile_digests WHERE run > runs.run) FROM runs WHERE run IS NOT NULL
                ), found AS (
                    SELECT DISTINCT g.derivation FROM runs
                    CROSS JOIN tile_digests g ON g.run = runs.run AND g.prefix BETWEEN :first AND :last
                )
                SELECT d.id, t.name FROM found
                CROSS JOIN tiles t ON t.derivation = found.derivation
                    AND (t.sha256 BETWEEN :low AND :high OR t.md5 BETWEEN :low AND :high)
                JOIN derivations d ON d.number = t.derivation
                LIMIT :limit
                """,
            arguments: [
                "first": prefix(low), "last": prefix(high), "low": Data(low), "high": Data(high), "limit": limit,
            ]
        ).map { ($0[0], $0[1]) }
    }
}
