import Events
import Foundation
import GRDB

extension CatalogTables {
    func cancelGeneration(_ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        let generation = try generationUnderWay()
        try database.run(
            """
            UPDATE generations SET state = 'cancelled', ended_position = ?, objects = NULL, waiting = NULL, failed = NULL,
                tiles = NULL
            WHERE id = ? AND state IN ('queued', 'deriving')
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
