import EventLog
import Events
import Foundation
import GRDB
import Projections
import Testing

/// A directory that goes when the test ends, with a log and views over it.
final class TestStore: Sendable {
    let directory: URL
    let log: EventLog
    var projectionsPath: String { directory.appending(path: "projections.db").path }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(
            path: "swathlog-test-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        log = try EventLog.open(path: directory.appending(path: "log.db").path, actor: "test")
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    func projector(_ views: [any View] = [Catalog(), Activity()]) throws -> Projector {
        try Projector(path: projectionsPath, log: log, views: views)
    }

    /// Deletes the views' file, as an operator may.
    func deleteProjections() throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: projectionsPath + suffix)
        }
    }
}

/// All rows of all tables as text, sorted: two files with the same dump hold the same.
func dump(_ database: any DatabaseReader, without skipped: Set<String> = []) throws -> [String] {
    try database.read { database in
        let tables = try String.fetchAll(
            database,
            sql:
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        return try tables.filter { !skipped.contains($0) }.flatMap { table in
            try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { row in
                "\(table): " + row.map { "\($0)=\($1)" }.joined(separator: " ")
            }.sorted()
        }
    }
}

/// Expects of each partition that it counts the objects that are to be fetched or derived as they are.
func expectTrueWaiting(_ projector: Projector) async throws {
    let untrue = try await projector.database.read { database in
        try Row.fetchAll(
            database,
            sql: """
                SELECT name, waiting, (
                    SELECT count(*) FROM objects o JOIN keys k ON k.id = o.key_id
                    WHERE k.partition = name AND (o.waits = 1 OR o.state IN ('observed', 'fetched'))) AS known
                FROM partitions WHERE waiting <> known
                """
        ).map(\.description)
    }
    #expect(untrue.isEmpty)
}

/// Expects of the generation under way that it counts its successors as they are.
func expectTrueCounts(_ projector: Projector) async throws {
    let untrue = try await projector.database.read { database in
        try Row.fetchAll(
            database,
            sql: """
                SELECT g.id, g.objects, g.waiting, g.failed, g.tiles, s.* FROM generations g JOIN (
                    SELECT count(*) AS known, ifnull(sum(state = 'waits'), 0) AS waits,
                        ifnull(sum(state = 'failed'), 0) AS failures, ifnull(sum(iif(state = 'derived', d.tiles, 0)), 0) AS made
                    FROM successors JOIN derivations d ON d.number = derivation
                ) s
                WHERE g.state = 'deriving'
                AND (g.objects, g.waiting, g.failed, g.tiles) IS NOT (s.known, s.waits, s.failures, s.made)
                """
        ).map(\.description)
    }
    #expect(untrue.isEmpty)
}
