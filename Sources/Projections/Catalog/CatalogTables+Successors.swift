import Events
import Foundation
import GRDB

extension CatalogTables {
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

    func succeed(
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
        let tiles = try database.cachedStatement(sql: "SELECT ifnull(tiles, 0) FROM derivations WHERE number = ?")
        try count(
            SuccessorCounts(
                1,
                state: derivation.isComplete ? "derived" : "waits",
                tiles: try Int.fetchOne(tiles, arguments: [derivation.number]) ?? 0
            )
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
        var changes = 0
        try recounting(id) {
            try database.run(
                """
                UPDATE successors SET state = 'derived' WHERE state <> 'derived'
                AND derivation = (SELECT number FROM derivations WHERE id = ?)
                """,
                [id]
            )
            changes = database.changesCount
        }
        guard changes > 0, try generationUnderWay()?.isIncremental == true else { return }
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

    /// Notes that a content can't be cut under the recipe of the generation under way; or that its tiles were there once and
    /// are lost.
    func failDerivation(_ failed: DerivationFailed, _ event: RecordedEvent) throws {
        let id = StreamName.id(of: event.stream)
        try endWork("rederiving", id)
        try database.run(
            """
            UPDATE derivations SET failed_reason = ?, failed_message = ?,
                lost_position = iif(completed_position NOTNULL, ifnull(lost_position, ?), NULL)
            WHERE id = ? AND (completed_position IS NULL OR lost_position NOTNULL OR ?)
            """,
            [failed.reason, failed.message, event.position, id, failed.isLost]
        )
        try recounting(id) {
            try database.run(
                """
                UPDATE successors SET state = 'failed' WHERE (state = 'waits' OR (state = 'derived' AND ?))
                AND derivation = (SELECT number FROM derivations WHERE id = ?)
                """,
                [failed.isLost, id]
            )
        }
    }

    /// An object is not to be succeeded any more: another stands for its key, or none.
    func dropSuccessor(ofObject object: String) throws {
        let find = try database.cachedStatement(
            sql: """
                SELECT s.derivation, s.state, ifnull(d.tiles, 0) FROM successors s
                JOIN derivations d ON d.number = s.derivation WHERE s.object = ?
                """
        )
        guard let row = try Row.fetchOne(find, arguments: [object]) else { return }
        let derivation: Int = row[0]
        try count(-SuccessorCounts(1, state: row[1], tiles: row[2]))
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
    func goOver(object: String, derivation: String, _ event: RecordedEvent) throws {
        let wanted = try database.cachedStatement(sql: "SELECT wants FROM objects WHERE id = ? AND waits = 1")
        let before = try Int.fetchOne(wanted, arguments: [object])
        try enter(object: object, derivation: derivation, event)
        if let before { try endUnwantedTiling(of: before) }
    }
}
