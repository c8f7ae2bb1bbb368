import EventLog
import Events
import Foundation
import Intake
import Logging
import Projections

/// A log with its catalog, and an intake for everything in the bucket `flights`.
final class BucketStore: Sendable {
    let directory: URL
    let log: EventLog
    let projector: Projector
    let catalog: CatalogReader
    let intake: ObservationIntake

    init(include: [GlobPattern] = []) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "swathlog-bucket-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        log = try EventLog.open(path: directory.appending(path: "log.db").path, actor: "test")
        projector = try Projector(
            path: directory.appending(path: "projections.db").path,
            log: log,
            views: [Catalog()]
        )
        catalog = CatalogReader(projector.database)
        intake = ObservationIntake(
            log: log,
            projector: projector,
            onRemove: "keep",
            filter: KeyFilter(places: [KeyFilter.Place(bucket: "flights", prefix: "")], include: include),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    /// Runs a body while the views follow the log, as they do in an agent.
    func whileFollowing(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                do { try await self.projector.follow() } catch is CancellationError {}
            }
            try await body()
            group.cancelAll()
        }
    }

    func newest(_ key: String) async throws -> CatalogObject? {
        try await catalog.newest(source: "s3", bucket: "flights", key: key)
    }

    /// How many events of a type there are.
    func count(_ type: EventType) async throws -> Int {
        try await log.read(after: 0).filter { $0.type == type.rawValue }.count
    }

    func quarantine(_ key: String, _ reason: String = "corrupt") async throws {
        try await append(ObjectQuarantined(stage: "tiling", reason: reason, message: "upload it again"), of: key)
    }

    func fetch(_ key: String) async throws {
        try await append(ObjectFetched(sha256: Digest(of: key.utf8), bytes: 10, kept: "copy"), of: key)
    }

    private func append(_ event: some EventPayload, of key: String) async throws {
        guard let object = try await newest(key) else { return }
        let appended = try await log.append([ProposedEvent(event, stream: .object(object.id))])
        try await projector.wait(for: Catalog.name, toReach: appended[0].position)
    }
}

/// A notice of a creation, at a second of the day.
func created(_ key: String, _ etag: String, at second: Int? = nil, sequencer: String? = nil) -> ObjectNotice {
    ObjectNotice(
        kind: .created,
        bucket: "flights",
        key: key,
        size: 10,
        etag: etag,
        sequencer: sequencer,
        eventTime: second.map(moment)
    )
}

func removed(_ key: String, at second: Int? = nil, sequencer: String? = nil) -> ObjectNotice {
    ObjectNotice(
        kind: .removed,
        bucket: "flights",
        key: key,
        sequencer: sequencer,
        eventTime: second.map(moment)
    )
}

func listed(_ key: String, _ etag: String, modified second: Int = 1) -> ListedObject {
    ListedObject(bucket: "flights", key: key, etag: etag, size: 10, modified: moment(second))
}

func moment(_ second: Int) -> Timestamp { Timestamp(microseconds: Int64(second) * 1_000_000) }

/// After everything that was recorded so far.
func later() -> Timestamp { SystemTime().now() + .seconds(1) }
