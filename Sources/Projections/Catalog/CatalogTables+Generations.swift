import Events
import Foundation
import GRDB

extension CatalogTables {
    func request(_ requested: ReprocessRequested, _ event: RecordedEvent) throws {
        try database.run(
            "INSERT INTO recipes (digest, recipe) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
            [Data(requested.digest.bytes), requested.recipe.json.text]
        )
        try database.run(
            """
            INSERT INTO generations (id, recipe, partitions, prefix, since, incremental, state, requested_position)
            VALUES (?, ?, ?, ?, ?, ?, 'queued', ?) ON CONFLICT (id) DO NOTHING
            """,
            [
                StreamName.id(of: event.stream), Data(requested.digest.bytes),
                requested.partitions.joined(separator: "\n"), requested.prefix, requested.since?.microseconds,
                requested.isIncremental, event.position,
            ]
        )
        try beginNextGeneration(event)
    }

    /// Begins the oldest generation that waits, unless one is under way.
    func beginNextGeneration(_ event: RecordedEvent) throws {
        guard try generationUnderWay() == nil else { return }
        let next = try database.cachedStatement(
            sql: "SELECT * FROM generations WHERE state = 'queued' ORDER BY requested_position LIMIT 1"
        )
        guard let generation = try Row.fetchOne(next).flatMap(GenerationUnderWay.init) else { return }
        try database.run(
            """
            UPDATE generations SET state = 'deriving', started_position = ?, objects = 0, waiting = 0, failed = 0, tiles = 0
            WHERE id = ?
            """,
            [event.position, generation.id]
        )
        // As for a recipe that is adopted: all that is in the dataset or on its way there, and what could not be cut.
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT o.id, o.key_id, o.sha256, o.observed_at, k.key, k.partition FROM objects o
                JOIN keys k ON k.id = o.key_id
                WHERE o.sha256 IS NOT NULL AND (o.state IN ('fetched', 'derived')
                    OR (o.state = 'quarantined' AND k.object = o.id)
                    OR EXISTS (
                        SELECT 1 FROM entries e WHERE e.key_id = k.id AND e.object = o.id AND e.until_position IS NULL))
                ORDER BY o.observed_position
                """
        )
        for row in rows
        where generation.takes(partition: row["partition"], key: row["key"], observedAt: row["observed_at"]) {
            guard let content = Digest(bytes: Array(row["sha256"] as Data)) else { continue }
            try succeed(object: row["id"], key: row["key_id"], content: content, in: generation, event)
        }
        try addWork("cutting-over", generation.id, event)
    }

    func cutOver(_ cut: GenerationCutOver, _ event: RecordedEvent) throws {
        guard let generation = try generationUnderWay(), generation.id == StreamName.id(of: event.stream) else {
            return
        }
        try database.run(
            """
            UPDATE generations SET state = 'cut-over', ended_position = ?, objects = ?, waiting = 0, tiles = ?, failed = ?
            WHERE id = ?
            """,
            [event.position, cut.objects, cut.tiles, cut.failed, generation.id]
        )
        if generation.isWhole { try adopt(recipeOf: generation, event) }
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT s.object, s.key_id, s.state, d.id AS derivation, d.sha256 FROM successors s
                JOIN derivations d ON d.number = s.derivation JOIN objects o ON o.id = s.object
                ORDER BY o.observed_position
                """
        )
        try endDeriving(generation)
        for row in rows {
            let object: String = row["object"]
            switch row["state"] as String {
            case "derived": try goOver(object: object, derivation: row["derivation"], event)
            case "failed": try withdraw(object, key: row["key_id"], event)
            default:
                // It came while the cut was made, and is not in the dataset yet, or not for long.
                guard let content = Digest(bytes: Array(row["sha256"] as Data)) else { continue }
                try endTiling(ofObject: object)
                try derive(content, of: object, event)
            }
        }
        try beginNextGeneration(event)
    }

    /// Makes a generation's recipe the one of its partitions, or of the store.
    private func adopt(recipeOf generation: GenerationUnderWay, _ event: RecordedEvent) throws {
        let recipe = Data(generation.recipe.bytes)
        guard generation.partitions.isEmpty else {
            for partition in generation.partitions {
                try database.run("UPDATE partitions SET recipe = ? WHERE name = ?", [recipe, partition])
            }
            return
        }
        try database.run("UPDATE recipes SET adopted_position = ? WHERE digest = ?", [event.position, recipe])
        try database.run("UPDATE partitions SET recipe = NULL", [])
    }

    /// Takes a generation's work off the lists.
    func endDeriving(_ generation: GenerationUnderWay) throws {
        try database.run("DELETE FROM successors", [])
        try database.run("DELETE FROM work WHERE stage = 'rederiving'", [])
        try endPause("rederiving")
        try endWork("cutting-over", generation.id)
    }

    /// Takes the tiles of an object out of the dataset that can't be cut under the recipe of the next generation.
    private func withdraw(_ object: String, key: Int, _ event: RecordedEvent) throws {
        let find = try database.cachedStatement(
            sql: "SELECT 1 FROM entries WHERE key_id = ? AND object = ? AND until_position IS NULL"
        )
        if try Int.fetchOne(find, arguments: [key, object]) != nil { try closeEntry(key: key, event) }
    }

    /// What an object waited for is not what it will get.
    private func endTiling(ofObject object: String) throws {
        try database.run("UPDATE objects SET waits = 0 WHERE id = ?", [object])
        try endUnwantedTiling(ofObject: object)
    }
}
