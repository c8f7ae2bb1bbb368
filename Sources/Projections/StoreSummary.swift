package import Events
package import GRDB

/// The figures of a store, for status, progress and summaries.
package struct StoreSummary: Sendable, Equatable {
    /// Objects by state; those whose quarantine was dismissed are `dismissed`.
    package var objects: [String: Int] = [:]
    /// Quarantined objects by reason code, and notices that could not be read.
    package var quarantine: [String: Int] = [:]
    /// Notices that could not be read.
    package var notices = 0
    package var derivations = 0
    package var tiles = 0
    package var tileBytes = 0
    /// Tiles that were left out as blank.
    package var skippedTiles = 0
    /// Source pixels that were tiled.
    package var pixels = 0

    package init() {}

    /// - Parameter position: only what came after it counts as derived.
    package static func read(_ database: any DatabaseReader, since position: Int = 0) async throws -> StoreSummary {
        try await database.read { database in
            var summary = StoreSummary()
            let states = """
                SELECT iif(state = 'quarantined' AND dismissed_position IS NOT NULL, 'dismissed', state) AS s, count(*)
                FROM objects GROUP BY s
                """
            for row in try Row.fetchAll(database, sql: states) {
                summary.objects[row[0]] = row[1]
            }
            let reasons = try Row.fetchAll(
                database,
                sql: """
                    SELECT reason, count(*) FROM objects WHERE state = 'quarantined' AND dismissed_position IS NULL
                    GROUP BY reason
                    """
            )
            for row in reasons { summary.quarantine[(row[0] as String?) ?? "unknown"] = row[1] }
            let notices = "SELECT reason, count(*) FROM notices WHERE dismissed_position IS NULL GROUP BY reason"
            for row in try Row.fetchAll(database, sql: notices) {
                summary.quarantine[row[0], default: 0] += row[1]
                summary.notices += row[1]
            }
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*), ifnull(sum(tiles), 0), ifnull(sum(tile_bytes), 0), ifnull(sum(width * height), 0),
                        ifnull(sum(skipped), 0)
                    FROM derivations WHERE completed_position > ?
                    """,
                arguments: [position]
            )
            summary.derivations = row?[0] ?? 0
            summary.tiles = row?[1] ?? 0
            summary.tileBytes = row?[2] ?? 0
            summary.pixels = row?[3] ?? 0
            summary.skippedTiles = row?[4] ?? 0
            return summary
        }
    }

    /// Objects that are still to be fetched or tiled.
    package var pending: Int { (objects["observed"] ?? 0) + (objects["fetched"] ?? 0) }
    package var quarantined: Int { (objects["quarantined"] ?? 0) + notices }
}

/// A stage that stands still.
package struct PausedStage: Sendable, Equatable {
    package let stage: String
    package let reason: String
    package let message: String
    package let position: Int
}

extension PausedStage {
    /// What commands and the API say of a pause.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("stage", stage)
            $0.set("reason", reason)
            $0.set("message", message)
        }
    }
}

extension CatalogReader {
    package func pauses() async throws -> [PausedStage] {
        try await database.read { database in
            try Row.fetchAll(database, sql: "SELECT stage, reason, message, position FROM pauses ORDER BY stage").map {
                PausedStage(stage: $0[0], reason: $0[1], message: $0[2], position: $0[3])
            }
        }
    }

    /// The position of the newest event of a type; 0 when there is none.
    package func lastPosition(of type: EventType) async throws -> Int {
        try await database.read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT max(last_position) FROM activity WHERE type = ?",
                arguments: [type.rawValue]
            ) ?? 0
        }
    }

    /// Events of types or versions that no view folds, by type.
    package func unknownEvents() async throws -> [(type: String, version: Int, count: Int)] {
        let known = Set(EventType.allCases.map(\.rawValue))
        return try await database.read { database in
            try Row.fetchAll(database, sql: "SELECT type, schema_version, events FROM activity ORDER BY type")
                .map { (type: $0[0] as String, version: $0[1] as Int, count: $0[2] as Int) }
                .filter { !known.contains($0.type) || $0.version > 1 }
        }
    }

    /// One tile of the newest committed dataset version, by its path in the dataset.
    package func anyTile() async throws -> String? {
        try await database.read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT k.partition || '/' || k.path || '/' || t.name FROM partitions p
                    JOIN keys k ON k.partition = p.name
                    JOIN entries e ON e.key_id = k.id AND e.from_position <= p.committed_through
                        AND (e.until_position IS NULL OR e.until_position > p.committed_through)
                    JOIN tiles t ON t.derivation = e.derivation
                    WHERE p.manifest IS NOT NULL LIMIT 1
                    """
            )
        }
    }
}
