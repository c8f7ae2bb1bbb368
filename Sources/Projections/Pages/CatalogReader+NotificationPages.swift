import GRDB

extension CatalogReader {
    /// Notifications, newest first.
    ///
    /// - Parameter position: of the event that queued the one that the last part ended with.
    package func notifications(
        endpoint: String? = nil,
        state: String? = nil,
        before position: Int,
        limit: Int
    ) async throws -> Page<CatalogNotification, Int> {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT * FROM notifications WHERE queued_position < ? ORDER BY queued_position DESC"
                ),
                arguments: [position]
            )
            return try Page.gather(rows, limit: limit, place: { $0["queued_position"] }) { row in
                guard endpoint == nil || endpoint == row["endpoint"], state == nil || state == row["state"] else {
                    return nil
                }
                return Self.notification(row)
            }
        }
    }
}
