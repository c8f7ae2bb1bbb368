import Events
import GRDB

extension CatalogTables {
    /// Puts an item on a stage's list, unless it stands there.
    func addWork(_ stage: String, _ item: String, _ event: RecordedEvent) throws {
        try database.run(
            "INSERT INTO work (stage, item, position) VALUES (?, ?, ?) ON CONFLICT (stage, item) DO NOTHING",
            [stage, item, event.position]
        )
    }

    func endWork(_ stage: String, _ item: String) throws {
        try database.run("DELETE FROM work WHERE stage = ? AND item = ?", [stage, item])
    }

    func fail(_ failed: StageFailed, _ event: RecordedEvent) throws {
        if let item = failed.item {
            let died = failed.reason == StageFailed.agentDied
            try database.run(
                """
                UPDATE work SET \(died ? "crashes = ?, crash_position = ?" : "attempts = ?, failing_since = ifnull(failing_since, ?)"),
                    not_before = ?, reason = ?, message = ? WHERE stage = ? AND item = ?
                """,
                [
                    failed.attempt, died ? Int64(event.position) : event.recordedAt.microseconds,
                    failed.nextAttemptAt.microseconds, failed.reason, failed.message, failed.stage, item,
                ]
            )
        } else {
            try database.run(
                "INSERT OR REPLACE INTO pauses (stage, reason, message, position, next_attempt_at) VALUES (?, ?, ?, ?, ?)",
                [failed.stage, failed.reason, failed.message, event.position, failed.nextAttemptAt.microseconds]
            )
        }
    }

    /// A stage that got something done is not paused.
    func endPause(_ stage: String) throws {
        try database.run("DELETE FROM pauses WHERE stage = ?", [stage])
    }

    /// A source that gave an object is not down.
    func endPauseOfSource(ofObject id: String) throws {
        try database.run(
            """
            DELETE FROM pauses WHERE stage = (
                SELECT 'fetching ' || k.source || '://' || k.bucket FROM objects o JOIN keys k ON k.id = o.key_id
                WHERE o.id = ? AND k.source <> 'folder')
            """,
            [id]
        )
    }

    func endPauses() throws {
        try database.run("DELETE FROM pauses", [])
    }
}
