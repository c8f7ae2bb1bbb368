package import Events
import Foundation
package import GRDB

/// One thing for one stage to do.
package struct WorkItem: Sendable, Equatable {
    package let stage: String
    /// What it is about: an object's, derivation's, commit's or notification's id, or a partition's name.
    package let item: String
    /// The event that asked for it.
    package let position: Int
    /// How often it has failed.
    package let attempts: Int
    /// When it failed first; nil when it has not.
    package let failingSince: Timestamp?
    /// How many agents in a row died while they worked on it.
    package let crashes: Int
    /// The event that told of the last of them.
    package let crashPosition: Int?
    package let notBefore: Timestamp
    /// Why it failed last; nil when it has not.
    package let reason: String?
    package let message: String?
}

/// What a stage has on its list.
package struct WorkCount: Sendable, Equatable {
    package let stage: String
    package let waiting: Int
    /// Those of them that have failed and wait for their next attempt.
    package let failing: Int
    package let oldestPosition: Int
}

/// The work list of the catalog: what the stages take their work from, and nothing else.
package struct WorkList: Sendable {
    private let database: any DatabaseReader

    package init(_ database: any DatabaseReader) {
        self.database = database
    }

    /// The oldest items of a stage that may be tried at `now`, at most `limit`, without those in `excluded`.
    ///
    /// - Parameter last: only items that stand behind this one on the list; nil for all.
    package func due(
        _ stage: String,
        now: Timestamp,
        limit: Int,
        after last: WorkItem? = nil,
        excluding excluded: Set<String>
    ) async throws -> [WorkItem] {
        guard limit > 0 else { return [] }
        return try await database.read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM work WHERE stage = ? AND not_before <= ? AND (position, item) > (?, ?)
                        ORDER BY position, item
                        """
                ),
                arguments: [stage, now.microseconds, last?.position ?? -1, last?.item ?? ""]
            )
            var items: [WorkItem] = []
            while items.count < limit, let row = try rows.next() {
                let item = Self.item(row)
                if !excluded.contains(item.item) { items.append(item) }
            }
            return items
        }
    }

    /// When the next item of a stage that waits for its time may be tried; nil when none waits.
    package func nextDue(_ stage: String, after now: Timestamp) async throws -> Timestamp? {
        try await database.read { database in
            try Int64.fetchOne(
                database.cachedStatement(
                    sql: "SELECT min(not_before) FROM work WHERE stage = ? AND not_before > ? AND not_before > 0"
                ),
                arguments: [stage, now.microseconds]
            ).map { Timestamp(microseconds: $0) }
        }
    }

    /// All stages that have something on their list.
    package func counts() async throws -> [WorkCount] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT stage, count(*) AS waiting, sum(attempts > 0 OR crashes > 0) AS failing, min(position) AS oldest
                    FROM work GROUP BY stage
                    """
            ).map {
                WorkCount(
                    stage: $0["stage"],
                    waiting: $0["waiting"],
                    failing: $0["failing"],
                    oldestPosition: $0["oldest"]
                )
            }
        }
    }

    /// Whether a notification for one of these endpoints can be tried now: for the first time, or because it is due at
    /// `moment`; none while its endpoint is left alone or disabled.
    package func hasNotification(for endpoints: [String], dueAt moment: Timestamp) async throws -> Bool {
        try await database.read { database in
            try endpoints.contains { endpoint in
                try Int.fetchOne(
                    database.cachedStatement(
                        sql: """
                            SELECT 1 FROM work w JOIN notifications n ON n.id = w.item
                            WHERE w.stage = 'notifying' AND n.endpoint = ? AND (w.attempts = 0 OR w.not_before <= ?)
                                AND NOT EXISTS (SELECT 1 FROM pauses WHERE stage = 'notifying ' || n.endpoint)
                                AND NOT EXISTS (
                                    SELECT 1 FROM endpoints e WHERE e.name = n.endpoint AND e.state <> 'enabled')
                            LIMIT 1
                            """
                    ),
                    arguments: [endpoint, moment.microseconds]
                ) != nil
            }
        }
    }

    /// How many objects of a source wait to be fetched; `source` as `s3://BUCKET`.
    package func fetches(from source: String) async throws -> Int {
        try await database.read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT count(*) FROM work w JOIN objects o ON o.id = w.item JOIN keys k ON k.id = o.key_id
                        WHERE w.stage = 'fetching' AND k.source || '://' || k.bucket = ?
                        """
                ),
                arguments: [source]
            ) ?? 0
        }
    }

    /// What the derivations on a stage's list are of, as far as it came from a source; `source` as `s3://BUCKET`.
    package func derivations(_ stage: String, from source: String) async throws -> [Digest] {
        try await database.read { database in
            let contents = try Data.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT d.sha256 FROM work w JOIN derivations d ON d.id = w.item
                        WHERE w.stage = ? AND EXISTS (
                            SELECT 1 FROM objects o JOIN keys k ON k.id = o.key_id
                            WHERE o.wants = d.number AND o.waits = 1 AND k.source || '://' || k.bucket = ?
                            UNION ALL
                            SELECT 1 FROM successors s JOIN objects o ON o.id = s.object JOIN keys k ON k.id = o.key_id
                            WHERE s.derivation = d.number AND s.state <> 'failed' AND k.source || '://' || k.bucket = ?)
                        """
                ),
                arguments: [stage, source, source]
            )
            return contents.compactMap { Digest(bytes: Array($0)) }
        }
    }

    /// How many partitions wait for their next version because images of theirs have no tiles yet.
    package func unfinishedPartitions() async throws -> Int {
        try await database.read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT count(*) FROM work w JOIN partitions p ON p.name = w.item
                        WHERE w.stage = 'versioning' AND p.waiting > 0
                        """
                )
            ) ?? 0
        }
    }

    /// Items that have failed, newest failure last.
    package func failing(limit: Int) async throws -> [WorkItem] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM work WHERE attempts > 0 OR crashes > 0 ORDER BY stage, position LIMIT ?",
                arguments: [limit]
            ).map(Self.item)
        }
    }

    /// An item of a stage; nil when it is not on the list.
    package func item(_ stage: String, _ item: String) async throws -> WorkItem? {
        try await database.read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT * FROM work WHERE stage = ? AND item = ?"),
                arguments: [stage, item]
            ).map(Self.item)
        }
    }

    private static func item(_ row: Row) -> WorkItem {
        WorkItem(
            stage: row["stage"],
            item: row["item"],
            position: row["position"],
            attempts: row["attempts"],
            failingSince: (row["failing_since"] as Int64?).map { Timestamp(microseconds: $0) },
            crashes: row["crashes"],
            crashPosition: row["crash_position"],
            notBefore: Timestamp(microseconds: row["not_before"]),
            reason: row["reason"],
            message: row["message"]
        )
    }
}
