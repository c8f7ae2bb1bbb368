package import Events
import Foundation
import GRDB

extension CatalogReader {
    /// All partitions, in the order of their names' bytes.
    package func partitions() async throws -> [CatalogPartition] {
        let names = try await database.read { database in
            try String.fetchAll(database, sql: "SELECT name FROM partitions ORDER BY name")
        }
        var partitions: [CatalogPartition] = []
        for name in names {
            if let partition = try await partition(name) { partitions.append(partition) }
        }
        return partitions
    }

    /// The versions that have this manifest, oldest first.
    package func commits(withManifest manifest: String) async throws -> [CatalogCommit] {
        try await commits("manifest = ?", [manifest])
    }

    /// The SHA-256 of files that derivations have made, by MD5; those of others are left out.
    ///
    /// It goes through all tiles once: no index has them by MD5.
    package func digests(ofFiles md5s: Set<String>) async throws -> [String: Digest] {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT md5, sha256 FROM tiles UNION ALL
                    SELECT index_md5, index_sha256 FROM derivations WHERE index_md5 IS NOT NULL
                    """
            )
            var digests: [String: Digest] = [:]
            while let row = try rows.next() {
                let md5 = hex(row[0] as Data)
                if md5s.contains(md5) { digests[md5] = Digest(bytes: Array(row[1] as Data)) }
            }
            return digests
        }
    }

    /// The ids of the derivations that make a file of this MD5.
    package func derivations(making md5: String) async throws -> [String] {
        guard let key = bytes(hex: md5) else { return [] }
        return try await database.read { database in
            let indexes = try String.fetchAll(
                database,
                sql: "SELECT id FROM derivations WHERE index_md5 = ?",
                arguments: [Data(key)]
            )
            let tiles = try TileDigests.tiles(from: key, through: key, limit: 50, in: database)
            return Set(indexes + tiles.map(\.derivation)).sorted()
        }
    }

    /// The MD5s of all files that derivations have made, whether or not a dataset version has them.
    package func madeFiles() async throws -> Set<String> {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT md5 FROM tiles UNION ALL
                    SELECT index_md5 FROM derivations WHERE index_md5 IS NOT NULL
                    """
            )
            var files: Set<String> = []
            while let row = try rows.next() { files.insert(hex(row[0] as Data)) }
            return files
        }
    }
}
