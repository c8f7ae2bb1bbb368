package import Events
import Foundation
import GRDB

/// A re-derivation that was asked for.
package struct CatalogGeneration: Sendable, Equatable {
    /// What became of it.
    package enum State: String, Sendable {
        case queued
        case deriving
        case cutOver = "cut-over"
        case cancelled
    }

    package let id: String
    /// The digest of its recipe.
    package let recipe: Digest
    /// Empty for all.
    package let partitions: [String]
    package let prefix: String?
    package let since: Timestamp?
    package let isIncremental: Bool
    package let state: State
    package let requestedPosition: Int
    package let startedPosition: Int?
    package let endedPosition: Int?
    /// Objects that it replaces the tiles of, as many as are known so far; those of them that wait for their tiles, and those
    /// that can't be cut.
    package let objects: Int
    package let waiting: Int
    package let failed: Int
    /// Tiles of those that are done.
    package let tiles: Int

    /// Whether it takes in all of its partitions.
    package var isWhole: Bool { prefix == nil && since == nil }
}

extension CatalogGeneration {
    /// What status, reports and the API say of it.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("id", id)
            $0.set("recipe", recipe)
            $0.set("state", state.rawValue)
            $0.set("partitions", partitions)
            $0.set("prefix", prefix)
            $0.set("since", since?.description)
            $0.set("incremental", isIncremental)
            $0.set("objects", objects)
            $0.set("waiting", waiting)
            $0.set("failed", failed)
            $0.set("tiles", tiles)
            $0.set("requested_position", requestedPosition)
            $0.set("started_position", startedPosition)
            $0.set("ended_position", endedPosition)
        }
    }
}

/// A file that a derivation makes, with the digests that were recorded of it.
package struct DerivedFile: Sendable, Equatable {
    /// 32 hexadecimal digits.
    package let md5: String
    package let bytes: Int
    package let sha256: Digest
}

/// An object that can't be cut under the recipe of the generation under way.
package struct FailedSuccessor: Sendable, Equatable {
    package let object: CatalogObject
    package let reason: String
    package let message: String
}

