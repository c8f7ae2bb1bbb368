import Events
import Foundation
import GRDB

extension CatalogTables {
    /// Puts a quarantined object back on the list: to be cut where its bytes are kept and were not what was wrong, else to
    /// be fetched.
    ///
    /// Only a key's newest version can be wanted again. What is not in quarantine stays as it is.
    func release(_ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        let find = try database.cachedStatement(
            sql: """
                SELECT o.sha256, o.failed_stage, o.reason FROM objects o JOIN keys k ON k.object = o.id
                WHERE o.id = ? AND o.state = 'quarantined'
                """
        )
        guard let row = try Row.fetchOne(find, arguments: [id]) else { return }
        let content = (row["sha256"] as Data?).flatMap { Digest(bytes: Array($0)) }
        let isKept = row["failed_stage"] == "tiling" && row["reason"] != "original-damaged"
        try leaveQuarantine(id)
        if isKept, let content { return try derive(content, of: id, event) }
        try database.run("UPDATE objects SET state = 'observed', waits = 0 WHERE id = ?", [id])
        try addWork("fetching", id, event)
    }

    /// Takes away what a quarantine left in an object's row: it has come to an end, whoever ended it.
    func leaveQuarantine(_ object: String) throws {
        try database.run(
            """
            UPDATE objects SET state = 'fetched', reason = NULL, message = NULL, failed_stage = NULL,
                dismissed_position = NULL, ended_position = NULL, ended_at = NULL
            WHERE id = ? AND state = 'quarantined'
            """,
            [object]
        )
    }

    func dismiss(_ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        if event.stream == StreamName.notice(id).text {
            try database.run("UPDATE notices SET dismissed_position = ? WHERE id = ?", [event.position, id])
        } else {
            try database.run(
                "UPDATE objects SET dismissed_position = ? WHERE id = ? AND state = 'quarantined'",
                [event.position, id]
            )
        }
    }
}
