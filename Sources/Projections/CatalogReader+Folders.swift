import GRDB

/// The newest version of a key, in as little as a sweep needs.
package struct KnownVersion: Sendable, Equatable {
    /// The key's number, counted from 1 over all sources.
    package let number: Int
    /// The object's id.
    package let id: String
    package let state: String
    package let observedPosition: Int
    /// Why it is in quarantine.
    package let reason: String?
}

extension CatalogReader {
    /// The newest known versions of keys, in their order and nil for those that are not known, read in one go.
    package func newestVersions(source: String, bucket: String, keys: [String]) async throws -> [KnownVersion?] {
        guard !keys.isEmpty else { return [] }
        return try await database.read { database in
            let find = try database.cachedStatement(
                sql: """
                    SELECT k.id, o.id, o.state, o.observed_position, o.reason FROM keys k JOIN objects o ON o.id = k.object
                    WHERE k.source = ? AND k.bucket = ? AND k.key = ?
                    """
            )
            return try keys.map { key in
                try Row.fetchOne(find, arguments: [source, bucket, key]).map { row in
                    KnownVersion(number: row[0], id: row[1], state: row[2], observedPosition: row[3], reason: row[4])
                }
            }
        }
    }

    /// The known keys of a source after `key` that a sweep has not met, in the order of their UTF-8 bytes.
    ///
    /// - Parameters:
    ///   - isMet: whether the sweep has met the key of this number.
    ///   - limit: how many keys are gone through.
    /// - Returns: the keys, and the last one that was gone through; nil when there are no more.
    package func keys(
        source: String,
        bucket: String,
        afterKey key: String,
        limit: Int,
        unless isMet: @escaping @Sendable (Int) -> Bool
    ) async throws -> (unmet: [String], last: String?) {
        try await database.read { database in
            // The index of the keys alone answers it.
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT id, key FROM keys WHERE source = ? AND bucket = ? AND key > ? ORDER BY key LIMIT ?"
                ),
                arguments: [source, bucket, key, limit]
            )
            var (unmet, last, count): ([String], String?, Int) = ([], nil, 0)
            while let row = try rows.next() {
                count += 1
                let isLast = count == limit
                if !isMet(row[0]) { unmet.append(row[1]) }
                if isLast { last = row[1] }
            }
            return (unmet, last)
        }
    }
}
