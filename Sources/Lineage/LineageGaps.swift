package import Events
package import GRDB

/// What of the committed dataset versions has no whole way from a source to a tile.
package struct LineageGaps: Sendable, Equatable {
    package struct Gap: Sendable, Equatable {
        /// The object's directory in the dataset, or the dataset version.
        package let place: String
        /// What is missing, or there twice.
        package let reason: String
    }

    /// Images that are or were in a committed version, their tiles, and the versions.
    package private(set) var images = 0
    package private(set) var tiles = 0
    package private(set) var versions = 0
    package private(set) var gaps: [Gap] = []

    /// An entry in each committed version that holds it, with all that its tiles' way is made of.
    private static let entries = """
        SELECT k.partition || '/' || k.path AS place, d.tiles AS tiles,
            CASE
                WHEN o.id IS NULL THEN 'its object ' || e.object || ' was never observed'
                WHEN o.fetched_position IS NULL THEN 'its object ' || e.object || ' was never fetched'
                WHEN o.validated_position IS NULL THEN 'its object ' || e.object || ' was never validated'
                WHEN d.number IS NULL THEN 'there is no derivation of it'
                WHEN d.sha256 IS NOT o.sha256 THEN 'its tiles are of another content than its object ' || e.object
                WHEN r.digest IS NULL THEN 'the recipe of derivation ' || d.id || ' was never adopted'
                WHEN d.started_position IS NULL THEN 'derivation ' || d.id || ' was never started'
                WHEN d.completed_position IS NULL THEN 'derivation ' || d.id || ' was never completed'
                WHEN d.tiles <> (SELECT count(*) FROM tiles t WHERE t.derivation = d.number)
                    THEN 'derivation ' || d.id || ' has not the ' || d.tiles || ' tiles that it was completed with'
            END AS reason
        FROM entries e JOIN keys k ON k.id = e.key_id
        JOIN partitions p ON p.name = k.partition AND p.manifest IS NOT NULL AND e.from_position <= p.committed_through
        LEFT JOIN objects o ON o.id = e.object
        LEFT JOIN derivations d ON d.number = e.derivation
        LEFT JOIN recipes r ON r.digest = d.recipe
        """

    /// Versions whose number of files is not that of their entries, and places that two entries share.
    private static let commits = """
        SELECT 'dataset version ' || c.id AS place,
            (SELECT sum(d.tiles + 1) FROM keys k
                JOIN entries e ON e.key_id = k.id AND e.from_position <= c.through_position
                    AND (e.until_position IS NULL OR e.until_position > c.through_position)
                JOIN derivations d ON d.number = e.derivation WHERE k.partition = c.partition) AS known,
            (SELECT count(*) - count(DISTINCT k.path) FROM keys k
                JOIN entries e ON e.key_id = k.id AND e.from_position <= c.through_position
                    AND (e.until_position IS NULL OR e.until_position > c.through_position)
                WHERE k.partition = c.partition) AS shared,
            c.files AS files
        FROM commits c WHERE c.committed_position IS NOT NULL ORDER BY c.started_position
        """

    /// Looks at the catalog's tables.
    package init(_ database: any DatabaseReader) async throws {
        self = try await database.read { database in
            var found = LineageGaps()
            let entries = try Row.fetchCursor(database, sql: Self.entries)
            while let row = try entries.next() {
                found.images += 1
                found.tiles += row["tiles"] ?? 0
                if let reason: String = row["reason"] { found.gaps.append(Gap(place: row["place"], reason: reason)) }
            }
            let commits = try Row.fetchCursor(database, sql: Self.commits)
            while let row = try commits.next() {
                found.versions += 1
                let (known, files): (Int, Int) = (row["known"] ?? 0, row["files"])
                if known != files {
                    found.gaps.append(
                        Gap(place: row["place"], reason: "it has \(files) files, and \(known) have a way that is known")
                    )
                }
                let shared: Int = row["shared"]
                if shared > 0 {
                    found.gaps.append(Gap(place: row["place"], reason: "\(shared) of its images share their place"))
                }
            }
            return found
        }
    }

    private init() {}

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("images", images)
            $0.set("tiles", tiles)
            $0.set("versions", versions)
            $0.set(
                "gaps",
                gaps.map { gap in
                    CanonicalJSON {
                        $0.set("place", gap.place)
                        $0.set("reason", gap.reason)
                    }
                }
            )
        }
    }
}
