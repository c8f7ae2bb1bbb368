import Events
import Foundation
import GRDB

/// The generation that is being derived, as far as folding needs it.
private struct GenerationUnderWay {
    let id: String
    let recipe: Digest
    let partitions: Set<String>
    let prefix: String?
    /// Microseconds.
    let since: Int64?
    let isIncremental: Bool

    init?(_ row: Row) {
        guard let recipe = Digest(bytes: Array(row["recipe"] as Data)) else { return nil }
        id = row["id"]
        self.recipe = recipe
        partitions = Set((row["partitions"] as String).split(separator: "\n").map(String.init))
        prefix = row["prefix"]
        since = row["since"]
        isIncremental = row["incremental"]
    }

    /// Whether it takes in all of its partitions, so that its recipe becomes theirs.
    var isWhole: Bool { prefix == nil && since == nil }

    func takes(partition: String, key: String, observedAt: Int64) -> Bool {
        (partitions.isEmpty || partitions.contains(partition)) && (prefix.map { key.hasPrefix($0) } ?? true)
            && (since.map { observedAt >= $0 } ?? true)
    }
}

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
    private func beginNextGeneration(_ event: RecordedEvent) throws {
        guard try generationUnderWay() == nil else { return }
        let next = try database.cachedStatement(
            sql: "SELECT * FROM generations WHERE state = 'queued' ORDER BY requested_position LIMIT 1"
        )
        guard let generation = try Row.fetchOne(next).flatMap(GenerationUnderWay.init) else { return }
        try database.run(
            "UPDATE generations SET state = 'deriving', started_position = ? WHERE id = ?",
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

    private func generationUnderWay() throws -> GenerationUnderWay? {
        let find = try database.cachedStatement(sql: "SELECT * FROM generations WHERE state = 'deriving'")
        return try Row.fetchOne(find).flatMap(GenerationUnderWay.init)
    }

    /// Sees to it that the generation under way gets an object that enters the current one under `recipe`.
    func succeed(object: String, key: Int, content: Digest, after recipe: Digest, _ event: RecordedEvent) throws {
        guard let generation = try generationUnderWay(), generation.recipe != recipe else { return }
        let find = try database.cachedStatement(
            sql: """
                SELECT k.partition, k.key, o.observed_at FROM objects o JOIN keys k ON k.id = o.key_id WHERE o.id = ?
                """
        )
        guard let row = try Row.fetchOne(find, arguments: [object]),
            generation.takes(partition: row[0], key: row[1], observedAt: row[2])
        else { return }
        try succeed(object: object, key: key, content: content, in: generation, event)
    }

    private func succeed(
        object: String,
        key: Int,
        content: Digest,
        in generation: GenerationUnderWay,
        _ event: RecordedEvent
    ) throws {
        let derivation = try derivation(of: content, under: generation.recipe, event)
        let stands = try database.cachedStatement(
            sql: "SELECT 1 FROM entries WHERE key_id = ? AND object = ? AND derivation = ? AND until_position IS NULL"
        )
        guard try Int.fetchOne(stands, arguments: [key, object, derivation.number]) == nil else { return }
        try dropSuccessor(ofObject: object)
        try database.run(
            "INSERT INTO successors (object, key_id, derivation, state) VALUES (?, ?, ?, ?)",
            [object, key, derivation.number, derivation.isComplete ? "derived" : "waits"]
        )
        if !derivation.isComplete {
            try database.run(
                "UPDATE derivations SET failed_reason = NULL, failed_message = NULL WHERE number = ?",
                [derivation.number]
            )
            try addWork("rederiving", derivation.id, event)
        } else if generation.isIncremental {
            try goOver(object: object, derivation: derivation.id, event)
        }
    }

    /// Notes that a derivation is there for those who are to be succeeded by it.
    func completeSuccessors(derivation id: String, _ event: RecordedEvent) throws {
        try database.run(
            """
            UPDATE successors SET state = 'derived' WHERE state <> 'derived'
            AND derivation = (SELECT number FROM derivations WHERE id = ?)
            """,
            [id]
        )
        guard database.changesCount > 0, try generationUnderWay()?.isIncremental == true else { return }
        let find = try database.cachedStatement(
            sql: """
                SELECT s.object FROM derivations d JOIN successors s ON s.derivation = d.number
                JOIN objects o ON o.id = s.object WHERE d.id = ? ORDER BY o.observed_position
                """
        )
        for object in try String.fetchAll(find, arguments: [id]) {
            try goOver(object: object, derivation: id, event)
        }
    }

    func failDerivation(_ failed: DerivationFailed, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try endWork("rederiving", id)
        try database.run(
            "UPDATE derivations SET failed_reason = ?, failed_message = ? WHERE id = ? AND completed_position IS NULL",
            [failed.reason, failed.message, id]
        )
        try database.run(
            """
            UPDATE successors SET state = 'failed' WHERE state = 'waits'
            AND derivation = (SELECT number FROM derivations WHERE id = ?)
            """,
            [id]
        )
    }

    /// An object is not to be succeeded any more: another stands for its key, or none.
    func dropSuccessor(ofObject object: String) throws {
        let find = try database.cachedStatement(sql: "SELECT derivation FROM successors WHERE object = ?")
        guard let derivation = try Int.fetchOne(find, arguments: [object]) else { return }
        try database.run("DELETE FROM successors WHERE object = ?", [object])
        let unwanted = try database.cachedStatement(
            sql: """
                SELECT id FROM derivations d WHERE number = ?
                AND NOT EXISTS (SELECT 1 FROM successors WHERE derivation = d.number)
                """
        )
        if let id = try String.fetchOne(unwanted, arguments: [derivation]) { try endWork("rederiving", id) }
    }

    /// Puts an object's tiles of the next generation into the place of those of the current one, or of those to come.
    private func goOver(object: String, derivation: String, _ event: RecordedEvent) throws {
        let wanted = try database.cachedStatement(sql: "SELECT wants FROM objects WHERE id = ? AND waits = 1")
        let before = try Int.fetchOne(wanted, arguments: [object])
        try enter(object: object, derivation: derivation, event)
        if let before { try endUnwantedTiling(of: before) }
    }

    func cutOver(_ cut: GenerationCutOver, _ event: RecordedEvent) throws {
        guard let generation = try generationUnderWay(), generation.id == StreamName.id(of: event.stream) else {
            return
        }
        try database.run(
            """
            UPDATE generations SET state = 'cut-over', ended_position = ?, objects = ?, tiles = ?, failed = ? WHERE id = ?
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
    private func endDeriving(_ generation: GenerationUnderWay) throws {
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

    func cancelGeneration(_ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        let generation = try generationUnderWay()
        try database.run(
            """
            UPDATE generations SET state = 'cancelled', ended_position = ? WHERE id = ? AND state IN ('queued', 'deriving')
            """,
            [event.position, id]
        )
        guard let generation, generation.id == id else { return }
        try endDeriving(generation)
        if generation.isIncremental { try takeBack(generation, event) }
        try discardDerivations(of: generation, event)
        try beginNextGeneration(event)
    }

    /// Derives what has gone over already under its partition's recipe again, from what is there.
    private func takeBack(_ generation: GenerationUnderWay, _ event: RecordedEvent) throws {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT e.object, e.key_id, d.sha256 FROM entries e JOIN derivations d ON d.number = e.derivation
                JOIN generations g ON g.id = ? AND d.recipe = g.recipe AND e.from_position >= g.started_position
                WHERE e.until_position IS NULL
                """,
            arguments: [generation.id]
        )
        for row in rows {
            guard let content = Digest(bytes: Array(row["sha256"] as Data)),
                try recipe(ofKey: row["key_id"]) != generation.recipe
            else { continue }
            try derive(content, of: row["object"], event)
        }
    }

    /// Marks what was made of a cancelled generation and was in no dataset, so that its files are swept.
    private func discardDerivations(of generation: GenerationUnderWay, _ event: RecordedEvent) throws {
        try database.run(
            """
            UPDATE derivations SET discarded = ? WHERE recipe = ? AND discarded IS NULL
            AND NOT EXISTS (SELECT 1 FROM entries WHERE derivation = derivations.number)
            AND NOT EXISTS (SELECT 1 FROM objects WHERE wants = derivations.number)
            """,
            [generation.id, Data(generation.recipe.bytes)]
        )
        if database.changesCount > 0 { try addWork("sweeping", generation.id, event) }
    }

    /// Forgets the derivations whose files were swept.
    func forgetDiscarded(_ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try endWork("sweeping", id)
        try endPause("sweeping")
        try writeTiles()
        try database.run(
            "DELETE FROM tiles WHERE derivation IN (SELECT number FROM derivations WHERE discarded = ?)",
            [id]
        )
        try database.run("DELETE FROM derivations WHERE discarded = ?", [id])
    }
}
