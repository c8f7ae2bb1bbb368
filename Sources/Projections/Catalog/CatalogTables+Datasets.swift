import Events
import Foundation
import GRDB

extension CatalogTables {
    /// Remembers that somebody wants what is in no commit yet to be committed now.
    func requestCommit(_ requested: CommitRequested, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE partitions SET requested_position = ? WHERE name = ? AND changed_position > committed_through",
            [event.position, requested.partition]
        )
    }

    func startCommit(_ started: DatasetCommitStarted, _ event: RecordedEvent) throws {
        try database.run(
            """
            INSERT INTO commits (id, partition, recipe, manifest, previous, files, bytes, added, changed, removed,
                from_position, through_position, remote, tag, git_remote, git_branch, started_position)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """,
            [
                started.commitID, started.partition, Data(started.recipe.bytes), started.manifest, started.previous,
                started.files, started.bytes, started.added, started.changed, started.removed, started.fromPosition,
                started.throughPosition, started.remote, started.tag, started.gitRemote, started.gitBranch,
                event.position,
            ]
        )
        try database.run("UPDATE partitions SET requested_position = NULL WHERE name = ?", [started.partition])
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
        try database.run(
            "UPDATE partitions SET requested_position = NULL WHERE name = ? AND changed_position <= committed_through",
            [committed.partition]
        )
        try endWork("versioning", committed.partition)
        try endPause("versioning")
        let changed = try database.cachedStatement(
            sql: "SELECT changed_position FROM partitions WHERE name = ? AND changed_position > committed_through"
        )
        if try Int.fetchOne(changed, arguments: [committed.partition]) != nil {
            try addWork("versioning", committed.partition, event)
        }
        if try has("remote", committed.commitID) {
            try addWork("pushing", committed.commitID, event)
        } else {
            try wantSharing(of: committed.commitID, event)
        }
    }

    /// Whether a column of a commit has a value.
    private func has(_ column: String, _ commit: String) throws -> Bool {
        let find = try database.cachedStatement(sql: "SELECT 1 FROM commits WHERE id = ? AND \(column) IS NOT NULL")
        return try Int.fetchOne(find, arguments: [commit]) != nil
    }

    /// Others get a pointer by git once they can get what it points at.
    private func wantSharing(of commit: String, _ event: RecordedEvent) throws {
        if try has("git_remote", commit) { try addWork("sharing", commit, event) }
    }

    /// A version goes to another remote than it was made for.
    func requestPush(_ requested: PushRequested, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE commits SET remote = ?, pushed_position = NULL WHERE id = ?",
            [requested.remote, requested.commitID]
        )
        if database.changesCount > 0 { try addWork("pushing", requested.commitID, event) }
    }

    func completePush(_ pushed: DatasetPushed, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE commits SET pushed_position = ? WHERE id = ?",
            [event.position, pushed.commitID]
        )
        try endWork("pushing", pushed.commitID)
        try endPause("pushing")
        guard try !has("shared_position", pushed.commitID) else { return }
        try wantSharing(of: pushed.commitID, event)
    }

    func rebaseCommit(_ rebased: DatasetRebased, _ event: RecordedEvent) throws {
        try database.run(
            "INSERT OR REPLACE INTO former_commits (git_commit, id, position) VALUES (?, ?, ?)",
            [rebased.previousCommit, rebased.commitID, event.position]
        )
        try database.run("UPDATE commits SET git_commit = ? WHERE id = ?", [rebased.gitCommit, rebased.commitID])
    }

    /// A partition that the dataset lacks is to get a version again, as if something of it had changed.
    func loseDataset(_ lost: DatasetLost, _ event: RecordedEvent) throws {
        try touchPartition(lost.partition, event)
    }

    func damage(_ damaged: ArtifactDamaged, _ event: RecordedEvent) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO damages (artifact, place, kind, partition, path, reason, message, position)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                damaged.artifact, damaged.place, damaged.kind, damaged.partition, damaged.path, damaged.reason,
                damaged.message, event.position,
            ]
        )
    }

    /// What was looked at and is right is no damage any more.
    func clearDamage(_ verified: ArtifactVerified) throws {
        try database.run("DELETE FROM damages WHERE artifact = ? AND place = ?", [verified.artifact, verified.place])
    }

    func completeSharing(_ shared: DatasetShared, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE commits SET shared_position = ? WHERE id = ?",
            [event.position, shared.commitID]
        )
        try endWork("sharing", shared.commitID)
        try endPause("sharing")
    }
}
