package import Events
import Foundation
import GRDB

/// What a re-derivation takes in.
package struct ReprocessScope: Sendable, Equatable {
    /// Empty for all.
    package var partitions: [String]
    /// Keys begin so; nil for all.
    package var prefix: String?
    /// Objects were observed then or later; nil for all.
    package var since: Timestamp?

    package init(partitions: [String] = [], prefix: String? = nil, since: Timestamp? = nil) {
        self.partitions = partitions
        self.prefix = prefix
        self.since = since
    }

    /// Whether it takes in all of its partitions.
    package var isWhole: Bool { prefix == nil && since == nil }

    package func takes(partition: String, key: String, observedAt: Timestamp) -> Bool {
        (partitions.isEmpty || partitions.contains(partition)) && (prefix.map { key.hasPrefix($0) } ?? true)
            && (since.map { observedAt >= $0 } ?? true)
    }
}

/// An object that a re-derivation would take in, or leave out by its scope.
package struct ReprocessCandidate: Sendable {
    package let object: String
    /// The number of its key.
    package let keyID: Int
    package let source: String
    package let bucket: String
    package let key: String
    package let partition: String
    /// Bytes of the source.
    package let bytes: Int
    package let observedAt: Timestamp
    package let content: Digest
    /// Whether its source still has this version, as far as the log knows.
    package let isAtSource: Bool
    /// The derivation that stands for its key in the dataset, with its recipe and the number of its tiles; nil when none does.
    package let held: (derivation: Int, recipe: Digest, tiles: Int)?
    /// The derivation under the recipe that is asked for; nil when there is none.
    package let target: Int?
    /// Upright, in pixels; nil when it was never decoded.
    package let size: (width: Int, height: Int)?
}

/// How two derivations differ, in tiles.
package struct TileDifference: Sendable, Equatable {
    package var added = 0
    package var removed = 0
    package var replaced = 0
    package var kept = 0

    package init() {}

    package static func += (left: inout Self, right: Self) {
        left.added += right.added
        left.removed += right.removed
        left.replaced += right.replaced
        left.kept += right.kept
    }
}

/// What derivations under one recipe took and gave in this store.
package struct RecipeFigures: Sendable, Equatable {
    package let recipe: Recipe
    package let pixels: Int
    package let seconds: Double
    package let tiles: Int
    package let tileBytes: Int
    package let skipped: Int
}

extension CatalogReader {
    /// All that a re-derivation under a recipe could take in: what is in the dataset or on its way there, and what could not
    /// be cut; by partition and place, of one key the newest version last.
    package func candidates(under recipe: Digest) async throws -> [ReprocessCandidate] {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT o.id, k.id AS key_id, k.source, k.bucket, k.key, k.partition, o.size, o.observed_at, o.sha256,
                        o.state <> 'removed' AND (k.object = o.id OR o.version_id NOTNULL) AS at_source,
                        h.number AS held, h.recipe AS held_recipe, h.tiles AS held_tiles, t.number AS target,
                        ifnull(h.width, d.width) AS width, ifnull(h.height, d.height) AS height
                    FROM objects o JOIN keys k ON k.id = o.key_id
                    LEFT JOIN entries e ON e.key_id = k.id AND e.until_position IS NULL
                    LEFT JOIN derivations h ON h.number = e.derivation AND e.object = o.id
                    LEFT JOIN derivations t ON t.sha256 = o.sha256 AND t.recipe = ?
                        AND t.completed_position NOTNULL AND t.lost_position IS NULL AND t.discarded IS NULL
                    LEFT JOIN derivations d ON d.number = (
                        SELECT number FROM derivations WHERE sha256 = o.sha256 AND width NOTNULL LIMIT 1)
                    WHERE o.sha256 NOTNULL AND (o.state IN ('fetched', 'derived') OR e.object = o.id
                        OR (o.state = 'quarantined' AND k.object = o.id))
                    ORDER BY k.partition, k.path, o.observed_position
                    """,
                arguments: [Data(recipe.bytes)]
            )
            var found: [ReprocessCandidate] = []
            while let row = try rows.next() {
                if let candidate = Self.candidate(row) { found.append(candidate) }
            }
            return found
        }
    }

    private static func candidate(_ row: Row) -> ReprocessCandidate? {
        guard let content = Digest(bytes: Array(row["sha256"] as Data)) else { return nil }
        var held: (Int, Digest, Int)?
        if let number: Int = row["held"], let recipe = Digest(bytes: Array(row["held_recipe"] as Data)) {
            held = (number, recipe, row["held_tiles"] ?? 0)
        }
        var size: (Int, Int)?
        if let width: Int = row["width"], let height: Int = row["height"] { size = (width, height) }
        return ReprocessCandidate(
            object: row["id"],
            keyID: row["key_id"],
            source: row["source"],
            bucket: row["bucket"],
            key: row["key"],
            partition: row["partition"],
            bytes: row["size"],
            observedAt: Timestamp(microseconds: row["observed_at"]),
            content: content,
            isAtSource: row["at_source"],
            held: held,
            target: row["target"],
            size: size
        )
    }

    /// The names of a derivation's tiles.
    package func tileNames(of derivation: Int) async throws -> Set<String> {
        try await database.read { database in
            let find = try database.cachedStatement(sql: "SELECT name FROM tiles WHERE derivation = ?")
            return Set(try String.fetchAll(find, arguments: [derivation]))
        }
    }

    /// How the tiles of two derivations differ, by name and content; nil for none.
    package func difference(from old: Int?, to new: Int) async throws -> TileDifference {
        try await database.read { database in
            let compare = try database.cachedStatement(
                sql: """
                    SELECT count(*), ifnull(sum(o.name IS NULL), 0), ifnull(sum(o.md5 = n.md5), 0),
                        (SELECT count(*) FROM tiles WHERE derivation = :old)
                    FROM tiles n LEFT JOIN tiles o ON o.derivation = :old AND o.name = n.name WHERE n.derivation = :new
                    """
            )
            var found = TileDifference()
            guard let row = try Row.fetchOne(compare, arguments: ["old": old, "new": new]) else { return found }
            let (all, before): (Int, Int) = (row[0], row[3])
            found.added = row[1]
            found.kept = row[2]
            found.replaced = all - found.added - found.kept
            found.removed = before - (all - found.added)
            return found
        }
    }

    /// What derivations took and gave, of each recipe by itself; of the newest 1,000.
    package func recipeFigures() async throws -> [RecipeFigures] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT r.recipe, sum(d.width * d.height), sum(d.seconds), sum(d.tiles), sum(d.tile_bytes), sum(d.skipped)
                    FROM (SELECT * FROM derivations WHERE completed_position NOTNULL AND seconds > 0
                        ORDER BY completed_position DESC LIMIT 1000) d
                    JOIN recipes r ON r.digest = d.recipe GROUP BY r.digest
                    """
            ).map { row in
                RecipeFigures(
                    recipe: try Recipe(from: JSONObject(Array((row[0] as String).utf8))),
                    pixels: row[1],
                    seconds: row[2],
                    tiles: row[3],
                    tileBytes: row[4],
                    skipped: row[5]
                )
            }
        }
    }
}