extension CatalogReader {
    /// All that were asked for, oldest first.
    package func generations() async throws -> [CatalogGeneration] {
        try await database.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM generations ORDER BY requested_position")
                .compactMap(Self.generation)
        }
    }

    package func generation(_ id: String) async throws -> CatalogGeneration? {
        try await database.read { database in
            let find = try database.cachedStatement(sql: "SELECT * FROM generations WHERE id = ?")
            return try Row.fetchOne(find, arguments: [id]).flatMap(Self.generation)
        }
    }

    /// The dataset versions that hold what a generation changed: by its end, and by each object that went over before where
    /// it is incremental.
    package func commits(of generation: CatalogGeneration) async throws -> [CatalogCommit] {
        guard let started = generation.startedPosition, let ended = generation.endedPosition else { return [] }
        return try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    WITH changes AS MATERIALIZED (
                        SELECT key_id, from_position AS position FROM entries WHERE from_position = :ended
                        UNION ALL SELECT key_id, until_position FROM entries WHERE until_position = :ended
                        UNION ALL SELECT e.key_id, e.from_position FROM entries e
                        JOIN derivations d ON d.number = e.derivation
                        WHERE e.from_position BETWEEN :first AND :ended AND d.recipe = :recipe
                    ), places AS MATERIALIZED (
                        SELECT DISTINCT k.partition, c.position FROM changes c JOIN keys k ON k.id = c.key_id
                    )
                    SELECT * FROM commits WHERE through_position >= :first AND from_position <= :ended AND EXISTS (
                        SELECT 1 FROM places p WHERE p.partition = commits.partition
                        AND p.position BETWEEN commits.from_position AND commits.through_position)
                    ORDER BY started_position
                    """,
                arguments: [
                    "first": generation.isIncremental ? started : ended, "ended": ended,
                    "recipe": Data(generation.recipe.bytes),
                ]
            ).compactMap(Self.commit)
        }
    }

    /// Whether nothing keeps the generation under way from being cut over.
    ///
    /// What has not entered the current generation yet does not: it goes straight to the next one.
    package func isReadyToCutOver() async throws -> Bool {
        try await database.read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT 1 FROM successors s JOIN objects o ON o.id = s.object
                        WHERE s.state = 'waits' AND o.waits = 0 LIMIT 1
                        """
                )
            ) == nil
        }
    }

    /// Whether the generation that was cut over last has its versions: no partition still holds its tiles uncommitted.
    package func hasVersionsOfLastCutOver() async throws -> Bool {
        try await database.read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT 1 FROM partitions p
                        JOIN (SELECT max(ended_position) AS position FROM generations WHERE state = 'cut-over') cut
                        WHERE p.committed_through < cut.position AND p.changed_position >= cut.position LIMIT 1
                        """
                )
            ) == nil
        }
    }

    /// The objects that can't be cut under the recipe of the generation under way and are not in quarantine, oldest first.
    package func failedSuccessors() async throws -> [FailedSuccessor] {
        try await database.read { database in
            let find = try database.cachedStatement(sql: Self.objects + " WHERE o.id = ?")
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT o.id, d.failed_reason, d.failed_message FROM successors s
                    JOIN objects o ON o.id = s.object JOIN derivations d ON d.number = s.derivation
                    WHERE s.state = 'failed' AND o.state <> 'quarantined' ORDER BY o.observed_position
                    """
            ).compactMap { row in
                try Row.fetchOne(find, arguments: [row[0] as String]).map {
                    FailedSuccessor(object: Self.object($0), reason: row[1] ?? "", message: row[2] ?? "")
                }
            }
        }
    }

    /// The partitions that the generation under way replaces something in.
    package func succeededPartitions() async throws -> [String] {
        try await database.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT k.partition FROM successors s JOIN keys k ON k.id = s.key_id ORDER BY 1
                    """
            )
        }
    }

    /// The derivations of the generation under way that were made before it began.
    package func linkedSuccessors() async throws -> [(number: Int, id: String)] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT d.number, d.id FROM successors s JOIN derivations d ON d.number = s.derivation
                    JOIN generations g ON g.state = 'deriving'
                    WHERE s.state = 'derived' AND d.completed_position < g.started_position ORDER BY d.number
                    """
            ).map { ($0[0], $0[1]) }
        }
    }

    /// The files of a derivation in the DVC cache.
    package func files(ofDerivation number: Int) async throws -> [DerivedFile] {
        try await database.read { database in
            let find = try database.cachedStatement(
                sql: """
                    SELECT md5, bytes, sha256 FROM tiles WHERE derivation = :number
                    UNION ALL SELECT index_md5, index_bytes, index_sha256 FROM derivations
                    WHERE number = :number AND index_md5 NOTNULL
                    """
            )
            return try Row.fetchAll(find, arguments: ["number": number]).compactMap { row in
                Digest(bytes: Array(row[2] as Data)).map {
                    DerivedFile(md5: hex(row[0] as Data), bytes: row[1], sha256: $0)
                }
            }
        }
    }

    /// The MD5s of the files of the generation under way that are there.
    package func filesOfNextGeneration() async throws -> [String] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT t.md5 FROM successors s JOIN tiles t ON t.derivation = s.derivation
                    UNION SELECT d.index_md5 FROM successors s JOIN derivations d ON d.number = s.derivation
                    WHERE d.index_md5 NOTNULL
                    """
            ).map { hex($0[0] as Data) }
        }
    }

    /// Files that only a cancelled generation has, by their MD5, with their bytes; none that are empty, which all share.
    package func discardedFiles(of generation: String) async throws -> [(md5: String, bytes: Int)] {
        try await database.read { database in
            let gone = try Row.fetchCursor(
                database,
                sql: """
                    SELECT t.md5, t.bytes FROM derivations d JOIN tiles t ON t.derivation = d.number WHERE d.discarded = :id
                    UNION ALL SELECT index_md5, index_bytes FROM derivations WHERE discarded = :id AND index_md5 NOTNULL
                    """,
                arguments: ["id": generation]
            )
            var files: [Data: Int] = [:]
            while let row = try gone.next() {
                let bytes: Int = row[1]
                if bytes > 0 { files[row[0]] = bytes }
            }
            guard !files.isEmpty else { return [] }
            // No index finds a tile by its digest at once: all of them are gone through.
            let others = try Row.fetchCursor(
                database,
                sql: """
                    SELECT t.md5 FROM tiles t JOIN derivations d ON d.number = t.derivation WHERE d.discarded IS NOT ?
                    """,
                arguments: [generation]
            )
            while let row = try others.next() { files.removeValue(forKey: row[0]) }
            return files.map { (hex($0.key), $0.value) }
        }
    }

    private static func generation(_ row: Row) -> CatalogGeneration? {
        guard let recipe = Digest(bytes: Array(row["recipe"] as Data)),
            let state = CatalogGeneration.State(rawValue: row["state"])
        else { return nil }
        let partitions: String = row["partitions"]
        return CatalogGeneration(
            id: row["id"],
            recipe: recipe,
            partitions: partitions.split(separator: "\n").map(String.init),
            prefix: row["prefix"],
            since: (row["since"] as Int64?).map { Timestamp(microseconds: $0) },
            isIncremental: row["incremental"],
            state: state,
            requestedPosition: row["requested_position"],
            startedPosition: row["started_position"],
            endedPosition: row["ended_position"],
            objects: row["objects"] ?? 0,
            waiting: row["waiting"] ?? 0,
            failed: row["failed"] ?? 0,
            tiles: row["tiles"] ?? 0
        )
    }
}
