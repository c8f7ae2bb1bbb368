import GRDB

extension CatalogReader {
    /// How many events of each type there are, by its name, those that this program does not know among them.
    package func eventCounts() async throws -> [String: Int] {
        try await database.read { database in
            let rows = try Row.fetchAll(
                database.cachedStatement(sql: "SELECT type, sum(events) FROM activity GROUP BY type")
            )
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        }
    }

    /// Objects that something is still to be done for, by the program or by somebody.
    package func openObjects() async throws -> Int {
        try await database.read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM objects WHERE state IN ('observed', 'fetched', 'quarantined')"
            ) ?? 0
        }
    }

    /// Quarantined objects and notices by reason, those that were dismissed left out.
    package func quarantineCounts() async throws -> [String: Int] {
        try await database.read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT ifnull(reason, 'unknown') AS reason, count(*) FROM (
                        SELECT reason FROM objects WHERE state = 'quarantined' AND dismissed_position IS NULL
                        UNION ALL SELECT reason FROM notices WHERE dismissed_position IS NULL)
                    GROUP BY 1
                    """
            )
            return Dictionary(rows.map { ($0[0] as String, $0[1] as Int) }) { first, _ in first }
        }
    }
}
