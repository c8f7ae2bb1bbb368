import GRDB

extension CatalogReader {
    package var work: WorkList { WorkList(database) }

    /// Tiles that a partition got since a position and still holds.
    package func newTiles(of partition: String, since position: Int) async throws -> Int {
        try await database.read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT ifnull(sum(d.tiles), 0) FROM entries e JOIN keys k ON k.id = e.key_id
                        JOIN derivations d ON d.number = e.derivation
                        WHERE e.from_position > ? AND e.until_position IS NULL AND k.partition = ?
                        """
                ),
                arguments: [position, partition]
            ) ?? 0
        }
    }

    /// The partitions that hold what is in no commit, in the order of their names.
    package func uncommittedPartitions() async throws -> [String] {
        try await database.read { database in
            try String.fetchAll(
                database,
                sql: "SELECT name FROM partitions WHERE changed_position > committed_through ORDER BY name"
            )
        }
    }

    /// Whether a version is on its way that nobody needs to ask for any more.
    package func isCommitUnderWay() async throws -> Bool {
        try await database.read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT 1 WHERE EXISTS (SELECT 1 FROM commits WHERE committed_position IS NULL)
                    OR EXISTS (SELECT 1 FROM partitions WHERE requested_position IS NOT NULL)
                    """
            ) != nil
        }
    }

    /// The number of a version among those of its partition, counted from 1: of one whose intent is at `position`, or of
    /// the one to come.
    package func number(of partition: String, startedAt position: Int = .max) async throws -> Int {
        try await database.read { database in
            let before = try Int.fetchOne(
                database.cachedStatement(
                    sql: "SELECT count(*) FROM commits WHERE partition = ? AND started_position < ?"
                ),
                arguments: [partition, position]
            )
            return (before ?? 0) + 1
        }
    }
}
