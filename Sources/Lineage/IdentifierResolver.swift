import Events
import Foundation
import GRDB
import Projections

/// Finds what an identifier stands for.
struct IdentifierResolver {
    let database: Database

    /// Fewer hexadecimal digits are no identifier but a guess.
    private static let shortestPrefix = 6

    /// All things that an identifier names, the most exact way of naming first.
    func subjects(_ text: String) throws -> [LineageSubject] {
        for find in [exactIDs, keys, datasetPaths, prefixes] {
            let found = try find(text)
            if !found.isEmpty { return found }
        }
        return []
    }

    private func exactIDs(_ text: String) throws -> [LineageSubject] {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            let tile = try String.fetchOne(
                database,
                sql:
                    "SELECT t.name FROM tiles t JOIN derivations d ON d.number = t.derivation WHERE d.id = ? AND t.name = ?",
                arguments: [parts[0], parts[1]]
            )
            if let tile { return [.tile(derivation: parts[0], name: tile)] }
        }
        return try collect(
            [
                ("SELECT id FROM objects WHERE id = ?", LineageSubject.object),
                ("SELECT id FROM derivations WHERE id = ?", LineageSubject.derivation),
                ("SELECT id FROM commits WHERE id = ? OR manifest = ?1", LineageSubject.commit),
                ("SELECT id FROM notifications WHERE id = ?", LineageSubject.notification),
            ],
            text
        )
    }

    /// Keys by what follows, from each source in turn: the keys' index begins with the source.
    private static let sources = """
        SELECT k.object FROM (SELECT DISTINCT source, bucket FROM partitions) p
        CROSS JOIN keys k ON k.source = p.source AND k.bucket = p.bucket AND\u{20}
        """

    /// A source key, alone or behind its folder's path.
    private func keys(_ text: String) throws -> [LineageSubject] {
        try collect(
            [
                (Self.sources + "k.key = ?1", LineageSubject.object),
                (
                    Self.sources + """
                        k.key = substr(?1, length(p.bucket) + 2)
                        AND substr(?1, 1, length(p.bucket) + 1) = p.bucket || '/'
                        """,
                    LineageSubject.object
                ),
            ],
            text
        )
    }

    /// `<partition>/<object path>/<tile>`, with or without the way to the dataset before it; an object's directory or a
    /// pointer file too.
    private func datasetPaths(_ text: String) throws -> [LineageSubject] {
        let components = text.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        for start in components.indices {
            let path = components[start...].joined(separator: "/")
            if let slash = path.lastIndex(of: "/") {
                let tiles = try tiles(
                    directory: String(path[..<slash]),
                    name: String(path[path.index(after: slash)...])
                )
                if !tiles.isEmpty { return tiles }
            }
            let objects = try collect(
                [
                    (
                        "SELECT object FROM keys WHERE partition = substr(?1, 1, instr(?1, '/') - 1) AND path = substr(?1, instr(?1, '/') + 1)",
                        LineageSubject.object
                    )
                ],
                path
            )
            if !objects.isEmpty { return objects }
        }
        guard let last = components.last, last.hasSuffix(".dvc") else { return [] }
        return try collect(
            [
                (
                    "SELECT id FROM commits WHERE partition || '.dvc' = ? ORDER BY started_position DESC LIMIT 1",
                    LineageSubject.commit
                )
            ],
            last
        )
    }

    /// The tile that is in the dataset now; where none is any more, all that were, newest first.
    private func tiles(directory: String, name: String) throws -> [LineageSubject] {
        for condition in ["e.until_position IS NULL", "e.until_position IS NOT NULL"] {
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT d.id, t.name, e.object FROM keys k
                    JOIN entries e ON e.key_id = k.id AND \(condition)
                    JOIN derivations d ON d.number = e.derivation
                    JOIN tiles t ON t.derivation = d.number AND t.name = ?1
                    WHERE k.partition = substr(?2, 1, instr(?2, '/') - 1) AND k.path = substr(?2, instr(?2, '/') + 1)
                    ORDER BY e.from_position DESC
                    """,
                arguments: [name, directory]
            )
            // Of several objects that one derivation stood for in that place, one after the other, the newest.
            var seen: Set<String> = []
            let newest = rows.filter { seen.insert($0[0]).inserted }
            if !newest.isEmpty { return newest.map { .tile(derivation: $0[0], name: $0[1], holder: $0[2]) } }
        }
        return []
    }

    /// Prefixes of digests and ids.
    private func prefixes(_ text: String) throws -> [LineageSubject] {
        let digits = text.lowercased().hasSuffix(".dir") ? String(text.lowercased().dropLast(4)) : text.lowercased()
        guard digits.utf8.count >= Self.shortestPrefix, digits.allSatisfy({ $0.isHexDigit }) else { return [] }
        var found = try collect(
            [
                // Ids are hexadecimal: what begins so stands before the digits and a 'g', and the index knows where.
                ("SELECT id FROM objects WHERE id >= ?1 AND id < ?1 || 'g'", LineageSubject.object),
                ("SELECT id FROM derivations WHERE id >= ?1 AND id < ?1 || 'g'", LineageSubject.derivation),
                (
                    "SELECT id FROM commits WHERE git_commit GLOB ? || '*' OR manifest GLOB ?1 || '*'",
                    LineageSubject.commit
                ),
                (
                    "SELECT id FROM former_commits WHERE git_commit >= ?1 AND git_commit < ?1 || 'g'",
                    LineageSubject.commit
                ),
            ],
            digits
        )
        guard let range = BlobRange(prefix: digits) else { return found }
        found += try contents(range)
        found += try TileDigests.tiles(from: range.low, through: range.high, limit: 50, in: database)
            .map { .tile(derivation: $0.derivation, name: $0.name) }
        found += try String.fetchAll(
            database,
            sql: "SELECT id FROM derivations WHERE index_md5 BETWEEN ?1 AND ?2 OR index_sha256 BETWEEN ?1 AND ?2",
            arguments: range.arguments
        ).map(LineageSubject.derivation)
        return found
    }

    /// The objects that hold a content; where several do, what was derived from it, which names them all.
    private func contents(_ range: BlobRange) throws -> [LineageSubject] {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT id, sha256 FROM objects WHERE sha256 BETWEEN ? AND ?",
            arguments: range.arguments
        )
        if rows.count > 1, Set(rows.map { $0["sha256"] as Data }).count == 1 {
            let derivations = try String.fetchAll(
                database,
                sql: "SELECT id FROM derivations WHERE sha256 = ? AND completed_position IS NOT NULL",
                arguments: [rows[0]["sha256"] as Data]
            )
            if !derivations.isEmpty { return derivations.map(LineageSubject.derivation) }
        }
        return rows.map { .object($0["id"]) }
    }

    private func collect(
        _ queries: [(sql: String, make: (String) -> LineageSubject)],
        _ text: String
    ) throws -> [LineageSubject] {
        try queries.flatMap { query in
            try String.fetchAll(database, sql: query.sql, arguments: [text]).map(query.make)
        }
    }
}

/// The blobs that begin with given hexadecimal digits.
private struct BlobRange {
    let low: [UInt8]
    let high: [UInt8]

    var arguments: StatementArguments { [Data(low), Data(high)] }

    /// The longest digest that is looked for, in bytes.
    private static let width = 32

    init?(prefix digits: String) {
        let padded = digits.count.isMultiple(of: 2) ? (digits, digits) : (digits + "0", digits + "f")
        guard let low = bytes(hex: padded.0), let high = bytes(hex: padded.1), low.count <= Self.width else {
            return nil
        }
        self.low = low
        self.high = high + [UInt8](repeating: 0xFF, count: Self.width - high.count)
    }
}
