import EventLog
import Events
import Foundation
import GRDB
import Migrations

/// The file of the views' tables and their cursors, `projections.db`.
///
/// It may be deleted at any time.
enum ProjectionsFile {
    /// KiB of pages that the writer keeps while it follows the log, and while it folds much of it.
    private static let followingCache = 4_096
    private static let rebuildingCache = 16_384

    /// Lets the writer of a file keep what a rebuild comes back to, or no more than following takes.
    ///
    /// A temporary database keeps its own cache.
    static func setCache(isRebuilding: Bool, in database: any DatabaseWriter) async throws {
        guard database is DatabasePool else { return }
        let size = isRebuilding ? rebuildingCache : followingCache
        try await database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA cache_size = -\(size)") }
    }

    static func open(_ path: String) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            // A rebuild writes much, and it is copied from the WAL in large pieces. What is read is in the system's cache:
            // a reader's own one is void with each commit.
            try database.execute(
                sql: database.configuration.readonly
                    ? "PRAGMA cache_size = -512"
                    : "PRAGMA cache_size = -\(followingCache); PRAGMA wal_autocheckpoint = 8000"
            )
        }
        do {
            let database = try DatabasePool(path: path, configuration: configuration)
            try makeCursors(in: database)
            return database
        } catch let error as DatabaseError {
            if error.meansDiskFull(at: path) { throw ProjectionsError(diskFull: path) }
            throw ProjectionsError(
                .unusable,
                "\(path): \(error.message ?? "\(error)"). It holds nothing that the log does not: delete it to have it rebuilt"
            )
        }
    }

    /// Opens a database that is nobody else's and goes with its connection: in memory, and in SQLite's temporary directory
    /// once it is large.
    static func openTemporary() throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            // Nothing of it has to survive the process.
            try database.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
            try database.execute(sql: "PRAGMA cache_size = -65536")
        }
        let database = try DatabaseQueue(path: "", configuration: configuration)
        try makeCursors(in: database)
        return database
    }

    /// Opens the file at `path` for reading only.
    ///
    /// - Returns: nil when there is none, it can't be read, or holds other tables than those of `views`.
    static func openForReading(_ path: String, views: [any View]) throws -> (any DatabaseReader)? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.readonly = true
        do {
            let database = try DatabasePool(path: readingPath(path), configuration: configuration)
            let isOurs = try database.read { database in
                try views.allSatisfy { try storedFingerprint(of: $0, in: database) == fingerprint($0) }
            }
            return isOurs ? database : nil
        } catch is DatabaseError {
            return nil
        }
    }

    private static func makeCursors(in database: some DatabaseWriter) throws {
        try database.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS cursors (
                        view TEXT PRIMARY KEY,
                        fingerprint BLOB NOT NULL,  -- SHA-256 of the view's SQL and revision
                        position INTEGER NOT NULL,
                        event_id BLOB,              -- of the event there: is it still the same log?
                        failed_position INTEGER,
                        failure TEXT
                    ) STRICT, WITHOUT ROWID
                    """
            )
        }
    }

    /// Makes the view's tables where they are missing or of another shape; returns its cursor.
    static func prepare(_ view: any View, in database: any DatabaseWriter) throws -> Int {
        let known = try database.read { try storedFingerprint(of: view, in: $0) }
        if known != fingerprint(view) { try rebuild(view, in: database) }
        return try database.write { database in
            // A stopped view is tried again by the next program: it may be the one that knows the event.
            try database.execute(
                sql:
                    "UPDATE cursors SET failed_position = NULL, failure = NULL WHERE view = ? AND failed_position NOTNULL",
                arguments: [view.name]
            )
            return try status(of: view.name, in: database).position
        }
    }

    static func rebuild(_ view: any View, in database: any DatabaseWriter) throws {
        try database.write { database in
            for table in view.tables.reversed() { try database.execute(sql: "DROP TABLE IF EXISTS \(table)") }
            try database.execute(sql: Migrations.view(view.name) ?? "")
            try database.execute(
                sql: "INSERT OR REPLACE INTO cursors (view, fingerprint, position) VALUES (?, ?, 0)",
                arguments: [view.name, fingerprint(view)]
            )
        }
    }

    static func status(of view: String, in database: Database) throws -> ViewStatus {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT position, failed_position, failure FROM cursors WHERE view = ?",
            arguments: [view]
        )
        return ViewStatus(
            name: view,
            position: row?["position"] ?? 0,
            failedPosition: row?["failed_position"],
            failure: row?["failure"]
        )
    }

    /// The last event that a view has folded; nil before the first.
    static func lastEvent(of view: String, in database: Database) throws -> (position: Int, id: EventID)? {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT position, event_id FROM cursors WHERE view = ? AND position > 0",
            arguments: [view]
        )
        guard let row, let bytes: Data = row["event_id"], let id = EventID(bytes: Array(bytes)) else { return nil }
        return (row["position"], id)
    }

    /// Folds a page up to its end or to the first event that the view cannot fold.
    ///
    /// Another process may have folded it meanwhile (an agent beside a command): then nothing is done.
    static func fold<Viewer: View>(
        _ page: ViewPage<Viewer>,
        into view: Viewer,
        in database: Database
    ) throws -> ViewStatus {
        let before = try status(of: view.name, in: database)
        guard before.position == page.position else { return before }
        guard let first = page.events.first, first.position == page.position + 1 else {
            let failure = "the log lacks this event: restore log.db from a backup"
            try stop(view, at: page.position + 1, because: failure, in: database)
            return try status(of: view.name, in: database)
        }
        var stop: (index: Int, error: any Error)?
        try database.inSavepoint {
            stop = try apply(page, upTo: page.events.count, of: view, in: database)
            return stop == nil ? .commit : .rollback
        }
        var last = page.events.last
        if let stop {
            _ = try apply(page, upTo: stop.index, of: view, in: database)
            last = page.events[..<stop.index].last
        }
        if let last {
            try database.execute(
                sql: "UPDATE cursors SET position = ?, event_id = ? WHERE view = ?",
                arguments: [last.position, Data(last.id.bytes), view.name]
            )
        }
        if let stop {
            let position = page.events[stop.index].position
            try self.stop(view, at: position, because: "\(stop.error)", in: database)
        }
        return try status(of: view.name, in: database)
    }

    private static func stop(_ view: any View, at position: Int, because failure: String, in database: Database) throws
    {
        try database.execute(
            sql: "UPDATE cursors SET failed_position = ?, failure = ? WHERE view = ?",
            arguments: [position, failure, view.name]
        )
    }

    /// Folds the first events of a page; tells of the one that the view can't fold.
    private static func apply<Viewer: View>(
        _ page: ViewPage<Viewer>,
        upTo end: Int,
        of view: Viewer,
        in database: Database
    ) throws -> (index: Int, error: any Error)? {
        view.startPage()
        for index in 0..<end {
            do {
                try view.apply(page.events[index], page.readings[index], to: database)
            } catch let error as DatabaseError where error.resultCode != .SQLITE_CONSTRAINT {
                // The file's trouble (a full disk, a lock), not the event's.
                throw error
            } catch let error as CancellationError {
                throw error
            } catch {
                return (index, error)
            }
        }
        try view.finishPage(in: database)
        return nil
    }

    private static func fingerprint(_ view: any View) -> Data {
        Data(Digest(of: "\(view.revision)\n\(Migrations.view(view.name) ?? "")".utf8).bytes)
    }

    private static func storedFingerprint(of view: any View, in database: Database) throws -> Data? {
        try Data.fetchOne(database, sql: "SELECT fingerprint FROM cursors WHERE view = ?", arguments: [view.name])
    }
}

extension Database {
    /// Runs a statement that is compiled once and kept.
    func run(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
