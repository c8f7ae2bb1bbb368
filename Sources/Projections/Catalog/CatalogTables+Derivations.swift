import Events
import Foundation
import GRDB

extension CatalogTables {
    func adopt(_ adopted: RecipeAdopted, _ event: RecordedEvent) throws {
        try database.run(
            """
            INSERT INTO recipes (digest, recipe, adopted_position) VALUES (?, ?, ?)
            ON CONFLICT (digest) DO UPDATE SET adopted_position = excluded.adopted_position
            """,
            [Data(adopted.digest.bytes), adopted.recipe.json.text, event.position]
        )
        try database.run("UPDATE partitions SET recipe = NULL", [])
        try database.run("DELETE FROM work WHERE stage = 'tiling'", [])
        // All that is in the dataset or on its way there, removed files' tiles that are kept among it; and what the old
        // recipe could not cut, which the new one may.
        try derive(
            """
            SELECT o.id, o.sha256 FROM objects o JOIN keys k ON k.id = o.key_id
            WHERE o.sha256 IS NOT NULL AND (o.state IN ('fetched', 'derived') OR (o.state = 'quarantined' AND k.object = o.id)
                OR EXISTS (
                    SELECT 1 FROM entries e WHERE e.key_id = k.id AND e.object = o.id AND e.until_position IS NULL))
            ORDER BY o.observed_position
            """,
            event
        )
    }

    /// A limit that was raised lets in what it kept out, and dataset versions that somebody has repaired what they failed of
    /// need not wait.
    func startAgent(_ started: AgentStarted, _ event: RecordedEvent) throws {
        try endPauses()
        try database.run("UPDATE work SET not_before = 0 WHERE stage IN ('versioning', 'pushing')", [])
        if let template = started.partition {
            try database.run("INSERT OR REPLACE INTO partitioning VALUES (1, ?)", [template])
        }
        guard let limit = started.maxPixels else { return }
        let before = try Int.fetchOne(database, sql: "SELECT max_pixels FROM limits") ?? limit
        try database.run(
            "INSERT INTO limits VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET max_pixels = excluded.max_pixels",
            [limit]
        )
        guard limit > before else { return }
        try derive(
            """
            SELECT o.id, o.sha256 FROM objects o JOIN keys k ON k.id = o.key_id AND k.object = o.id
            WHERE o.state = 'quarantined' AND o.reason = 'too-many-pixels' AND o.sha256 IS NOT NULL
            ORDER BY o.observed_position
            """,
            event
        )
    }

    /// Derives the objects of a query; those that are removed or to be fetched again stay so.
    private func derive(_ query: String, _ event: RecordedEvent) throws {
        for row in try Row.fetchAll(database, sql: query) {
            guard let content = Digest(bytes: Array(row["sha256"] as Data)) else { continue }
            try derive(content, of: row["id"], event)
        }
    }

    /// Derives an object's content under the recipe of its partition.
    func derive(_ content: Digest, of id: String, _ event: RecordedEvent) throws {
        try leaveQuarantine(id)
        try database.run(
            """
            UPDATE objects SET state = CASE WHEN state IN ('removed', 'observed') THEN state ELSE 'fetched' END, waits = 1
            WHERE id = ?
            """,
            [id]
        )
        try want(content: content, object: id, event)
    }

    func startDerivation(_ started: DerivationStarted, _ event: RecordedEvent) throws {
        let start: StatementArguments = [
            started.host, started.engineRevision, event.position, StreamName.id(of: event.stream),
        ]
        try database.run(
            """
            UPDATE derivations SET host = ?, engine_revision = ?, started_position = ?
            WHERE id = ? AND completed_position IS NULL
            """,
            start
        )
        guard database.changesCount == 0 else { return }
        // Whose tiles these are, their bytes will tell.
        try database.run(
            "UPDATE derivations SET again_host = ?, again_engine = ?, again_position = ? WHERE id = ?",
            start
        )
    }

