import Events
import Files
import Foundation
import GRDB
import Migrations

/// Opens log files and knows their schema.
enum LogSchema {
    /// "SwLg", so that `file` and this program recognise a log.
    private static let applicationID = 0x5377_4C67

    /// How many read at the same time.
    static let readers = 4

    static func openForWriting(_ path: String, _ synchronous: Synchronous) throws -> DatabasePool {
        // Looked at before it is opened for writing: that alone would turn another program's file into a WAL database.
        if try fileInfo(path) != nil { try check(openForWatching(path), path: path) }
        let database = try DatabasePool(path: path, configuration: configuration())
        try database.writeWithoutTransaction { database in
            // A WAL of 16 MiB: a page that many commits touch is copied from it once, and the disk is waited for less often.
            try database.execute(
                sql: "PRAGMA synchronous = \(synchronous.rawValue); PRAGMA wal_autocheckpoint = 4000"
            )
        }
        try migrator.migrate(database)
        try database.write { database in
            if try Int.fetchOne(database, sql: "PRAGMA application_id") != applicationID {
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            }
        }
        return database
    }

    /// What the writing connection really has: its journal mode and its `synchronous` level, as SQLite names them.
    static func durability(_ database: DatabasePool) throws -> (journal: String, synchronous: Int) {
        try database.writeWithoutTransaction { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "",
                try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? 0
            )
        }
    }

    static func openForReading(_ path: String) throws -> DatabasePool {
        var configuration = configuration()
        configuration.readonly = true
        guard try fileInfo(path) != nil else {
            throw EventLogError(
                .notFound,
                "there is no log at \(path): name the store with --store, or ingest into it first"
            )
        }
        let database = try DatabasePool(path: readingPath(path), configuration: configuration)
        try check(database, path: path)
        guard try database.read({ try migrator.hasCompletedMigrations($0) }) else {
            let what =
                hasOurTables(database)
                ? "was made by an older program: run an agent on the store once to bring it up"
                : "is empty: where the store is new, run an agent on it; else move it away and `swathlog restore` a backup"
            throw EventLogError(.notALog, "\(path) \(what)")
        }
        return database
    }

    /// Does what opening for writing does before it writes, and reads the tree where there is one.
    static func examine(_ path: String) throws {
        let database = try openForWatching(path)
        try check(database, path: path)
        try database.read { database in
            if try migrator.hasCompletedMigrations(database) { _ = try tree(size: head(database), in: database) }
        }
    }

    /// A connection that only serves to ask for `data_version`.
    static func openForWatching(_ path: String) throws -> DatabaseQueue {
        var configuration = configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: readingPath(path), configuration: configuration)
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = readers
        configuration.prepareDatabase { database in
            // A reader's own cache is void with each commit; what it reads is in the system's.
            if database.configuration.readonly { try database.execute(sql: "PRAGMA cache_size = -512") }
        }
        return configuration
    }

    private static func check(_ database: some DatabaseReader, path: String) throws {
        let (application, superseded, tables) = try database.read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try migrator.hasBeenSuperseded(database),
                try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            )
        }
        guard application == applicationID || application == 0 && !superseded && (tables == 0 || hasOurTables(database))
        else {
            throw EventLogError(.notALog, "\(path) is an SQLite file of another program: name another store")
        }
        guard !superseded else {
            throw EventLogError(.newerSchema, "\(path) was made by a newer swathlog: use that version or a later one")
        }
    }

    /// Whether a file without our application id is a log whose making was cut short.
    private static func hasOurTables(_ database: some DatabaseReader) -> Bool {
        (try? database.read { try $0.tableExists("grdb_migrations") }) ?? false
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in Migrations.log {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        return migrator
    }

    /// Runs `body` and makes errors of the database the log's own.
    static func translating<Value>(_ path: String, _ body: () throws -> Value) throws(EventLogError) -> Value {
        do {
            return try body()
        } catch let error as EventLogError {
            throw error
        } catch let error as DatabaseError {
            throw EventLogError(error, path: path)
        } catch {
            throw EventLogError(.database, "\(path): \(error)")
        }
    }

    /// The same for a body that waits; it may also be cancelled.
    static func translating<Value: Sendable>(_ path: String, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw EventLogError(error, path: path)
        }
    }

    static func head(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT max(position) FROM events") ?? 0
    }

    static func revision(of stream: String, in database: Database) throws -> Int {
        let statement = try database.cachedStatement(sql: "SELECT max(revision) FROM events WHERE stream = ?")
        return try Int.fetchOne(statement, arguments: [stream]) ?? 0
    }
}

extension LogSchema {
    /// Builds the tree of the events that are there.
    static func restoreTree(_ database: DatabasePool) throws -> MerkleTree {
        try database.read { try tree(size: head($0), in: $0) }
    }

    /// Builds the tree of the first `size` events from the stored nodes and at most 255 nodes a level between them.
    static func tree(size: Int, in database: Database) throws -> MerkleTree {
        let peaks = try MerkleTree.peakPlaces(size: size).map { place in
            MerkleTree.Node(
                level: place.level,
                number: place.number,
                hash: try subtree(level: place.level, number: place.number, in: database)
            )
        }
        return MerkleTree(size: size, peaks: peaks)
    }

    /// The root of a tree over some leaves, which begin where a perfect subtree of their size could.
    static func root(of leaves: Range<Int>, in database: Database) throws -> Digest {
        if leaves.count & (leaves.count - 1) == 0 {
            let level = leaves.count.trailingZeroBitCount
            return try subtree(level: level, number: leaves.lowerBound >> level, in: database)
        }
        let middle = leaves.lowerBound + MerkleTree.split(leaves.count)
        return MerkleTree.parent(
            try root(of: leaves.lowerBound..<middle, in: database),
            try root(of: middle..<leaves.upperBound, in: database)
        )
    }

    /// The root of a perfect subtree.
    private static func subtree(level: Int, number: Int, in database: Database) throws -> Digest {
        if level == 0 {
            let statement = try database.cachedStatement(sql: "SELECT leaf FROM events WHERE position = ?")
            return try digest(Data.fetchOne(statement, arguments: [number + 1]), "leaf \(number + 1)")
        }
        if level % 8 == 0 {
            let statement = try database.cachedStatement(
                sql: "SELECT hash FROM merkle_nodes WHERE level = ? AND number = ?"
            )
            return try digest(Data.fetchOne(statement, arguments: [level, number]), "tree node \(level)/\(number)")
        }
        return MerkleTree.parent(
            try subtree(level: level - 1, number: number * 2, in: database),
            try subtree(level: level - 1, number: number * 2 + 1, in: database)
        )
    }

    private static func digest(_ data: Data?, _ what: String) throws -> Digest {
        guard let data, let digest = Digest(bytes: Array(data)) else {
            throw EventLogError(.damaged, "the log lacks \(what): restore log.db from a backup")
        }
        return digest
    }
}
