package import EventLog
import Events
package import GRDB

/// The views for one who only asks: it never writes `projections.db`, whose tables are the agent's to make and to change.
package struct ViewsReader: Sendable {
    /// The views' tables.
    package let database: any DatabaseReader
    /// Whether they were built for this reader alone, because there are none, or none that this program can read.
    package let isTemporary: Bool
    private let views: [any View]

    /// Opens the views at `path`; where that can't be, builds them from the log for as long as they are used.
    package static func open(path: String, log: EventLog, views: [any View]) async throws -> ViewsReader {
        if let database = try ProjectionsFile.openForReading(path, views: views),
            try await isOf(log, views: views, in: database)
        {
            return ViewsReader(database: database, isTemporary: false, views: views)
        }
        let projector = try Projector(temporaryOf: log, views: views)
        try await projector.catchUp()
        return ViewsReader(database: projector.database, isTemporary: true, views: views)
    }

    /// How far each view reaches.
    package func status() throws -> [ViewStatus] {
        try database.read { database in try views.map { try ProjectionsFile.status(of: $0.name, in: database) } }
    }

    /// Whether the last event that each view has folded is one of this log.
    private static func isOf(
        _ log: EventLog,
        views: [any View],
        in database: any DatabaseReader
    ) async throws -> Bool {
        for view in views {
            let last = try await database.read { try ProjectionsFile.lastEvent(of: view.name, in: $0) }
            guard let last else { continue }
            if try await log.event(at: last.position)?.id != last.id { return false }
        }
        return true
    }
}
