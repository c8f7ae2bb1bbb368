import Events
import Foundation
import GRDB

extension CatalogTables {
    func startCommit(_ started: DatasetCommitStarted, _ event: RecordedEvent) throws {
        try database.run(
            """
            INSERT INTO commits (id, partition, recipe, manifest, previous, files, bytes, added, changed, removed,
                from_position, through_position, remote, started_position)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """,
            [
                started.commitID, started.partition, Data(started.recipe.bytes), started.manifest, started.previous,
                started.files, started.bytes, started.added, started.changed, started.removed, started.fromPosition,
                started.throughPosition, started.remote, event.position,
            ]
        )
    }

    func completeCommit(_ committed: DatasetCommitted, _ event: RecordedEvent) throws {
        try database.run(
            """
            UPDATE commits SET git_commit = ?, log_size = ?, log_root = ?, committed_position = ? WHERE id = ?
            """,
            [
                committed.gitCommit, committed.logSize, Data(committed.logRoot.bytes), event.position,
                committed.commitID,
            ]
        )
        try database.run(
            """
            UPDATE partitions SET manifest = ?,
                committed_through = ifnull((SELECT through_position FROM commits WHERE id = ?), committed_through)
            WHERE name = ?
            """,
            [committed.manifest, committed.commitID, committed.partition]
        )
        try endWork("versioning", committed.partition)
        try endPause("versioning")
        let changed = try database.cachedStatement(
            sql: "SELECT changed_position FROM partitions WHERE name = ? AND changed_position > committed_through"
        )
        if try Int.fetchOne(changed, arguments: [committed.partition]) != nil {
            try addWork("versioning", committed.partition, event)
        }
        let remote = try database.cachedStatement(sql: "SELECT 1 FROM commits WHERE id = ? AND remote IS NOT NULL")
        if try Int.fetchOne(remote, arguments: [committed.commitID]) != nil {
            try addWork("pushing", committed.commitID, event)
        }
    }

    func completePush(_ pushed: DatasetPushed, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE commits SET pushed_position = ? WHERE id = ?",
            [event.position, pushed.commitID]
        )
        try endWork("pushing", pushed.commitID)
        try endPause("pushing")
    }
}
