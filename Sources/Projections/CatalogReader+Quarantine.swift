package import Events
import GRDB

/// An object in quarantine, or a notice that could not be read.
package struct QuarantinedObject: Sendable, Equatable {
    package let id: String
    /// Empty for a notice.
    package let source: String
    package let bucket: String
    package let key: String
    package let reason: String
    package let message: String
    /// The stage that gave up; empty for a notice.
    package let stage: String
    /// Of the event that says so.
    package let position: Int
    package let isNotice: Bool
    /// Whether a newer version of the key is known.
    package let isOutdated: Bool
    package let isDismissed: Bool

    /// Whether it can be tried again: a notice names no object, and an outdated version is not wanted any more.
    package var isReleasable: Bool { !isNotice && !isOutdated }
}

extension CatalogReader {
    /// Quarantined objects and notices, newest first.
    ///
    /// - Parameters:
    ///   - position: only those that were quarantined after it.
    ///   - end: only those that were quarantined before it.
    ///   - reason: only those under this code; nil for all.
    ///   - dismissed: those that were dismissed, in place of the others.
    package func quarantined(
        since position: Int = 0,
        before end: Int = .max,
        reason: String? = nil,
        dismissed: Bool = false,
        limit: Int
    ) async throws -> [QuarantinedObject] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM (\(Self.quarantineQuery))
                    WHERE position > ? AND position < ? AND (? IS NULL OR reason = ?) AND is_dismissed = ?
                    ORDER BY position DESC, id LIMIT ?
                    """,
                arguments: [position, end, reason, reason, dismissed, limit]
            ).map(Self.quarantined)
        }
    }

    /// The quarantined object or notice of this id, dismissed or not; nil when there is none.
    package func quarantined(_ id: String) async throws -> QuarantinedObject? {
        try await database.read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT * FROM (\(Self.quarantineQuery)) WHERE id = ?",
                arguments: [id]
            ).map(Self.quarantined)
        }
    }

    /// The partition that an object belongs to; nil when it is not known.
    package func partition(ofObject id: String) async throws -> String? {
        try await database.read { try CatalogTables($0).partition(ofObject: id) }
    }

    private static let quarantineQuery = """
        SELECT o.id, k.source, k.bucket, k.key, o.reason, o.message, ifnull(o.failed_stage, '') AS stage,
            o.ended_position AS position, 0 AS is_notice, k.object <> o.id AS is_outdated,
            o.dismissed_position IS NOT NULL AS is_dismissed
        FROM objects o JOIN keys k ON k.id = o.key_id WHERE o.state = 'quarantined'
        UNION ALL
        SELECT id, '', '', 'notice/' || id, reason, message, '', position, 1, 0, dismissed_position IS NOT NULL
        FROM notices
        """

    private static func quarantined(_ row: Row) -> QuarantinedObject {
        QuarantinedObject(
            id: row["id"],
            source: row["source"],
            bucket: row["bucket"],
            key: row["key"],
            reason: row["reason"] ?? "",
            message: row["message"] ?? "",
            stage: row["stage"],
            position: row["position"],
            isNotice: row["is_notice"],
            isOutdated: row["is_outdated"],
            isDismissed: row["is_dismissed"]
        )
    }
}

extension QuarantinedObject {
    /// For `--json` output and the API.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("id", id)
            $0.set("kind", isNotice ? "notice" : "object")
            if !isNotice {
                $0.set("source", source)
                $0.set("bucket", bucket)
                $0.set("key", key)
                $0.set("stage", stage)
            }
            $0.set("reason", reason)
            $0.set("message", message)
            $0.set("position", position)
            $0.set("dismissed", isDismissed)
            $0.set("outdated", isOutdated)
        }
    }

    /// The stream that tells of it.
    package var stream: StreamName { isNotice ? .notice(id) : .object(id) }
}
