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
        try database.run(
            """
            INSERT INTO work (stage, item, position)
            SELECT 'notifying', n.id, n.queued_position FROM notifications n
            JOIN notifications ended ON ended.id = ? AND n.endpoint = ended.endpoint AND n.partition IS ended.partition
            WHERE n.state = 'queued' AND (n.partition IS NOT NULL OR n.id = ended.id)
                AND NOT EXISTS (
                    SELECT 1 FROM work w JOIN notifications o ON o.id = w.item
                    WHERE w.stage = 'notifying' AND o.endpoint = n.endpoint AND o.partition = n.partition)
            ORDER BY n.queued_position LIMIT 1
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
            "UPDATE notifications SET state = ?, ended_position = ? WHERE id = ?",
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
