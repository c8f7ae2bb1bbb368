import GRDB

/// An image whose metadata was read: where to look for the ground that it shows.
package struct ValidatedObject: Sendable, Equatable {
    package let id: String
    package let key: String
    package let partition: String
    package let state: String
    /// Of the event that says what the file says of its place.
    package let validatedPosition: Int
}

extension CatalogReader {
    /// Newest versions of keys that were validated, the key that was seen last first.
    ///
    /// - Parameter partition: only those of it; nil for all.
    package func validatedObjects(
        of partition: String? = nil,
        before cursor: Int = .max,
        limit: Int
    ) async throws -> Page<ValidatedObject, Int> {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT k.id, o.id, k.key, k.partition, o.state, o.validated_position
                        FROM keys k CROSS JOIN objects o ON o.id = k.object WHERE k.id < ? ORDER BY k.id DESC
                        """
                ),
                arguments: [cursor]
            )
            return try Page.gather(rows, limit: limit, place: { $0[0] }) { row in
                guard let position: Int = row[5], partition == nil || partition == row[3] else { return nil }
                return ValidatedObject(
                    id: row[1],
                    key: row[2],
                    partition: row[3],
                    state: row[4],
                    validatedPosition: position
                )
            }
        }
    }
}
