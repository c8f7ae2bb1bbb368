import GRDB

/// A dataset with its newest version.
package struct ListedDataset: Sendable, Equatable {
    package let name: String
    package let source: String
    package let bucket: String
    /// Versions that are in git.
    package let versions: Int
    /// The newest of them.
    package let newest: CatalogCommit?
    /// Whether it holds changes that are in no version yet.
    package let hasUncommitted: Bool
}

extension CatalogReader {
    /// Datasets after a name, in the order of their names.
    package func datasets(after name: String = "", limit: Int) async throws -> Page<ListedDataset, String> {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(sql: Self.datasetsQuery + " WHERE p.name > ? ORDER BY p.name"),
                arguments: [name]
            )
            return try Page.gather(rows, limit: limit, place: { $0["name"] }) { try Self.dataset($0, database) }
        }
    }

    package func dataset(_ name: String) async throws -> ListedDataset? {
        try await database.read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: Self.datasetsQuery + " WHERE p.name = ?"),
                arguments: [name]
            ).map { try Self.dataset($0, database) }
        }
    }

    /// The versions of a dataset, newest first, those on their way into git as well.
    ///
    /// - Parameter cursor: the position of the event that began the version that the last part ended with.
    package func versions(
        ofDataset name: String,
        before cursor: Int = .max,
        limit: Int
    ) async throws -> Page<CatalogCommit, Int> {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql:
                        "SELECT * FROM commits WHERE partition = ? AND started_position < ? ORDER BY started_position DESC"
                ),
                arguments: [name, cursor]
            )
            return try Page.gather(rows, limit: limit, place: { $0["started_position"] }, read: Self.commit)
        }
    }

    private static let datasetsQuery = """
        SELECT p.name, p.source, p.bucket, p.changed_position > p.committed_through AS uncommitted,
            (SELECT count(*) FROM commits c WHERE c.partition = p.name AND c.committed_position IS NOT NULL) AS versions
        FROM partitions p
        """

    private static func dataset(_ row: Row, _ database: Database) throws -> ListedDataset {
        let name: String = row["name"]
        let newest = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT * FROM commits WHERE partition = ? AND committed_position IS NOT NULL
                    ORDER BY started_position DESC LIMIT 1
                    """
            ),
            arguments: [name]
        )
        return ListedDataset(
            name: name,
            source: row["source"],
            bucket: row["bucket"],
            versions: row["versions"],
            newest: newest.flatMap(commit),
            hasUncommitted: row["uncommitted"]
        )
    }
}
