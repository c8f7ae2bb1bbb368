import GRDB

extension CatalogReader {
    /// Objects of a source that it gave once and that are there as far as is known, those observed last first.
    package func fetched(
        from source: String,
        _ bucket: String,
        but id: String,
        limit: Int
    ) async throws -> [CatalogObject] {
        try await database.read { database in
            try Row.fetchAll(
                // The plus signs have it begin with the objects, from their end, and not with all keys.
                database.cachedStatement(
                    sql: Self.objects + """
                         WHERE +k.source = ? AND +k.bucket = ? AND o.id <> ? AND o.fetched_position NOTNULL
                            AND o.state NOT IN ('superseded', 'removed')
                        ORDER BY o.rowid DESC LIMIT ?
                        """
                ),
                arguments: [source, bucket, id, limit]
            ).map(Self.object)
        }
    }
}
