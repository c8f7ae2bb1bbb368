package import Events
import Foundation
import GRDB

/// An object that was found missing or damaged, and not right since.
package struct CatalogDamage: Sendable, Equatable {
    /// MD5, with `.dir` for a manifest.
    package let artifact: String
    /// `cache`, or the URL of a remote.
    package let place: String
    /// `tile`, `index` or `manifest`.
    package let kind: String
    /// One that needs it, and its path there; nil for a manifest.
    package let partition: String
    package let path: String?
    /// `missing` or `damaged`.
    package let reason: String
    package let message: String
    /// Of the event that said so.
    package let position: Int

    init(_ row: Row) {
        artifact = row["artifact"]
        place = row["place"]
        kind = row["kind"]
        partition = row["partition"]
        path = row["path"]
        reason = row["reason"]
        message = row["message"]
        position = row["position"]
    }

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("object", artifact)
            $0.set("kind", kind)
            $0.set("partition", partition)
            $0.set("path", path)
            $0.set("place", place)
            $0.set("reason", reason)
            $0.set("message", message)
            $0.set("position", position)
        }
    }
}

extension CatalogReader {
    /// What is damaged, the oldest first.
    ///
    /// - Parameter partition: of this one alone; nil for all.
    package func damages(of partition: String? = nil) async throws -> [CatalogDamage] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM damages WHERE ?1 IS NULL OR partition = ?1 ORDER BY position, artifact",
                arguments: [partition]
            ).map(CatalogDamage.init)
        }
    }

    /// How many objects are missing or damaged, each place counted.
    package func damageCount() async throws -> Int {
        try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM damages") ?? 0 }
    }
}
