package import Events
import Foundation
import GRDB

/// A recipe that was adopted once.
package struct CatalogRecipe: Sendable, Equatable {
    package let digest: Digest
    package let recipe: Recipe
    /// Where it was adopted last.
    package let adoptedPosition: Int
}

extension CatalogReader {
    /// All recipes that were adopted, the current one first.
    package func recipes() async throws -> [CatalogRecipe] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT digest, recipe, adopted_position FROM recipes WHERE adopted_position IS NOT NULL
                    ORDER BY adopted_position DESC
                    """
            ).compactMap { row in
                guard let digest = Digest(bytes: Array(row[0] as Data)) else { return nil }
                let recipe = try Recipe(from: JSONObject(Array((row[1] as String).utf8)))
                return CatalogRecipe(digest: digest, recipe: recipe, adoptedPosition: row[2])
            }
        }
    }

    /// The recipe that the store has, or will have once all is cut over that was asked for.
    package func recipeToCome() async throws -> Recipe? {
        let asked = try await database.read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT r.recipe FROM generations g JOIN recipes r ON r.digest = g.recipe
                    WHERE g.state IN ('queued', 'deriving') AND g.partitions = '' AND g.prefix IS NULL AND g.since IS NULL
                    ORDER BY g.requested_position DESC LIMIT 1
                    """
            )
        }
        if let asked { return try Recipe(from: JSONObject(Array(asked.utf8))) }
        return try await currentRecipe()
    }

    /// The contents that are in the dataset now, and how many of them a recipe has been applied to before.
    package func contents(derivedUnder recipe: Digest) async throws -> (all: Int, derived: Int) {
        try await database.read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    WITH held AS (
                        SELECT DISTINCT d.sha256 FROM entries e JOIN derivations d ON d.number = e.derivation
                        WHERE e.until_position IS NULL)
                    SELECT count(*), ifnull(sum(EXISTS (
                        SELECT 1 FROM derivations d WHERE d.sha256 = held.sha256 AND d.recipe = ?
                        AND d.completed_position IS NOT NULL AND d.lost_position IS NULL
                        AND d.discarded IS NULL)), 0) FROM held
                    """,
                arguments: [Data(recipe.bytes)]
            )
            return (row?[0] ?? 0, row?[1] ?? 0)
        }
    }
}
