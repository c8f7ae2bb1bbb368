package import Events
import Foundation
import GRDB

/// What one recipe made, or is to make, of one content.
package struct ListedDerivation: Sendable, Equatable {
    package let number: Int
    package let id: String
    package let content: Digest
    package let recipe: Digest
    package let startedPosition: Int?
    package let completedPosition: Int?
    package let tiles: Int?
    package let tileBytes: Int?
    /// Tiles that were left out as blank.
    package let skipped: Int?
    /// Upright source pixels.
    package let width: Int?
    package let height: Int?
    package let seconds: Double?
    /// Whether the dataset holds it now, under some key.
    package let isCurrent: Bool
}

/// A tile as the catalog has it.
package struct ListedTile: Sendable, Equatable {
    package let name: String
    package let bytes: Int
    package let sha256: Digest
    /// 32 hexadecimal digits.
    package let md5: String
    /// Of its event.
    package let position: Int
}

extension CatalogReader {
    /// Derivations, newest first.
    ///
    /// - Parameter content: only those of this content; nil for all.
    package func derivations(
        of content: Digest? = nil,
        before cursor: Int = .max,
        limit: Int
    ) async throws -> Page<ListedDerivation, Int> {
        try await database.read { database in
            var arguments: StatementArguments = [cursor]
            if let content { arguments += [Data(content.bytes)] }
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT \(Self.derivationColumns) FROM derivations d WHERE d.number < ?
                        \(content == nil ? "" : "AND d.sha256 = ?") ORDER BY d.number DESC
                        """
                ),
                arguments: arguments
            )
            return try Page.gather(rows, limit: limit, place: { $0["number"] }, read: Self.listedDerivation)
        }
    }

    package func listedDerivation(_ id: String) async throws -> ListedDerivation? {
        try await database.read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT \(Self.derivationColumns) FROM derivations d WHERE d.id = ?"),
                arguments: [id]
            ).flatMap(Self.listedDerivation)
        }
    }

    /// The tiles of a derivation after a name, in the order of their names.
    package func tiles(
        of derivation: String,
        after name: String = "",
        limit: Int
    ) async throws -> Page<ListedTile, String> {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT name, bytes, sha256, md5, position FROM tiles
                        WHERE derivation = (SELECT number FROM derivations WHERE id = ?) AND name > ? ORDER BY name
                        """
                ),
                arguments: [derivation, name]
            )
            return try Page.gather(rows, limit: limit, place: { $0[0] }, read: Self.listedTile)
        }
    }

    package func tile(_ name: String, of derivation: String) async throws -> ListedTile? {
        try await database.read { database in
            try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT name, bytes, sha256, md5, position FROM tiles
                        WHERE derivation = (SELECT number FROM derivations WHERE id = ?) AND name = ?
                        """
                ),
                arguments: [derivation, name]
            ).flatMap(Self.listedTile)
        }
    }

    private static let derivationColumns = """
        d.*, EXISTS (SELECT 1 FROM entries e WHERE e.derivation = d.number AND e.until_position IS NULL) AS is_current
        """

    private static func listedDerivation(_ row: Row) -> ListedDerivation? {
        guard let content = Digest(bytes: Array(row["sha256"] as Data)),
            let recipe = Digest(bytes: Array(row["recipe"] as Data))
        else { return nil }
        return ListedDerivation(
            number: row["number"],
            id: row["id"],
            content: content,
            recipe: recipe,
            startedPosition: row["started_position"],
            completedPosition: row["completed_position"],
            tiles: row["tiles"],
            tileBytes: row["tile_bytes"],
            skipped: row["skipped"],
            width: row["width"],
            height: row["height"],
            seconds: row["seconds"],
            isCurrent: row["is_current"]
        )
    }

    private static func listedTile(_ row: Row) -> ListedTile? {
        guard let sha256 = Digest(bytes: Array(row[2] as Data)) else { return nil }
        return ListedTile(name: row[0], bytes: row[1], sha256: sha256, md5: hex(row[3] as Data), position: row[4])
    }
}
