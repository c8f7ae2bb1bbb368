import EventLog
import Events
import Foundation
import HTTPTransfer
import Intake
import Logging
import ObjectStores
import Projections

/// Lists a bucket and fetches from it as the agent does.
struct SourcesBenchmark {
    enum Mode: String, CaseIterable {
        /// Lists, and no more.
        case list
        /// Lists and compares with a store's catalog, which learns what it does not know: what polling does.
        case sweep
        /// Lists, and makes a store know what is listed, many keys to a transaction and none of them looked up.
        case fill
        /// Lists and compares with a store's catalog, which stays as it is: what `reconcile` does.
        case reconcile
        /// Lists, and fetches what is listed: SHA-256, MD5 where the ETag is one, on disk when it ends.
        case fetch
    }

    let mode: Mode
    let location: S3Location
    let endpoint: String
    /// The store's directory, or the one that files are fetched into; listing alone needs none.
    let directory: String
    /// Objects that are fetched at a time.
    let downloads: Int

    /// The result as one JSON object.
    func run() async throws -> CanonicalJSON {
        var transfer = S3Client.httpSettings
        transfer.connectionsPerHost = max(transfer.connectionsPerHost, downloads + 8)
        let http = try HTTPClient(settings: transfer)
        let environment = AWSEnvironment.ofProcess()
        let settings = try S3Settings(endpoint: endpoint).resolved(in: environment)
        let credentials = CredentialsProvider(settings: settings, environment: environment, http: http)
        let client = S3Client(settings: settings, http: http, credentials: credentials)
        let figures: [(String, Int)]
        do {
            figures =
                switch mode {
                case .list: try await list(client)
                case .sweep: try await sweep(client)
                case .fill: try await fill(client)
                case .reconcile: try await reconcile(client)
                case .fetch: try await fetch(client)
                }
        } catch {
            await http.shutdown()
            throw error
        }
        await http.shutdown()
        return CanonicalJSON { json in for (name, value) in figures { json.set(name, value) } }
    }

    private func list(_ client: S3Client) async throws -> [(String, Int)] {
        var keys = 0
        try await forEachPage(client) { keys += $0.count }
        return [("listed", keys)]
    }

    private func fetch(_ client: S3Client) async throws -> [(String, Int)] {
        let store = S3Store(client: client)
        var begun = 0
        var (objects, bytes) = (0, 0)
        try await withThrowingTaskGroup(of: FetchedObject.self) { group in
            func note(_ fetched: FetchedObject) {
                objects += 1
                bytes += fetched.bytes
            }
            try await forEachPage(client) { page in
                for object in page {
                    if begun >= downloads, let fetched = try await group.next() { note(fetched) }
                    begun += 1
                    let wanted = WantedObject(
                        bucket: location.bucket,
                        key: object.key,
                        version: object.etag,
                        etag: object.etag,
                        size: object.size
                    )
                    let destination = "\(directory)/\(begun)"
                    group.addTask { try await store.fetch(wanted, to: destination) }
                }
            }
            for try await fetched in group { note(fetched) }
        }
        return [("objects", objects), ("bytes", bytes)]
    }

    private func forEachPage(_ client: S3Client, _ body: ([S3Object]) async throws -> Void) async throws {
        var token: String?
        repeat {
            let page = try await client.list(location.bucket, prefix: location.prefix, token: token)
            token = page.next
            try await body(page.objects)
        } while token != nil
    }
}

extension SourcesBenchmark {
    private func sweep(_ client: S3Client) async throws -> [(String, Int)] {
        try await withStore { log, projector in
            let logger = Logger(label: "swathlog-bench") { StreamLogHandler.standardError(label: $0) }
            let intake = BucketIntake(
                location,
                client: client,
                intake: ObservationIntake(
                    log: log,
                    projector: projector,
                    onRemove: "keep",
                    filter: filter,
                    logger: logger
                ),
                catalog: CatalogReader(projector.database),
                filter: filter,
                marksPath: "\(directory)/listing.json",
                lookBack: .seconds(3_600),
                time: SystemTime(),
                logger: logger
            )
            let found = try await intake.sweep()
            return [
                ("listed", found.listed), ("observed", found.outcome.observed), ("same", found.outcome.repeated),
                ("removed", found.outcome.removed),
            ]
        }
    }

    private func fill(_ client: S3Client) async throws -> [(String, Int)] {
        try await withStore { log, projector in
            var (listed, last) = (0, 0)
            try await forEachPage(client) { page in
                let events = page.map { object in
                    let observed = ObjectObserved(
                        source: ObservationIntake.source,
                        bucket: location.bucket,
                        key: object.key,
                        version: object.etag,
                        size: object.size,
                        modifiedAt: object.modified,
                        etag: object.etag,
                        announcedBy: Announcer.listing.rawValue
                    )
                    return ProposedEvent(observed, stream: .object(observed.objectID))
                }
                last = try await log.append(events).last?.position ?? last
                listed += page.count
            }
            try await projector.wait(for: Catalog.name, toReach: last)
            return [("listed", listed)]
        }
    }

    private func reconcile(_ client: S3Client) async throws -> [(String, Int)] {
        try await withStore { _, projector in
            let catalog = CatalogReader(projector.database)
            let found = try await Reconciliation(of: location, client: client, catalog: catalog, filter: filter)
            return [
                ("listed", found.listed), ("same", found.known), ("missing", found.missing.count),
                ("changed", found.changed.count), ("removed", found.removed.count),
            ]
        }
    }

    private var filter: KeyFilter {
        KeyFilter(places: [KeyFilter.Place(bucket: location.bucket, prefix: location.prefix)])
    }

    /// Opens the store in `directory`, with views that follow its log as an agent's do.
    private func withStore(
        _ body: (EventLog, Projector) async throws -> [(String, Int)]
    ) async throws -> [(String, Int)] {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let log = try EventLog.open(path: "\(directory)/log.db", actor: "bench")
        let projector = try Projector(
            path: "\(directory)/projections.db",
            log: log,
            views: [Catalog(), Activity()]
        )
        try await projector.catchUp()
        let following = Task { try await projector.follow() }
        defer { following.cancel() }
        let figures = try await body(log, projector)
        following.cancel()
        _ = await following.result
        try log.close()
        return figures
    }
}
