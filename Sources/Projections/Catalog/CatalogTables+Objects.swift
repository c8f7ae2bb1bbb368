import Events
import Foundation
import GRDB

extension CatalogTables {
    func observe(_ observed: ObjectObserved, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        let key = try key(of: observed, object: id)
        if observed.isLate, try hasNewest(key: key, otherThan: id) {
            return try insert(observed, id, key: key, state: "superseded", event)
        }
        if try noteRepeated(observed, id, key: key, event) { return }
        try supersedeUnfinished(key: key, but: id, event)
        try database.run("UPDATE keys SET object = ? WHERE id = ?", [id, key])
        try insert(observed, id, key: key, state: "observed", event)
        try addWork("fetching", id, event)
    }

    /// Writes the row of a version; one that is known is as if it had come now, unless it comes too late.
    private func insert(
        _ observed: ObjectObserved,
        _ id: String,
        key: Int,
        state: String,
        _ event: RecordedEvent
    ) throws {
        let known =
            state == "superseded"
            ? "NOTHING"
            : """
            UPDATE SET state = excluded.state, waits = 0, modified_at = excluded.modified_at, etag = excluded.etag,
                version_id = excluded.version_id, sequencer = excluded.sequencer, announced_by = excluded.announced_by,
                observed_position = excluded.observed_position, observed_at = excluded.observed_at, reason = NULL,
                message = NULL, failed_stage = NULL, dismissed_position = NULL, ended_position = NULL, ended_at = NULL, removed_at = NULL, removed_sequencer = NULL
            """
        let ended = state == "superseded"
        try database.run(
            """
            INSERT INTO objects (id, key_id, version, size, modified_at, etag, version_id, sequencer, announced_by, state,
                observed_position, observed_at, ended_position, ended_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO \(known)
            """,
            [
                id, key, observed.version, observed.size, observed.modifiedAt?.microseconds, observed.etag,
                observed.versionID, observed.sequencer, observed.announcedBy, state, event.position,
                event.recordedAt.microseconds, ended ? event.position : nil,
                ended ? event.recordedAt.microseconds : nil,
            ]
        )
    }

    /// Whether a key's newest version is known, and another than this.
    private func hasNewest(key: Int, otherThan id: String) throws -> Bool {
        let find = try database.cachedStatement(
            sql: "SELECT 1 FROM keys k JOIN objects o ON o.id = k.object WHERE k.id = ? AND k.object <> ?"
        )
        return try Int.fetchOne(find, arguments: [key, id]) != nil
    }

    func remove(_ removed: ObjectRemoved, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        // Tiles that are kept follow the recipe as all others do.
        let keeps = try removed.onRemove == "keep" && holdsEntry(id)
        try setEnded(id, state: "removed", stillWaits: keeps, event)
        try database.run(
            "UPDATE objects SET removed_at = ?, removed_sequencer = ? WHERE id = ?",
            [removed.removedAt?.microseconds, removed.sequencer, id]
        )
        try endWork("fetching", id)
        try endUnwantedTiling(ofObject: id)
        if !keeps { try dropSuccessor(ofObject: id) }
        guard removed.onRemove == "withdraw", let key = try key(ofNewest: id) else { return }
        // An older version may still stand for the key, because this one was never derived.
        let holders = try database.cachedStatement(
            sql: "SELECT object FROM entries WHERE key_id = ? AND until_position IS NULL AND object <> ?"
        )
        if let holder = try String.fetchOne(holders, arguments: [key, id]) {
            try setEnded(holder, state: "removed", event)
            try endWork("fetching", holder)
            try endUnwantedTiling(ofObject: holder)
            try dropSuccessor(ofObject: holder)
        }
        try closeEntry(key: key, event)
    }

