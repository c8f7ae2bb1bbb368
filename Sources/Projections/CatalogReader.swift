package import Events
import Foundation
package import GRDB

/// One version of a key, as the catalog has it.
package struct CatalogObject: Sendable, Equatable {
    package let id: String
    package let source: String
    package let bucket: String
    package let key: String
    package let version: String
    package let size: Int
    package let state: String
    package let sha256: Digest?
    package let observedPosition: Int
    package let fetchedPosition: Int?
    package let validatedPosition: Int?
    /// As the source says.
    package let modifiedAt: Timestamp?
    package let etag: String?
    package let versionID: String?
    package let sequencer: String?
    package let announcedBy: String?
    /// When its observation was recorded.
    package let observedAt: Timestamp
    /// When it was recorded that it is quarantined, superseded or removed.
    package let endedAt: Timestamp?
    /// When the source says that it was removed, and the place of that among the changes of its key.
    package let removedAt: Timestamp?
    package let removedSequencer: String?
    /// Of the newest event of its stream, which results are appended after.
    package let revision: Int
    /// Why it is in quarantine.
    package let reason: String?
}

/// A derivation and the recipe that it is made by.
package struct CatalogDerivation: Sendable, Equatable {
    /// Its number in the catalog.
    package let number: Int
    package let id: String
    package let content: Digest
    package let recipe: Recipe
    /// The objects that wait for it to enter the dataset, oldest first.
    package let waiting: [CatalogObject]
    /// The objects that are to get it, or have it, in the generation under way, oldest first.
    package let succeeding: [CatalogObject]

    /// All of these, each once.
    package var objects: [CatalogObject] {
        waiting + succeeding.filter { object in !waiting.contains { $0.id == object.id } }
    }
}

/// A dataset partition as it stands.
package struct CatalogPartition: Sendable, Equatable {
    package let name: String
    package let changedPosition: Int
    package let committedThrough: Int
    /// The id of the manifest of its newest commit.
    package let manifest: String?
    /// The digest of the recipe that its objects are cut by; nil before the first.
    package let recipe: Digest?
    /// Whether objects of it are still being fetched or tiled.
    package let isBusy: Bool
    /// The event that asked for a commit of what is in none; nil while nobody has.
    package let requestedPosition: Int?
}

/// A dataset version, committed or on the way.
package struct CatalogCommit: Sendable, Equatable {
    package let id: String
    package let partition: String
    package let recipe: Digest
    package let manifest: String
    package let previous: String?
    package let files: Int
    package let bytes: Int
    package let added: Int
    package let changed: Int
    package let removed: Int
    package let fromPosition: Int
    package let throughPosition: Int
    package let remote: String?
    package let tag: String?
    package let gitRemote: String?
    package let gitBranch: String?
    package let gitCommit: String?
    package let logHead: (size: Int, root: Digest)?
    package let startedPosition: Int
    package let committedPosition: Int?
    package let pushedPosition: Int?
    package let sharedPosition: Int?

    /// The commit that an intent at `position` begins.
    package init(_ started: DatasetCommitStarted, position: Int) {
        self.init(
            id: started.commitID,
            partition: started.partition,
            recipe: started.recipe,
            manifest: started.manifest,
            previous: started.previous,
            files: started.files,
            bytes: started.bytes,
            added: started.added,
            changed: started.changed,
            removed: started.removed,
            fromPosition: started.fromPosition,
            throughPosition: started.throughPosition,
            remote: started.remote,
            tag: started.tag,
            gitRemote: started.gitRemote,
            gitBranch: started.gitBranch,
            gitCommit: nil,
            logHead: nil,
            startedPosition: position,
            committedPosition: nil,
            pushedPosition: nil,
            sharedPosition: nil
        )
    }

    init(
        id: String,
        partition: String,
        recipe: Digest,
        manifest: String,
        previous: String?,
        files: Int,
        bytes: Int,
        added: Int,
        changed: Int,
        removed: Int,
        fromPosition: Int,
        throughPosition: Int,
        remote: String?,
        tag: String?,
        gitRemote: String?,
        gitBranch: String?,
        gitCommit: String?,
        logHead: (size: Int, root: Digest)?,
        startedPosition: Int,
        committedPosition: Int?,
        pushedPosition: Int?,
        sharedPosition: Int?
    ) {
        self.id = id
        self.partition = partition
        self.recipe = recipe
        self.manifest = manifest
        self.previous = previous
        self.files = files
        self.bytes = bytes
        self.added = added
        self.changed = changed
        self.removed = removed
        self.fromPosition = fromPosition
        self.throughPosition = throughPosition
        self.remote = remote
        self.tag = tag
        self.gitRemote = gitRemote
        self.gitBranch = gitBranch
        self.gitCommit = gitCommit
        self.logHead = logHead
        self.startedPosition = startedPosition
        self.committedPosition = committedPosition
        self.pushedPosition = pushedPosition
        self.sharedPosition = sharedPosition
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.id == right.id && left.committedPosition == right.committedPosition
            && left.pushedPosition == right.pushedPosition
    }
}

