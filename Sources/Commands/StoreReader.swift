import EventLog
import Events
import Files
import Projections
import Stages

/// A store as the commands see it that only ask: beside a running agent or without one.
struct StoreReader {
    let paths: StorePaths
    let log: EventLog
    let projector: Projector
    let catalog: CatalogReader

    /// Opens the store at `paths` and brings its views up to date, as far as the disk has room for them.
    static func open(_ paths: StorePaths) async throws -> StoreReader {
        let log = try EventLog.openForReading(path: paths.log)
        let projector = try Projector(path: paths.projections, log: log, views: Views.all)
        do {
            try await projector.catchUp()
        } catch let error as ProjectionsError where error.code == .diskFull {
            // What they hold is still worth seeing, most of all now; the status says how far they reach.
        }
        return StoreReader(
            paths: paths,
            log: log,
            projector: projector,
            catalog: CatalogReader(projector.database)
        )
    }

    /// The agent that owns the store; nil when none runs.
    func owner() throws -> OwnerLock.Holder? {
        try OwnerLock.currentHolder(paths.owner)
    }
}
