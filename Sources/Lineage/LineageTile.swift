package import Events
import Foundation
import GRDB

/// One of the tiles that something led to.
package struct LineageTile: Sendable, Equatable {
    /// Its path in the dataset; its derivation and name where it never had one.
    package let path: String
    package let bytes: Int
    package let sha256: String
    /// Of the event that wrote it.
    package let position: Int

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("path", path)
            $0.set("bytes", bytes)
            $0.set("sha256", sha256)
            $0.set("position", position)
        }
    }

    /// The tiles of an object's or a derivation's derivations, or of a dataset version; a notification's are its version's.
    static func all(of subject: LineageSubject, in database: Database) throws -> [LineageTile] {
        let (condition, id): (String, String)
        switch subject {
        case .object(let object):
            (condition, id) = (
                "d.sha256 = (SELECT sha256 FROM objects WHERE id = ?1) AND ifnull(e.object, ?1) = ?1", object
            )
        case .derivation(let derivation), .tile(let derivation, _, _): (condition, id) = ("d.id = ?1", derivation)
        case .commit(let commit): (condition, id) = (held("c.id = ?1"), commit)
        case .notification(let notification):
            (condition, id) = (held("c.id = (SELECT subject FROM notifications WHERE id = ?1)"), notification)
        }
        let only: String? = if case .tile(_, let name, _) = subject { name } else { nil }
        return try Row.fetchAll(
            database,
            sql: """
                SELECT DISTINCT ifnull(k.partition || '/' || k.path, d.id) || '/' || t.name, t.bytes, t.sha256, t.position
                FROM derivations d LEFT JOIN entries e ON e.derivation = d.number LEFT JOIN keys k ON k.id = e.key_id
                JOIN tiles t ON t.derivation = d.number AND (?2 IS NULL OR t.name = ?2)
                WHERE \(condition) ORDER BY 1
                """,
            arguments: [id, only]
        ).map { LineageTile(path: $0[0], bytes: $0[1], sha256: hex($0[2] as Data), position: $0[3]) }
    }

    /// What is in a dataset version.
    private static func held(_ condition: String) -> String {
        """
        (e.key_id, e.from_position) IN (
            SELECT e.key_id, e.from_position FROM commits c JOIN keys k ON k.partition = c.partition
            JOIN entries e ON e.key_id = k.id AND e.from_position <= c.through_position
                AND (e.until_position IS NULL OR e.until_position > c.through_position)
            WHERE \(condition))
        """
    }
}
