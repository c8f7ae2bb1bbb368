import Events
import Foundation
import GRDB

/// The generation that is being derived, as far as folding needs it.
struct GenerationUnderWay {
    let id: String
    let recipe: Digest
    let partitions: Set<String>
    let prefix: String?
    /// Microseconds.
    let since: Int64?
    let isIncremental: Bool

    init?(_ row: Row) {
        guard let recipe = Digest(bytes: Array(row["recipe"] as Data)) else { return nil }
        id = row["id"]
        self.recipe = recipe
        partitions = Set((row["partitions"] as String).split(separator: "\n").map(String.init))
        prefix = row["prefix"]
        since = row["since"]
        isIncremental = row["incremental"]
    }

    /// Whether it takes in all of its partitions, so that its recipe becomes theirs.
    var isWhole: Bool { prefix == nil && since == nil }

    func takes(partition: String, key: String, observedAt: Int64) -> Bool {
        (partitions.isEmpty || partitions.contains(partition)) && (prefix.map { key.hasPrefix($0) } ?? true)
            && (since.map { observedAt >= $0 } ?? true)
    }
}

extension CatalogTables {
    func generationUnderWay() throws -> GenerationUnderWay? {
        let find = try database.cachedStatement(sql: "SELECT * FROM generations WHERE state = 'deriving'")
        return try Row.fetchOne(find).flatMap(GenerationUnderWay.init)
    }
}
