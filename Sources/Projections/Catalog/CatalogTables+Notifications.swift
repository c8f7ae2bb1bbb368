import Events
import Foundation
import GRDB

extension CatalogTables {
    func adoptEndpoint(_ adopted: EndpointAdopted, _ event: RecordedEvent) throws {
        try database.run(
            """
            INSERT INTO endpoints (name, place, kinds, partitions, state, position) VALUES (?, ?, ?, ?, 'enabled', ?)
            ON CONFLICT (name) DO UPDATE SET place = excluded.place, kinds = excluded.kinds,
                partitions = excluded.partitions, state = 'enabled', position = excluded.position
            """,
            [
                adopted.name, adopted.place, adopted.kinds.joined(separator: "\n"),
                adopted.partitions.joined(separator: "\n"), event.position,
            ]
        )
        // It is another than before: what failed there is tried now, not when its schedule says.
        try database.run(
            """
            UPDATE work SET not_before = 0 WHERE stage = 'notifying' AND not_before > 0
                AND item IN (SELECT id FROM notifications WHERE endpoint = ?)
            """,
            [adopted.name]
        )
    }

    func disableEndpoint(_ disabled: EndpointDisabled, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE endpoints SET state = ?, position = ? WHERE name = ?",
            [disabled.reason, event.position, disabled.name]
        )
        try database.run(
            "DELETE FROM work WHERE stage = 'announcing' AND substr(item, instr(item, ' ') + 1) = ?",
            [disabled.name]
        )
    }

    /// Asks for an event to be told to every endpoint that wants its kind and partition.
    ///
    /// Whether it is follows from the log alone: what an endpoint is not told of when it happens, no rebuild tells it of.
    func announce(_ kind: NotificationKind, partition: String?, _ event: RecordedEvent) throws {
        let find = try database.cachedStatement(
            sql: "SELECT name, kinds, partitions FROM endpoints WHERE state = 'enabled' ORDER BY name"
        )
        for row in try Row.fetchAll(find) where EndpointFilter(row).takes(kind, partition: partition) {
            try addWork("announcing", "\(event.position) \(row["name"] as String)", event)
        }
    }

    /// The partition of an object's key.
    func partition(ofObject id: String) throws -> String? {
        let find = try database.cachedStatement(
            sql: "SELECT k.partition FROM objects o JOIN keys k ON k.id = o.key_id WHERE o.id = ?"
        )
        return try String.fetchOne(find, arguments: [id])
    }

    func queue(_ queued: NotificationQueued, _ event: RecordedEvent) throws {
        if let cause = event.causation { try endWork("announcing", "\(cause) \(queued.endpoint)") }
        try database.run(
            """
            INSERT INTO notifications (id, endpoint, sequence, kind, subject, partition, body, state, attempts,
                queued_position, queued_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """,
            [
                queued.id, queued.endpoint, queued.sequence, queued.kind, queued.subject, queued.partition, queued.body,
                event.position, event.recordedAt.microseconds,
            ]
        )
        guard database.changesCount > 0 else { return }
        try database.run(
            "UPDATE endpoints SET last_sequence = max(last_sequence, ?) WHERE name = ?",
            [queued.sequence ?? 0, queued.endpoint]
        )
        try offerNext(after: queued.id)
    }

    /// Puts the oldest notification that waits beside this one on the list: those of one partition go to an endpoint one
    /// after the other, in their order, and hold up no others.
    private func offerNext(after id: String) throws {
        let find = try database.cachedStatement(sql: "SELECT endpoint, partition FROM notifications WHERE id = ?")
        guard let row = try Row.fetchOne(find, arguments: [id]) else { return }
        let (endpoint, partition): (String, String?) = (row[0], row[1])
        guard let partition else { return try offer(id) }
        let offered = try database.cachedStatement(
            sql: "SELECT 1 FROM notifications WHERE endpoint = ? AND partition = ? AND is_offered = 1"
        )
        guard try Int.fetchOne(offered, arguments: [endpoint, partition]) == nil else { return }
        let next = try database.cachedStatement(
            sql: """
                SELECT id FROM notifications WHERE endpoint = ? AND partition = ? AND state = 'queued'
                ORDER BY queued_position LIMIT 1
                """
        )
        if let next = try String.fetchOne(next, arguments: [endpoint, partition]) { try offer(next) }
    }

    /// Puts a notification on the list, if it waits.
    private func offer(_ id: String) throws {
        try database.run("UPDATE notifications SET is_offered = 1 WHERE id = ? AND state = 'queued'", [id])
        guard database.changesCount > 0 else { return }
        try database.run(
            """
            INSERT INTO work (stage, item, position) SELECT 'notifying', id, queued_position FROM notifications WHERE id = ?
            ON CONFLICT (stage, item) DO NOTHING
            """,
            [id]
        )
    }

    func attempt(_ attempted: NotificationAttempted, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE notifications SET attempts = ?, status = ?, error = ?, answer = ?, attempted_at = ? WHERE id = ?",
            [
                attempted.attempt, attempted.status, attempted.error, attempted.answer, event.recordedAt.microseconds,
                StreamName.id(of: event.stream),
            ]
        )
    }

    func endNotification(_ state: String, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try database.run(
            "UPDATE notifications SET state = ?, ended_position = ?, is_offered = 0 WHERE id = ?",
            [state, event.position, id]
        )
        try endWork("notifying", id)
        try endPause("notifying")
        try offerNext(after: id)
    }

    /// Puts a notification that has ended back on the list.
    func redeliver(_ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try database.run(
            "UPDATE notifications SET state = 'queued', ended_position = NULL WHERE id = ? AND state <> 'queued'",
            [id]
        )
        if database.changesCount > 0 { try offerNext(after: id) }
    }
}