    /// The number of the derivation that a tile is written for; nil where none is known.
    ///
    /// Tiles that were lost and come with other bytes, as a newer library makes them, are another derivation's: the one
    /// that they were lost of stays, under an id of its own, what older dataset versions are made of.
    func derivation(takingTilesOf id: String) throws -> Int? {
        let find = try database.cachedStatement(
            sql: """
                SELECT number, completed_position IS NOT NULL AND lost_position IS NOT NULL FROM derivations WHERE id = ?
                """
        )
        guard let row = try Row.fetchOne(find, arguments: [id]) else { return nil }
        let number: Int = row[0]
        guard row[1] else { return number }
        try database.run("UPDATE derivations SET id = id || '~' || number WHERE number = ?", [number])
        try database.run(
            """
            INSERT INTO derivations (id, sha256, recipe, wanted_position, host, engine_revision, started_position)
            SELECT ?, sha256, recipe, wanted_position, again_host, again_engine, again_position FROM derivations
            WHERE number = ?
            """,
            [id, number]
        )
        let anew = Int(database.lastInsertedRowID)
        try database.run("UPDATE objects SET wants = ? WHERE wants = ? AND waits = 1", [anew, number])
        try database.run("UPDATE successors SET derivation = ? WHERE derivation = ?", [anew, number])
        return anew
    }

    func completeDerivation(_ completed: DerivationCompleted, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try recounting(id) {
            try database.run(
                """
                UPDATE derivations SET completed_position = ifnull(completed_position, ?), tiles = ?, tile_bytes = ?,
                    skipped = ?, width = ?, height = ?, seconds = ?, index_bytes = ?, index_sha256 = ?, index_md5 = ?,
                    failed_reason = NULL, failed_message = NULL, lost_position = NULL
                WHERE id = ?
                """,
                [
                    event.position, completed.tiles, completed.tileBytes, completed.skipped, completed.width,
                    completed.height, completed.seconds, completed.indexBytes, Data(completed.indexSHA256.bytes),
                    Data(bytes(hex: completed.indexMD5) ?? []), id,
                ]
            )
        }
        for stage in ["tiling", "rederiving"] {
            try endWork(stage, id)
            try endPause(stage)
        }
        let find = try database.cachedStatement(
            sql: """
                SELECT o.id FROM derivations d JOIN objects o ON o.wants = d.number AND o.waits = 1
                WHERE d.id = ? ORDER BY o.observed_position
                """
        )
        for object in try String.fetchAll(find, arguments: [id]) {
            try enter(object: object, derivation: id, event)
        }
        try completeSuccessors(derivation: id, event)
    }

    /// The digest of the store's recipe.
    func currentRecipe() throws -> Digest? {
        let find = try database.cachedStatement(
            sql: "SELECT digest FROM recipes WHERE adopted_position IS NOT NULL ORDER BY adopted_position DESC LIMIT 1"
        )
        return try Data.fetchOne(find).flatMap { Digest(bytes: Array($0)) }
    }

    /// The digest of the recipe that objects of a key are cut by.
    func recipe(ofKey key: Int) throws -> Digest? {
        let find = try database.cachedStatement(
            sql:
                "SELECT p.recipe FROM keys k JOIN partitions p ON p.name = k.partition WHERE k.id = ? AND p.recipe NOTNULL"
        )
        let own = try Data.fetchOne(find, arguments: [key]).flatMap { Digest(bytes: Array($0)) }
        return try own ?? currentRecipe()
    }

    /// Sees to it that the dataset gets this content under its partition's recipe: from a derivation that is there, or by
    /// work; and the generation under way as well.
    func want(content: Digest, object: String, _ event: RecordedEvent) throws {
        let find = try database.cachedStatement(sql: "SELECT key_id FROM objects WHERE id = ?")
        guard let key = try Int.fetchOne(find, arguments: [object]), let recipe = try recipe(ofKey: key) else { return }
        let derivation = try derivation(of: content, under: recipe, event)
        try database.run("UPDATE objects SET wants = ? WHERE id = ?", [derivation.number, object])
        if derivation.isComplete {
            try enter(object: object, derivation: derivation.id, event)
        } else {
            try addWork("tiling", derivation.id, event)
        }
        try succeed(object: object, key: key, content: content, after: recipe, event)
    }

