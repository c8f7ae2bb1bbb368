package import Events
import Foundation
import GRDB

/// A key's newest version, with its place in the dataset.
package struct PlacedObject: Sendable, Equatable {
    package let object: CatalogObject
    package let partition: String
    /// Directory of its tiles inside the partition.
    package let path: String
    /// Whether a newer version of the key is known.
    package let isOutdated: Bool
}

/// What a list of objects is narrowed to; nil is everything.
package struct ObjectFilter: Sendable, Equatable {
    package var state: String?
    package var partition: String?
    package var bucket: String?
    /// A part of the key, in the same letters.
    package var text: String?

    package init(state: String? = nil, partition: String? = nil, bucket: String? = nil, text: String? = nil) {
        self.state = state
        self.partition = partition
        self.bucket = bucket
        self.text = text
    }

    func fits(_ object: PlacedObject) -> Bool {
        (state == nil || state == object.object.state) && (partition == nil || partition == object.partition)
            && (bucket == nil || bucket == object.object.bucket)
            && (text.map { object.object.key.contains($0) } ?? true)
    }
}

extension CatalogReader {
    /// The newest versions of keys, the key that was seen last first.
    ///
    /// - Parameter cursor: the number of the key that the last part ended with.
    package func objects(
        _ filter: ObjectFilter = ObjectFilter(),
        before cursor: Int = .max,
        limit: Int
    ) async throws -> Page<PlacedObject, Int> {
        try await database.read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT \(Self.objectColumns), k.partition, k.path, k.object <> o.id, k.id
                        FROM keys k CROSS JOIN objects o ON o.id = k.object WHERE k.id < ? ORDER BY k.id DESC
                        """
                ),
                arguments: [cursor]
            )
            return try Page.gather(rows, limit: limit, place: { $0[25] }) { row in
                let listed = Self.listed(row)
                return filter.fits(listed) ? listed : nil
            }
        }
    }

    /// One version of a key, with its place.
    package func listedObject(_ id: String) async throws -> PlacedObject? {
        try await listed("o.id = ?", [id], limit: 1).first
    }

    /// The versions of the key that an object is one of, newest first.
    package func versions(ofKeyOf id: String, limit: Int) async throws -> [PlacedObject] {
        try await listed("o.key_id = (SELECT key_id FROM objects WHERE id = ?)", [id], limit: limit)
    }

    /// The objects that hold a content, oldest first.
    package func objects(holding content: Digest, limit: Int) async throws -> [PlacedObject] {
        try await listed("o.sha256 = ?", [Data(content.bytes)], order: "ASC", limit: limit)
    }

    private func listed(
        _ condition: String,
        _ arguments: StatementArguments,
        order: String = "DESC",
        limit: Int
    ) async throws -> [PlacedObject] {
        try await database.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT \(Self.objectColumns), k.partition, k.path, k.object <> o.id
                        FROM objects o JOIN keys k ON k.id = o.key_id WHERE \(condition)
                        ORDER BY o.observed_position \(order) LIMIT ?
                        """
                ),
                arguments: arguments + [limit]
            ).map(Self.listed)
        }
    }

    private static func listed(_ row: Row) -> PlacedObject {
        PlacedObject(object: object(row), partition: row[22], path: row[23], isOutdated: row[24])
    }
}
