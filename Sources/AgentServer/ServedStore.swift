package import DVC
package import EventLog
package import Events
import Lineage
package import Projections
package import Stages

/// A store as the API reads it: by connections of its own, so that nobody who asks holds up the agent.
package struct ServedStore: Sendable {
    let log: EventLog
    let views: ViewsReader
    let catalog: CatalogReader
    let work: WorkList
    let lineage: Lineage
    let reprocess: ReprocessRequests
    private let paths: StorePaths
    private let cache: DVCCache
    /// The program's version.
    let version: String
    /// The agent's stages, in the order of the work.
    let stages: [String]
    let recipeSettings: [RecipeSetting]
    let audits: AuditDesk
    /// What is known of the sources, as JSON; nil while nothing is.
    let sources: @Sendable () -> [UInt8]?
    /// Appends what an operator asks for; returns once the views know it.
    let record: @Sendable ([ProposedEvent]) async throws -> Int

    /// - Parameters:
    ///   - log: opened for reading.
    ///   - views: the views, opened for reading.
    ///   - cache: where the tiles' bytes are.
    ///   - workers: threads that make tiles.
    package init(
        log: EventLog,
        views: ViewsReader,
        paths: StorePaths,
        cache: DVCCache,
        version: String,
        workers: Int,
        stages: [String],
        recipeSettings: [RecipeSetting],
        audits: AuditDesk,
        sources: @escaping @Sendable () -> [UInt8]?,
        record: @escaping @Sendable ([ProposedEvent]) async throws -> Int
    ) {
        self.log = log
        self.views = views
        catalog = CatalogReader(views.database)
        work = WorkList(views.database)
        lineage = Lineage(log: log, database: views.database)
        reprocess = ReprocessRequests(catalog: catalog, paths: paths, workers: workers)
        self.paths = paths
        self.cache = cache
        self.version = version
        self.stages = stages
        self.recipeSettings = recipeSettings
        self.audits = audits
        self.sources = sources
        self.record = record
    }

    /// Where the bytes of an object are, or were.
    func originalPath(_ content: Digest) -> String { paths.original(content) }

    /// Where the bytes of a tile are, or were.
    func tilePath(_ md5: String) -> String { cache.objectPath(md5) }
}

extension Page {
    /// The part as the API answers it.
    func json(_ make: (Item) -> CanonicalJSON) -> CanonicalJSON {
        CanonicalJSON { json in
            json.set("items", items.map(make))
            if let next = next as? Int { json.set("next", next) }
            if let next = next as? String { json.set("next", next) }
        }
    }
}
