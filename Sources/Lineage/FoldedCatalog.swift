import EventLog
import GRDB
import Projections

/// The catalog as it follows from the log, folded for one audit alone.
///
/// `projections.db` is disposable, and anybody may have changed it: what is to be checked is never taken from there.
struct FoldedCatalog {
    /// Where folding had to end, and why.
    struct Stop: Sendable {
        let position: Int
        let reason: String
    }

    let reader: CatalogReader
    private let log: EventLog
    private let projector: Projector

    var database: any DatabaseReader { projector.database }

    init(of log: EventLog) throws {
        self.log = log
        projector = try Projector(temporaryOf: log, views: [Catalog()])
        reader = CatalogReader(projector.database)
    }

    /// Folds all that is in the log now; answers where that had to end before.
    func catchUp() async throws -> Stop? {
        do {
            _ = try await log.currentHead()
            try await projector.catchUp()
        } catch let error as EventLogError where error.code == .damaged {
            return Stop(position: try await reader.position() + 1, reason: error.message)
        }
        return try projector.status().first { $0.failedPosition != nil }.map {
            Stop(position: $0.failedPosition ?? 0, reason: $0.failure ?? "no more is known")
        }
    }
}