    func fetch(_ fetched: ObjectFetched, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try endWork("fetching", id)
        try endPause("fetching")
        try endPauseOfSource(ofObject: id)
        try database.run(
            """
            UPDATE objects SET state = 'fetched', waits = 1, sha256 = ?, fetched_position = ?
            WHERE id = ? AND state NOT IN ('superseded', 'removed')
            """,
            [Data(fetched.sha256.bytes), event.position, id]
        )
        guard database.changesCount > 0 else { return }
        try want(content: fetched.sha256, object: id, event)
    }

    func validate(_ event: RecordedEvent) throws {
        try database.run(
            "UPDATE objects SET validated_position = ? WHERE id = ?",
            [event.position, StreamName.id(of: event.stream)]
        )
    }

    func quarantine(_ quarantined: ObjectQuarantined, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        guard event.stream != StreamName.notice(id).text else {
            return try keepNotice(quarantined, id, event)
        }
        try database.run(
            """
            UPDATE objects SET state = 'quarantined', waits = 0, reason = ?, message = ?, failed_stage = ?,
                dismissed_position = NULL, ended_position = ?, ended_at = ?
            WHERE id = ? AND state NOT IN ('superseded', 'removed')
            """,
            [
                quarantined.reason, quarantined.message, quarantined.stage, event.position,
                event.recordedAt.microseconds, id,
            ]
        )
        try database.run("UPDATE objects SET waits = 0 WHERE id = ?", [id])
        try withdrawOldTiles(of: id, event)
        try endWork("fetching", id)
        try endUnwantedTiling(ofObject: id)
    }

