import EventLog
import Events
import Foundation
package import GRDB

/// Writes rows of `tile_digests`, and finds by them.
package enum TileDigests {
    /// How many events a run spans, as a power of two: few enough that those of one stay in SQLite's cache, enough that
    /// there are not many to search.
    private static let runBits = 14

    /// Adds tiles in the order of their events.
    static func insert(_ rows: [TilePage.Row], into database: Database) throws {
        var insert = try RowInsert(
            """
            INSERT INTO tile_digests VALUES (?, ?)
            ON CONFLICT (part) DO UPDATE SET entries = CAST(entries || excluded.entries AS BLOB)
            """,
            in: database
        )
        var parts = [[UInt64]](repeating: [], count: 256)
        var rest = rows[...]
        while let first = rest.first {
            let run = first.position >> runBits
            let end = rest.firstIndex { $0.position >> runBits != run } ?? rest.endIndex
            for row in rest[..<end] {
                let derivation = UInt64(truncatingIfNeeded: row.derivation) & 0xFFFF_FFFF
                let (sha256, md5) = (row.tile.sha256.prefix >> 24, UInt64(truncatingIfNeeded: row.tile.md5 >> 88))
                parts[Int(sha256 >> 32)].append(sha256 << 32 | derivation)
                parts[Int(md5 >> 32)].append(md5 << 32 | derivation)
            }
            // In the order of the table, so that each of its pages is come by once.
            for index in parts.indices where !parts[index].isEmpty {
                insert.bind(1, run << 8 | index)
                insert.bind(2, blob: blob(parts[index]))
                try insert.run()
                parts[index].removeAll(keepingCapacity: true)
            }
            rest = rest[end...]
        }
    }

    /// The part of a run that holds the digests of a prefix.
    private static func part(_ run: Int, _ prefix: UInt64) -> Int { run << 8 | Int(prefix >> 32) }

    /// The first 40 bits.
    private static func prefix(_ digest: [UInt8]) -> UInt64 {
        (0..<5).reduce(0) { $0 << 8 | (digest.indices.contains($1) ? UInt64(digest[$1]) : 0) }
    }

    /// Tiles whose SHA-256 or MD5 lies within a range of bytes, at most `limit`.
    package static func tiles(
        from low: [UInt8],
        through high: [UInt8],
        limit: Int,
        in database: Database
    ) throws -> [(derivation: String, name: String)] {
        let ofDerivation = try database.cachedStatement(
            sql: """
                SELECT d.id, t.name FROM tiles t JOIN derivations d ON d.number = t.derivation
                WHERE d.number = :number AND (t.sha256 BETWEEN :low AND :high OR t.md5 BETWEEN :low AND :high)
                """
        )
        var found: [(derivation: String, name: String)] = []
        try forEachDerivation(from: prefix(low), through: prefix(high), in: database) { number in
            let range: StatementArguments = ["number": number, "low": Data(low), "high": Data(high)]
            found += try Row.fetchAll(ofDerivation, arguments: range).map { ($0[0], $0[1]) }
            return found.count < limit
        }
        return Array(found.prefix(limit))
    }

    /// Calls `body` once with the number of each derivation that may hold a tile of a digest in the range, until it
    /// returns false.
    private static func forEachDerivation(
        from first: UInt64,
        through last: UInt64,
        in database: Database,
        _ body: (Int) throws -> Bool
    ) throws {
        let nextPart = try database.cachedStatement(sql: "SELECT min(part) FROM tile_digests WHERE part >= ?")
        let parts = try database.cachedStatement(
            sql: "SELECT part, entries FROM tile_digests WHERE part BETWEEN ? AND ?"
        )
        var seen: Set<Int> = []
        var run = 0
        while let next = try Int.fetchOne(nextPart, arguments: [run << 8]) {
            run = next >> 8
            for row in try Row.fetchAll(parts, arguments: [part(run, first), part(run, last)]) {
                let byte = UInt64((row[0] as Int) & 0xFF)
                for entry in entries(row[1]) {
                    let prefix = byte << 32 | entry >> 32
                    guard first <= prefix, prefix <= last else { continue }
                    let derivation = Int(entry & 0xFFFF_FFFF)
                    guard try !seen.insert(derivation).inserted || body(derivation) else { return }
                }
            }
            run += 1
        }
    }

    private static func blob(_ entries: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.count * 8)
        for entry in entries { unsafe withUnsafeBytes(of: entry.bigEndian) { unsafe bytes.append(contentsOf: $0) } }
        return bytes
    }

    private static func entries(_ blob: Data) -> [UInt64] {
        var entries: [UInt64] = []
        for (index, byte) in blob.enumerated() {
            if index.isMultiple(of: 8) { entries.append(0) }
            entries[entries.count - 1] = entries[entries.count - 1] << 8 | UInt64(byte)
        }
        return entries
    }
}