    /// The row of what a recipe makes of a content, made where it is missing.
    ///
    /// One that was discarded is as if it had never been made: its files may be gone. One whose tiles are lost is not
    /// complete, and stays what older dataset versions are made of.
    func derivation(
        of content: Digest,
        under recipe: Digest,
        _ event: RecordedEvent
    ) throws -> (number: Int, id: String, isComplete: Bool) {
        let id = Identity.derivation(source: content, recipe: recipe)
        let find = try database.cachedStatement(
            sql: """
                SELECT number, completed_position IS NOT NULL AND lost_position IS NULL, discarded IS NOT NULL
                FROM derivations WHERE id = ?
                """
        )
        if let row = try Row.fetchOne(find, arguments: [id]) {
            let number: Int = row[0]
            guard row[2] else { return (number, id, row[1]) }
            try writeTiles()
            try database.run("DELETE FROM tiles WHERE derivation = ?", [number])
            try database.run(
                """
                UPDATE derivations SET discarded = NULL, completed_position = NULL, lost_position = NULL,
                    wanted_position = ?
                WHERE number = ?
                """,
                [event.position, number]
            )
            return (number, id, false)
        }
        try database.run(
            "INSERT INTO derivations (id, sha256, recipe, wanted_position) VALUES (?, ?, ?, ?)",
            [id, Data(content.bytes), Data(recipe.bytes), event.position]
        )
        return (Int(database.lastInsertedRowID), id, false)
    }

    /// Makes a derivation stand for the object's key in the dataset from this event on.
    ///
    /// What was validated of its content under one name holds under each.
    func enter(object: String, derivation: String, _ event: RecordedEvent) throws {
        let find = try database.cachedStatement(
            sql: """
                SELECT o.key_id, d.number, e.derivation AS held, e.object AS holder FROM objects o
                JOIN derivations d ON d.id = ?
                LEFT JOIN entries e ON e.key_id = o.key_id AND e.until_position IS NULL
                WHERE o.id = ?
                """
        )
        guard let row = try Row.fetchOne(find, arguments: [derivation, object]) else { return }
        let key: Int = row["key_id"]
        let held: Int? = row["held"]
        let holder: String? = row["holder"]
        try leaveQuarantine(object)
        try database.run(
            """
            UPDATE objects SET state = CASE WHEN state IN ('removed', 'observed') THEN state ELSE 'derived' END, waits = 0,
                wants = ?, validated_position = ifnull(validated_position, (
                    SELECT same.validated_position FROM objects same
                    WHERE same.sha256 = objects.sha256 AND same.validated_position IS NOT NULL LIMIT 1))
            WHERE id = ?
            """,
            [row["number"] as Int, object]
        )
        if let holder, holder != object { try supersede(holder, event) }
        guard held != row["number"] || holder != object else { return }
        try database.run(
            "UPDATE entries SET until_position = ? WHERE key_id = ? AND until_position IS NULL",
            [event.position, key]
        )
        try database.run(
            """
            INSERT INTO entries (key_id, derivation, object, from_position) VALUES (?, ?, ?, ?)
            ON CONFLICT (key_id, from_position) DO UPDATE SET derivation = excluded.derivation, object = excluded.object,
                until_position = NULL
            """,
            [key, row["number"] as Int, object, event.position]
        )
        if held != row["number"] { try touchPartition(ofKey: key, event) }
    }

    /// Takes a key out of the dataset from this event on.
    func closeEntry(key: Int, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE entries SET until_position = ? WHERE key_id = ? AND until_position IS NULL",
            [event.position, key]
        )
        if database.changesCount > 0 { try touchPartition(ofKey: key, event) }
    }

    private func touchPartition(ofKey key: Int, _ event: RecordedEvent) throws {
        let find = try database.cachedStatement(sql: "SELECT partition FROM keys WHERE id = ?")
        guard let partition = try String.fetchOne(find, arguments: [key]) else { return }
        try touchPartition(partition, event)
    }

    /// Has a partition wait for a version.
    func touchPartition(_ partition: String, _ event: RecordedEvent) throws {
        try database.run(
            "UPDATE partitions SET changed_position = ? WHERE name = ?",
            [event.position, partition]
        )
        try addWork("versioning", partition, event)
    }
}
