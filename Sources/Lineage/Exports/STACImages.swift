import EventLog
import Events
import Foundation
import GRDB

/// An image of the newest version of its partition, with all that its items are made of.
struct STACImage: Sendable {
    let partition: String
    let path: String
    let source: String
    let bucket: String
    let key: String
    let object: String
    let bytes: Int
    let sha256: Digest?
    let modifiedAt: Timestamp?
    let observedAt: Timestamp
    let validatedPosition: Int?
    let derivationNumber: Int
    let recipe: Digest
    let settings: String
    let engineRevision: Int?
    let host: String?
    let startedPosition: Int?

    /// The next images in the order of their places, at most `limit`.
    static func next(
        after last: STACImage?,
        partition: String?,
        limit: Int,
        in database: any DatabaseReader
    ) async throws -> [STACImage] {
        try await database.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT k.partition, k.path, k.source, k.bucket, k.key, o.id AS object, o.size, o.sha256,
                            o.modified_at, o.observed_at, o.validated_position, d.number, d.recipe, r.recipe AS settings,
                            d.engine_revision, d.host, d.started_position
                        FROM partitions p JOIN keys k ON k.partition = p.name
                        JOIN entries e ON e.key_id = k.id AND e.from_position <= p.committed_through
                            AND (e.until_position IS NULL OR e.until_position > p.committed_through)
                        JOIN objects o ON o.id = e.object JOIN derivations d ON d.number = e.derivation
                        JOIN recipes r ON r.digest = d.recipe
                        WHERE (k.partition, k.path) > (?1, ?2) AND (?3 IS NULL OR k.partition = ?3)
                        ORDER BY k.partition, k.path LIMIT ?4
                        """
                ),
                arguments: [last?.partition ?? "", last?.path ?? "", partition, limit]
            ).compactMap(STACImage.init)
        }
    }

    private init?(_ row: Row) {
        guard let recipe = Digest(bytes: Array(row["recipe"] as Data)) else { return nil }
        partition = row["partition"]
        path = row["path"]
        source = row["source"]
        bucket = row["bucket"]
        key = row["key"]
        object = row["object"]
        bytes = row["size"]
        sha256 = (row["sha256"] as Data?).flatMap { Digest(bytes: Array($0)) }
        modifiedAt = (row["modified_at"] as Int64?).map { Timestamp(microseconds: $0) }
        observedAt = Timestamp(microseconds: row["observed_at"])
        validatedPosition = row["validated_position"]
        derivationNumber = row["number"]
        self.recipe = recipe
        settings = row["settings"]
        engineRevision = row["engine_revision"]
        host = row["host"]
        startedPosition = row["started_position"]
    }

    /// Where its source has it.
    var href: String {
        source == "folder" ? "\(bucket)/\(key)" : "\(source)://\(bucket)/\(key)"
    }

    /// Calls `body` with each tile, in the order of the log, and never holds more of them than a page.
    func tiles(
        in database: any DatabaseReader,
        log: EventLog,
        _ body: (RecordedEvent, TileWritten) throws -> Void
    ) async throws {
        let number = derivationNumber
        let positions = try await database.read { database in
            Set(try Int.fetchAll(database, sql: "SELECT position FROM tiles WHERE derivation = ?", arguments: [number]))
        }
        guard let first = positions.min(), let last = positions.max() else { return }
        var after = first - 1
        while after < last {
            let page = try await log.read(after: after, through: last, payloads: [TileWritten.type.rawValue])
            guard let end = page.last?.position else { return }
            for event in page where positions.contains(event.position) { try body(event, try event.decode()) }
            after = end
        }
    }
}
