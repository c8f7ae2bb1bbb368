import DVC
import EventLog
import Events
import Files
import GRDB
import Lineage
import Projections
import Stages

/// A store as the commands see it that only ask: beside a running agent or without one, and without a change to it.
struct StoreReader {
    let paths: StorePaths
    let log: EventLog
    let views: ViewsReader
    let catalog: CatalogReader

    /// Opens the store at `paths` for reading.
    static func open(_ paths: StorePaths) async throws -> StoreReader {
        let log = try EventLog.openForReading(path: paths.log)
        let views = try await ViewsReader.open(path: paths.projections, log: log, views: Views.all)
        try await wait(for: views, toReach: log.headPosition, paths)
        return StoreReader(paths: paths, log: log, views: views, catalog: CatalogReader(views.database))
    }

    /// An agent at work brings its views up within milliseconds: it is given a moment, so that the answer knows what the
    /// log has when it is asked.
    private static func wait(for views: ViewsReader, toReach head: Int, _ paths: StorePaths) async throws {
        let deadline = ContinuousClock.now + .seconds(2)
        while try views.status().contains(where: { $0.failedPosition == nil && $0.position < head }),
            try OwnerLock.currentHolder(paths.owner) != nil, ContinuousClock.now < deadline
        {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The catalog's tables as they are, or as they were at a moment: a position, a time, or a revision of the dataset's git
    /// repository.
    func database(at moment: String?) async throws -> any DatabaseReader {
        guard let moment else {
            if let lag = try lag() { Terminal.complain("swathlog: \(lag)") }
            return views.database
        }
        let repository = try await DatasetRepository.openForReading(at: paths.dataset)
        return try await LineageMoment(moment, log: log, catalog: catalog, repository: repository).database
    }

    /// The agent that owns the store; nil when none runs.
    func owner() throws -> OwnerLock.Holder? {
        try OwnerLock.currentHolder(paths.owner)
    }

    /// What the views do not know yet, in words; nil when they reach the log's end.
    func lag() throws -> String? {
        let head = log.headPosition
        guard let reached = try views.status().map(\.position).min(), reached < head else { return nil }
        return
            "the views reach event \(reached) of \(head): the agent brings them up, or `swathlog replay` where none runs"
    }
}
