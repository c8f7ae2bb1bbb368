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
        let fetched = isKept ? content : nil
        try database.run(
            """
            UPDATE objects SET state = ?, waits = ?, reason = NULL, message = NULL, failed_stage = NULL,
                dismissed_position = NULL, ended_position = NULL, ended_at = NULL
            WHERE id = ?
            """,
            [fetched == nil ? "observed" : "fetched", fetched == nil ? 0 : 1, id]
        )
        guard let fetched else { return try addWork("fetching", id, event) }
        try want(content: fetched, object: id, event)
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
