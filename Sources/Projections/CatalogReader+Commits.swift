import GRDB

extension CatalogReader {
    package var work: WorkList { WorkList(database) }

    /// Tiles that a partition got since a position and still holds.
    package func newTiles(of partition: String, since position: Int) async throws -> Int {
        try await database.read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    // From the few entries that are new, not from all keys of the partition.
                    sql: """
                        SELECT ifnull(sum(d.tiles), 0) FROM entries e INDEXED BY entries_by_beginning
                        CROSS JOIN keys k ON k.id = e.key_id JOIN derivations d ON d.number = e.derivation
                        WHERE e.from_position > ? AND e.until_position IS NULL AND k.partition = ?
                        """
                ),
                arguments: [position, partition]
            ) ?? 0
        }
    }

    /// The derivations that stand in a partition, in no commit yet, and were made before they came there; but those of a
    /// cut-over, which has looked for their files.
    package func linkedEntries(of partition: String) async throws -> [(number: Int, id: String)] {
        try await database.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    // From the few entries that are new, not from all keys of the partition.
                    sql: """
                        SELECT DISTINCT d.number, d.id FROM partitions p
                        CROSS JOIN entries e INDEXED BY entries_by_beginning ON e.from_position > p.committed_through
                        JOIN keys k ON k.id = e.key_id JOIN derivations d ON d.number = e.derivation
                        WHERE p.name = ? AND k.partition = p.name AND e.until_position IS NULL
                        AND d.completed_position < e.from_position AND NOT EXISTS (
                            SELECT 1 FROM generations WHERE state = 'cut-over' AND ended_position = e.from_position)
                        ORDER BY d.number
                        """
                ),
                arguments: [partition]
            ).map { ($0[0], $0[1]) }
        }
    }

    /// The derivations that stand in a partition as of a position.
    package func derivations(in partition: String, at position: Int = .max) async throws -> [(number: Int, id: String)]
    {
        try await database.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT DISTINCT d.number, d.id FROM keys k JOIN entries e ON e.key_id = k.id
                        JOIN derivations d ON d.number = e.derivation
                        WHERE k.partition = :partition AND e.from_position <= :position
                        AND (e.until_position IS NULL OR e.until_position > :position) ORDER BY d.number
                        """
                ),
                arguments: ["partition": partition, "position": position]
            ).map { ($0[0], $0[1]) }
        }
    }

    /// Whether a version is to hold tiles that are lost.
    package func lacksTiles(_ commit: CatalogCommit) async throws -> Bool {
        try await database.read { database in
            try Int.fetchOne(
                database,
                // From the few derivations that are lost, not from all keys of the partition.
                sql: """
                    SELECT 1 FROM derivations d CROSS JOIN entries e INDEXED BY entries_by_derivation
                        ON e.derivation = d.number
                    JOIN keys k ON k.id = e.key_id
                    WHERE d.lost_position NOTNULL AND k.partition = :partition AND e.from_position <= :position
                    AND (e.until_position IS NULL OR e.until_position > :position) LIMIT 1
                    """,
                arguments: ["partition": commit.partition, "position": commit.throughPosition]
            ) != nil
        }
    }

    /// The objects of a partition that a derivation stands for, oldest first.
    package func holders(ofDerivation number: Int, in partition: String) async throws -> [CatalogObject] {
        try await database.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: Self.objects + """
                         JOIN entries e ON e.key_id = k.id AND e.object = o.id AND e.until_position IS NULL
                        WHERE e.derivation = ? AND k.partition = ? ORDER BY o.observed_position
                        """
                ),
                arguments: [number, partition]
            ).map(Self.object)
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

    /// The newest versions of those partitions of which nothing has changed since, oldest first.
    package func currentVersions() async throws -> [CatalogCommit] {
        try await commits(
            """
            id IN (
                SELECT (
                    SELECT id FROM commits c WHERE c.partition = p.name AND c.committed_position IS NOT NULL
                    ORDER BY c.started_position DESC LIMIT 1)
                FROM partitions p WHERE p.manifest IS NOT NULL AND p.changed_position <= p.committed_through)
            """,
            []
        )
    }

    /// Whether a version is on its way that nobody needs to ask for any more.
    package func isCommitUnderWay() async throws -> Bool {
        try await database.read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT 1 WHERE EXISTS (
                        SELECT 1 FROM commits c WHERE committed_position IS NULL AND NOT EXISTS (
                            SELECT 1 FROM commits WHERE partition = c.partition AND started_position > c.started_position))
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
