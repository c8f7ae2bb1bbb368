import Events
import Foundation
import GRDB

extension CatalogTables {
    func observe(_ observed: ObjectObserved, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        let key = try key(of: observed, object: id)
        try supersedeUnfinished(key: key, but: id, event)
        try database.run("UPDATE keys SET object = ? WHERE id = ?", [id, key])
        try database.run(
            """
            INSERT INTO objects (id, key_id, version, size, modified_at, state, observed_position)
            VALUES (?, ?, ?, ?, ?, 'observed', ?)
            ON CONFLICT (id) DO UPDATE SET state = 'observed', observed_position = excluded.observed_position,
                reason = NULL, message = NULL, ended_position = NULL
            """,
            [id, key, observed.version, observed.size, observed.modifiedAt?.microseconds, event.position])
        try addWork("fetching", id, event)
    }

    func remove(_ removed: ObjectRemoved, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try setEnded(id, state: "removed", event)
        try endWork("fetching", id)
        guard removed.onRemove == "withdraw", let key = try key(ofObject: id) else { return }
        try closeEntry(key: key, event)
    }

    func fetch(_ fetched: ObjectFetched, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try endWork("fetching", id)
        try endPause("fetching")
        try database.run(
            """
            UPDATE objects SET state = 'fetched', sha256 = ?, fetched_position = ?
            WHERE id = ? AND state NOT IN ('superseded', 'removed')
            """,
            [Data(fetched.sha256.bytes), event.position, id])
        guard database.changesCount > 0, let recipe = try currentRecipe() else { return }
        try want(content: fetched.sha256, object: id, recipe: recipe, event)
    }

    func validate(_ event: RecordedEvent) throws {
        try database.run(
            "UPDATE objects SET validated_position = ? WHERE id = ?", [event.position, StreamName.id(of: event.stream)])
    }

    func quarantine(_ quarantined: ObjectQuarantined, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try database.run(
            "UPDATE objects SET reason = ?, message = ? WHERE id = ?", [quarantined.reason, quarantined.message, id])
        try setEnded(id, state: "quarantined", event)
        try endWork("fetching", id)
        try endUnwantedTiling(ofObject: id)
    }

    /// The row of the observed key, made with its place in the dataset when it is new.
    private func key(of observed: ObjectObserved, object: String) throws -> Int {
        let find = try database.cachedStatement(sql: "SELECT id FROM keys WHERE source = ? AND bucket = ? AND key = ?")
        if let known = try Int.fetchOne(find, arguments: [observed.source, observed.bucket, observed.key]) {
            return known
        }
        let place = DatasetPlace(bucket: observed.bucket, key: observed.key)
        let partition = try partition(for: place, source: observed.source, bucket: observed.bucket)
        try database.run(
            "INSERT INTO keys (source, bucket, key, partition, path, object) VALUES (?, ?, ?, ?, ?, ?)",
            [observed.source, observed.bucket, observed.key, partition, place.path, object])
        return Int(database.lastInsertedRowID)
    }

    /// The partition's name; where another source has it, the name gets a suffix that says whose it is.
    private func partition(for place: DatasetPlace, source: String, bucket: String) throws -> String {
        let find = try database.cachedStatement(
            sql: "SELECT name FROM partitions WHERE source = ? AND bucket = ? AND component = ?")
        if let known = try String.fetchOne(find, arguments: [source, bucket, place.component]) { return known }
        let taken = try database.cachedStatement(sql: "SELECT 1 FROM partitions WHERE name = ?")
        var name = place.partition
        if try Int.fetchOne(taken, arguments: [name]) != nil {
            name += "-" + hex(Digest(of: "\(source)\0\(bucket)\0\(place.component)".utf8).bytes.prefix(4))
        }
        try database.run(
            """
            INSERT INTO partitions (name, source, bucket, component, changed_position, committed_through)
            VALUES (?, ?, ?, ?, 0, 0)
            """, [name, source, bucket, place.component])
        return name
    }

    /// An older version that is not in the dataset yet never will be: the newest is what counts.
    private func supersedeUnfinished(key: Int, but id: String, _ event: RecordedEvent) throws {
        let find = try database.cachedStatement(
            sql: "SELECT id FROM objects WHERE key_id = ? AND id <> ? AND state IN ('observed', 'fetched')")
        for older in try String.fetchAll(find, arguments: [key, id]) {
            try setEnded(older, state: "superseded", event)
            try endWork("fetching", older)
            try endUnwantedTiling(ofObject: older)
        }
    }

    func setEnded(_ object: String, state: String, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE objects SET state = ?, ended_position = ? WHERE id = ?", [state, event.position, object])
    }

    private func key(ofObject object: String) throws -> Int? {
        let find = try database.cachedStatement(sql: "SELECT key_id FROM objects WHERE id = ?")
        return try Int.fetchOne(find, arguments: [object])
    }

    /// Content that no object waits for any more is not tiled.
    private func endUnwantedTiling(ofObject object: String) throws {
        let find = try database.cachedStatement(
            sql: """
                SELECT sha256 FROM objects o WHERE id = ? AND sha256 IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM objects WHERE sha256 = o.sha256 AND state = 'fetched')
                """)
        guard let content = try Data.fetchOne(find, arguments: [object]), let recipe = try currentRecipe(),
            let digest = Digest(bytes: Array(content))
        else { return }
        try endWork("tiling", Identity.derivation(source: digest, recipe: recipe))
    }
}