/// A file of a dataset version.
package struct DatasetFile: Sendable, Equatable {
    /// Path inside the partition.
    package let path: String
    /// 32 hexadecimal digits.
    package let md5: String
    package let sha256: Digest?
    package let bytes: Int
}

/// Reads the catalog's tables for the stages.
package struct CatalogReader: Sendable {
    let database: any DatabaseReader

    package init(_ database: any DatabaseReader) {
        self.database = database
    }

    /// The position that the catalog has reached.
    package func position() async throws -> Int {
        try await database.read { try ProjectionsFile.status(of: Catalog.name, in: $0).position }
    }

    package func object(_ id: String) async throws -> CatalogObject? {
        try await database.read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: Self.objects + " WHERE o.id = ?"),
                arguments: [id]
            ).map(Self.object)
        }
    }

    /// The newest known version of a key.
    package func newest(source: String, bucket: String, key: String) async throws -> CatalogObject? {
        try await database.read { database in
            try Row.fetchOne(
                database.cachedStatement(
                    sql: Self.objects + " WHERE k.source = ? AND k.bucket = ? AND k.key = ? AND k.object = o.id"
                ),
                arguments: [source, bucket, key]
            ).map(Self.object)
        }
    }

    /// The newest versions of a source's keys that are not removed, in key order, at most `limit` after `key`.
    package func present(
        source: String,
        bucket: String,
        afterKey key: String,
        limit: Int
    ) async throws -> [CatalogObject] {
        try await database.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: Self.objects + """
                         WHERE k.source = ? AND k.bucket = ? AND k.key > ? AND k.object = o.id AND o.state <> 'removed'
                        ORDER BY k.key LIMIT ?
                        """
                ),
                arguments: [source, bucket, key, limit]
            ).map(Self.object)
        }
    }

    /// The newest versions of the keys that begin with `prefix` and come after `key`, removed ones as well, in the order
    /// of the keys' UTF-8 bytes, at most `limit`.
    package func newest(
        source: String,
        bucket: String,
        prefix: String,
        afterKey key: String?,
        limit: Int
    ) async throws -> [CatalogObject] {
        try await database.read { database in
            let condition = key == nil ? "k.key >= ?" : "k.key > ?"
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: Self.objects + """
                         WHERE k.source = ? AND k.bucket = ? AND \(condition) AND k.object = o.id
                        ORDER BY k.key LIMIT ?
                        """
                ),
                arguments: [source, bucket, key ?? prefix, limit]
            )
            var found: [CatalogObject] = []
            while let row = try rows.next() {
                let object = Self.object(row)
                guard object.key.utf8.starts(with: prefix.utf8) else { break }
                found.append(object)
            }
            return found
        }
    }

    /// The newest known versions of keys, and those versions that have the given ids, read at one moment.
    package func known(
        source: String,
        keys: [(bucket: String, key: String)],
        ids: [String]
    ) async throws -> (newest: [CatalogObject], versions: [CatalogObject]) {
        try await database.read { database in
            let byKey = try database.cachedStatement(
                sql: Self.objects + " WHERE k.source = ? AND k.bucket = ? AND k.key = ? AND k.object = o.id"
            )
            let newest = try keys.compactMap { bucket, key in
                try Row.fetchOne(byKey, arguments: [source, bucket, key]).map(Self.object)
            }
            let byID = try database.cachedStatement(sql: Self.objects + " WHERE o.id = ?")
            return (newest, try ids.compactMap { try Row.fetchOne(byID, arguments: [$0]).map(Self.object) })
        }
    }

    /// Whether notices with these ids are known.
    package func knownNotices(_ ids: [String]) async throws -> Set<String> {
        try await database.read { database in
            let find = try database.cachedStatement(sql: "SELECT id FROM notices WHERE id = ?")
            return Set(try ids.compactMap { try String.fetchOne(find, arguments: [$0]) })
        }
    }

    package func derivation(_ id: String) async throws -> CatalogDerivation? {
        try await database.read { database in
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT d.number, d.sha256, r.recipe FROM derivations d JOIN recipes r ON r.digest = d.recipe WHERE d.id = ?
                        """
                ),
                arguments: [id]
            )
            guard let row, let content = Digest(bytes: Array(row["sha256"] as Data)) else { return nil }
            let number: Int = row["number"]
            let waiting = try Row.fetchAll(
                database.cachedStatement(
                    sql: Self.objects + " WHERE o.wants = ? AND o.waits = 1 ORDER BY o.observed_position"
                ),
                arguments: [number]
            )
            let succeeding = try Row.fetchAll(
                database.cachedStatement(
                    sql: Self.objects + """
                         JOIN successors s ON s.object = o.id WHERE s.derivation = ? AND s.state <> 'failed'
                        ORDER BY o.observed_position
                        """
                ),
                arguments: [number]
            )
            return CatalogDerivation(
                number: number,
                id: id,
                content: content,
                recipe: try Recipe(from: try JSONObject(Array((row["recipe"] as String).utf8))),
                waiting: waiting.map(Self.object),
                succeeding: succeeding.map(Self.object)
            )
        }
    }

    /// Whether everything that waits for a derivation is about to be replaced by a newer version of its key.
    package func waitsForSuccessors(_ derivation: String) async throws -> Bool {
        try await database.read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT 1 FROM derivations d JOIN objects o ON o.wants = d.number AND o.waits = 1
                        JOIN keys k ON k.id = o.key_id JOIN objects newest ON newest.id = k.object
                        WHERE d.id = ? AND (newest.id = o.id OR newest.state NOT IN ('observed', 'fetched')) LIMIT 1
                        """
                ),
                arguments: [derivation]
            ) == nil
        }
    }

    /// The store's recipe.
    package func currentRecipe() async throws -> Recipe? {
        try await database.read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT recipe FROM recipes WHERE adopted_position IS NOT NULL ORDER BY adopted_position DESC LIMIT 1
                    """
            ).map { try Recipe(from: try JSONObject(Array($0.utf8))) }
        }
    }

    /// A recipe that was adopted or asked for, by its digest.
    package func recipe(_ digest: Digest) async throws -> Recipe? {
        try await database.read { database in
            try String.fetchOne(
                database,
                sql: "SELECT recipe FROM recipes WHERE digest = ?",
                arguments: [Data(digest.bytes)]
            ).map { try Recipe(from: try JSONObject(Array($0.utf8))) }
        }
    }

    /// The template that partitions are named by; nil while nobody has said one.
    package func partitionTemplate() async throws -> String? {
        try await database.read { try String.fetchOne($0, sql: "SELECT template FROM partitioning") }
    }

    package func partition(_ name: String) async throws -> CatalogPartition? {
        try await database.read { try Self.partition(name, in: $0) }
    }

    /// A partition as it stands, unless it holds tiles of another recipe than its own, with their successors still to come.
    package func unmixedPartition(_ name: String) async throws -> CatalogPartition? {
        try await database.read { try Self.mixesRecipes(name, in: $0) ? nil : Self.partition(name, in: $0) }
    }

    /// Whether a partition holds tiles of another recipe than its own, with their successors still to come.
    package func mixesRecipes(_ partition: String) async throws -> Bool {
        try await database.read { try Self.mixesRecipes(partition, in: $0) }
    }

    private static func partition(_ name: String, in database: Database) throws -> CatalogPartition? {
        try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT *, ifnull(recipe, (
                        SELECT digest FROM recipes WHERE adopted_position IS NOT NULL
                        ORDER BY adopted_position DESC LIMIT 1)) AS recipe_in_force FROM partitions WHERE name = ?
                    """
            ),
            arguments: [name]
        ).map {
            CatalogPartition(
                name: $0["name"],
                changedPosition: $0["changed_position"],
                committedThrough: $0["committed_through"],
                manifest: $0["manifest"],
                recipe: ($0["recipe_in_force"] as Data?).flatMap { Digest(bytes: Array($0)) },
                isBusy: ($0["waiting"] as Int) > 0,
                requestedPosition: $0["requested_position"]
            )
        }
    }

    private static func mixesRecipes(_ partition: String, in database: Database) throws -> Bool {
        // One that was observed anew is fetched before it waits for its tiles. From those that wait, not from all keys.
        try Int.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT 1 FROM partitions p CROSS JOIN objects o INDEXED BY objects_that_wait
                    CROSS JOIN keys k ON k.id = o.key_id AND k.partition = p.name
                    JOIN entries e ON e.key_id = k.id AND e.object = o.id AND e.until_position IS NULL
                    JOIN derivations held ON held.number = e.derivation
                    JOIN derivations wanted ON wanted.number = o.wants
                    WHERE p.name = ? AND p.waiting > 0 AND (o.waits = 1 OR o.state = 'observed')
                        AND held.recipe <> wanted.recipe LIMIT 1
                    """
            ),
            arguments: [partition]
        ) != nil
    }

    /// The files of a partition as of a position, sorted by the UTF-8 bytes of their paths.
    package func files(of partition: String, at position: Int) async throws -> [DatasetFile] {
        try await files("", ["partition": partition, "position": position])
    }

    /// The files of those keys of a partition that changed within some positions, as of a position, sorted as `files` does.
    package func files(
        of partition: String,
        at position: Int,
        changedWithin changes: ClosedRange<Int>
    ) async throws -> [DatasetFile] {
        try await files(
            """
            AND k.id IN (
                SELECT key_id FROM entries WHERE from_position BETWEEN :first AND :last
                UNION SELECT key_id FROM entries WHERE until_position BETWEEN :first AND :last)
            """,
            ["partition": partition, "position": position, "first": changes.lowerBound, "last": changes.upperBound]
        )
    }

    private func files(_ condition: String, _ arguments: StatementArguments) async throws -> [DatasetFile] {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        WITH held AS (
                            SELECT k.path, e.derivation FROM keys k JOIN entries e ON e.key_id = k.id
                            WHERE k.partition = :partition AND e.from_position <= :position
                            AND (e.until_position IS NULL OR e.until_position > :position) \(condition)
                        )
                        SELECT path || '/' || t.name AS path, t.md5, t.sha256, t.bytes FROM held
                        JOIN tiles t ON t.derivation = held.derivation
                        UNION ALL
                        SELECT path || '/tiles.jsonl', d.index_md5, d.index_sha256, d.index_bytes FROM held
                        JOIN derivations d ON d.number = held.derivation
                        ORDER BY 1
                        """
                ),
                arguments: arguments
            )
            var files: [DatasetFile] = []
            while let row = try rows.next() {
                let sha256 = (row[2] as Data?).flatMap { Digest(bytes: Array($0)) }
                files.append(DatasetFile(path: row[0], md5: hex(row[1] as Data), sha256: sha256, bytes: row[3]))
            }
            return files
        }
    }

    /// The commit of a partition that has an intent and no receipt; an intent that another one follows was given up.
    package func openCommit(of partition: String) async throws -> CatalogCommit? {
        try await commits("partition = ?", [partition], "DESC LIMIT 1").first { $0.committedPosition == nil }
    }

    /// The newest version of a partition that is in git.
    package func lastCommit(of partition: String) async throws -> CatalogCommit? {
        try await commits("partition = ? AND committed_position IS NOT NULL", [partition], "DESC LIMIT 1").first
    }

    package func commit(_ id: String) async throws -> CatalogCommit? {
        try await commits("id = ?", [id]).first
    }

    /// Whether a version of a partition with this manifest was pushed to a remote.
    package func wasPushed(_ manifest: String, of partition: String, to remote: String) async throws -> Bool {
        try await !commits(
            "partition = ? AND manifest = ? AND remote = ? AND pushed_position IS NOT NULL",
            [partition, manifest, remote]
        ).isEmpty
    }

    /// All dataset versions, oldest first.
    package func commits() async throws -> [CatalogCommit] {
        try await commits("true", [])
    }

    func commits(
        _ condition: String,
        _ arguments: StatementArguments,
        _ order: String = "ASC"
    ) async throws -> [CatalogCommit] {
        try await database.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT * FROM commits WHERE \(condition) ORDER BY started_position \(order)"
                ),
                arguments: arguments
            ).compactMap(Self.commit)
        }
    }

    static let objectColumns = """
        o.id, k.source, k.bucket, k.key, o.version, o.size, o.state, o.sha256, o.observed_position,
            o.fetched_position, o.validated_position, o.modified_at, o.etag, o.version_id, o.sequencer, o.announced_by,
            o.observed_at, o.ended_at, o.removed_at, o.removed_sequencer, o.revision, o.reason
        """

    static let objects = "SELECT \(objectColumns) FROM objects o JOIN keys k ON k.id = o.key_id"

    static func object(_ row: Row) -> CatalogObject {
        CatalogObject(
            id: row[0],
            source: row[1],
            bucket: row[2],
            key: row[3],
            version: row[4],
            size: row[5],
            state: row[6],
            sha256: (row[7] as Data?).flatMap { Digest(bytes: Array($0)) },
            observedPosition: row[8],
            fetchedPosition: row[9],
            validatedPosition: row[10],
            modifiedAt: time(row[11]),
            etag: row[12],
            versionID: row[13],
            sequencer: row[14],
            announcedBy: row[15],
            observedAt: Timestamp(microseconds: row[16]),
            endedAt: time(row[17]),
            removedAt: time(row[18]),
            removedSequencer: row[19],
            revision: row[20],
            reason: row[21]
        )
    }

    private static func time(_ microseconds: Int64?) -> Timestamp? {
        microseconds.map { Timestamp(microseconds: $0) }
    }

    static func commit(_ row: Row) -> CatalogCommit? {
        guard let recipe = Digest(bytes: Array(row["recipe"] as Data)) else { return nil }
        let root = (row["log_root"] as Data?).flatMap { Digest(bytes: Array($0)) }
        let size: Int? = row["log_size"]
        return CatalogCommit(
            id: row["id"],
            partition: row["partition"],
            recipe: recipe,
            manifest: row["manifest"],
            previous: row["previous"],
            files: row["files"],
            bytes: row["bytes"],
            added: row["added"],
            changed: row["changed"],
            removed: row["removed"],
            fromPosition: row["from_position"],
            throughPosition: row["through_position"],
            remote: row["remote"],
            tag: row["tag"],
            gitRemote: row["git_remote"],
            gitBranch: row["git_branch"],
            gitCommit: row["git_commit"],
            logHead: size.flatMap { size in root.map { (size, $0) } },
            startedPosition: row["started_position"],
            committedPosition: row["committed_position"],
            pushedPosition: row["pushed_position"],
            sharedPosition: row["shared_position"]
        )
    }
}