    private func keepNotice(_ quarantined: ObjectQuarantined, _ id: String, _ event: RecordedEvent) throws {
        try database.run(
            """
            INSERT INTO notices (id, reason, message, raw, position) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            [id, quarantined.reason, quarantined.message, quarantined.raw, event.position]
        )
    }

    /// The row of the observed key, made with its place in the dataset when it is new.
    private func key(of observed: ObjectObserved, object: String) throws -> Int {
        let find = try database.cachedStatement(sql: "SELECT id FROM keys WHERE source = ? AND bucket = ? AND key = ?")
        if let known = try Int.fetchOne(find, arguments: [observed.source, observed.bucket, observed.key]) {
            return known
        }
        let template = try String.fetchOne(database.cachedStatement(sql: "SELECT template FROM partitioning"))
        let place = DatasetPlace(
            bucket: observed.bucket,
            key: observed.key,
            template: template.flatMap(PartitionTemplate.init) ?? .standard
        )
        let partition = try partition(for: place, source: observed.source, bucket: observed.bucket)
        try database.run(
            "INSERT INTO keys (source, bucket, key, partition, path, object) VALUES (?, ?, ?, ?, ?, ?)",
            [
                observed.source, observed.bucket, observed.key, partition,
                try path(place.path, clearOfTilesIn: partition), object,
            ]
        )
        return Int(database.lastInsertedRowID)
    }

    /// The partition's name; where another source has it, the name gets a suffix that says whose it is.
    private func partition(for place: DatasetPlace, source: String, bucket: String) throws -> String {
        let find = try database.cachedStatement(
            sql: "SELECT name FROM partitions WHERE source = ? AND bucket = ? AND component = ?"
        )
        if let known = try String.fetchOne(find, arguments: [source, bucket, place.component]) { return known }
        let taken = try database.cachedStatement(sql: "SELECT 1 FROM partitions WHERE name = ?")
        let suffix = hex(Digest(of: "\(source)\0\(bucket)\0\(place.component)".utf8).bytes)
        var name = place.partition
        // Somebody may have named a folder as the suffix would: then it gets longer.
        for digits in stride(from: 8, through: suffix.count, by: 8)
        where try Int.fetchOne(taken, arguments: [name]) != nil {
            name = "\(place.partition)-\(suffix.prefix(digits))"
        }
        try database.run(
            """
            INSERT INTO partitions (name, source, bucket, component, changed_position, committed_through)
            VALUES (?, ?, ?, ?, 0, 0)
            """,
            [name, source, bucket, place.component]
        )
        return name
    }

    /// An older version that is not in the dataset yet never will be, and one in quarantine needs nobody's care any
    /// more: the newest is what counts.
    ///
    /// One that is in the dataset, and on its way to the next recipe, goes on: the newest may turn out to be corrupt.
    private func supersedeUnfinished(key: Int, but id: String, _ event: RecordedEvent) throws {
        let find = try database.cachedStatement(
            sql: """
                SELECT id FROM objects WHERE key_id = ? AND id <> ? AND state IN ('observed', 'fetched', 'quarantined')
                AND NOT EXISTS (
                    SELECT 1 FROM entries e
                    WHERE e.key_id = objects.key_id AND e.object = objects.id AND e.until_position IS NULL)
                """
        )
        for older in try String.fetchAll(find, arguments: [key, id]) { try supersede(older, event) }
    }

    func supersede(_ object: String, _ event: RecordedEvent) throws {
        try setEnded(object, state: "superseded", event)
        try endWork("fetching", object)
        try endUnwantedTiling(ofObject: object)
        try dropSuccessor(ofObject: object)
    }

    private func setEnded(
        _ object: String,
        state: String,
        stillWaits: Bool = false,
        _ event: RecordedEvent
    ) throws {
        try database.run(
            "UPDATE objects SET state = ?, waits = waits AND ?, ended_position = ?, ended_at = ? WHERE id = ?",
            [state, stillWaits, event.position, event.recordedAt.microseconds, object]
        )
    }

    /// Whether the object's tiles are in the dataset.
    private func holdsEntry(_ object: String) throws -> Bool {
        let find = try database.cachedStatement(
            sql: """
                SELECT 1 FROM objects o JOIN entries e ON e.key_id = o.key_id AND e.object = o.id
                WHERE o.id = ? AND e.until_position IS NULL
                """
        )
        return try Int.fetchOne(find, arguments: [object]) != nil
    }

    /// Takes out the tiles of an object that can't be cut under the adopted recipe, as no version mixes two; or those that are
    /// lost.
    private func withdrawOldTiles(of object: String, _ event: RecordedEvent) throws {
        let find = try database.cachedStatement(
            sql: """
                SELECT o.key_id FROM objects o
                JOIN entries e ON e.key_id = o.key_id AND e.object = o.id AND e.until_position IS NULL
                JOIN derivations held ON held.number = e.derivation JOIN derivations wanted ON wanted.number = o.wants
                WHERE o.id = ? AND (held.recipe <> wanted.recipe OR held.lost_position NOTNULL)
                """
        )
        if let key = try Int.fetchOne(find, arguments: [object]) { try closeEntry(key: key, event) }
    }

    func noteRevision(_ event: RecordedEvent) throws {
        guard event.stream.hasPrefix("object/") else { return }
        try database.run(
            "UPDATE objects SET revision = ? WHERE id = ?",
            [event.revision, StreamName.id(of: event.stream)]
        )
    }

    /// The key that this is the newest version of: word of an older one that is gone can come late.
    private func key(ofNewest object: String) throws -> Int? {
        let find = try database.cachedStatement(
            sql: "SELECT k.id FROM objects o JOIN keys k ON k.id = o.key_id WHERE o.id = ? AND k.object = o.id"
        )
        return try Int.fetchOne(find, arguments: [object])
    }

    /// What no object waits for any more is not tiled.
    func endUnwantedTiling(ofObject object: String) throws {
        let find = try database.cachedStatement(sql: "SELECT wants FROM objects WHERE id = ? AND wants IS NOT NULL")
        if let derivation = try Int.fetchOne(find, arguments: [object]) { try endUnwantedTiling(of: derivation) }
    }

    func endUnwantedTiling(of derivation: Int) throws {
        let find = try database.cachedStatement(
            sql: """
                SELECT id FROM derivations d WHERE number = ?
                AND NOT EXISTS (SELECT 1 FROM objects WHERE wants = d.number AND waits = 1)
                """
        )
        if let id = try String.fetchOne(find, arguments: [derivation]) { try endWork("tiling", id) }
    }
}
