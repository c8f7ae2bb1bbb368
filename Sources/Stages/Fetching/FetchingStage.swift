import CoreMetrics
package import EventLog
package import Events
import Files
package import Logging
package import ObjectStores
package import Projections
import Synchronization
import Threads

/// Brings observed objects into `originals/`, under their SHA-256.
///
/// A source that is down is left alone as a whole: its objects wait and lose no attempt, those of other sources go on.
package final class FetchingStage: Stage {
    package let name = "fetching"
    package let parallelism: Int
    package let retry = RetryPolicy(attempts: 6, base: .seconds(1), cap: .seconds(60))
    package let givesUpOnCrashes = true
    let log: EventLog
    let catalog: CatalogReader
    let paths: StorePaths
    let stores: [String: any ObjectStore]
    private let maxBytes: Int
    let time: any TimeSource
    let logger: Logger
    let room: SpoolRoom
    private let seconds = Recorder(label: "download_time_seconds", dimensions: [], aggregate: true)
    let breakers = Mutex<[String: Breaker]>([:])

    /// - Parameters:
    ///   - stores: where objects are fetched from, by the kind of their source.
    ///   - parallelism: downloads at a time.
    ///   - maxBytes: what an object may have; a larger one is not fetched, as it could not be cut.
    package init(
        log: EventLog,
        catalog: CatalogReader,
        paths: StorePaths,
        stores: [String: any ObjectStore],
        parallelism: Int,
        maxBytes: Int,
        time: any TimeSource,
        logger: Logger
    ) {
        self.log = log
        self.catalog = catalog
        self.paths = paths
        self.stores = stores
        self.parallelism = parallelism
        self.maxBytes = maxBytes
        self.time = time
        self.logger = logger
        room = SpoolRoom(path: paths.spool)
    }

    package func postpone(_ item: WorkItem) async throws -> Postponement? {
        guard let object = try await catalog.object(item.item), object.size <= maxBytes else { return nil }
        switch try room.take(item.item, size: object.size, mayTakeNone: object.source == "folder") {
        case .given: break
        case .afterOthers: return .untilChange
        case .missing(let free): return await waitForRoom(item, object, free: free)
        }
        guard let postponement = breaker(of: object)?.postpone(item.item, now: time.now()) else { return nil }
        room.release(item.item)
        return postponement
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        defer { room.release(item.item) }
        guard let object = try await catalog.object(item.item) else {
            throw StageFailure(
                .passing,
                "unknown-object",
                "the work list names object \(item.item), the catalog does not"
            )
        }
        guard object.size <= maxBytes else {
            throw StageFailure(
                .item,
                "file-too-large",
                "\(object.key) has \(object.size) bytes, and \(maxBytes) are what one may have: split it, or keep it out of the source"
            )
        }
        let fetched: ObjectFetched
        do {
            fetched = try await fetch(object)
        } catch {
            let failure = StageFailure(classing: error)
            throw failure.isFullDisk ? try judgeFullDisk(failure, item, object) : error
        }
        return try await record(fetched, of: object, cause: .event(item.position))
    }

    /// Brings an object's bytes into `originals/`, and draws from it what it says about the source.
    func fetch(_ object: CatalogObject) async throws -> ObjectFetched {
        let start = ContinuousClock.now
        let fetched = try await minding(object) { try await bring(object) }
        seconds.record((ContinuousClock.now - start) / .seconds(1))
        return fetched
    }

    /// Appends that an object was fetched; returns the event's position.
    @discardableResult
    func record(_ fetched: ObjectFetched, of object: CatalogObject, cause: Cause) async throws -> Int {
        let appended = try await log.append([
            ProposedEvent(
                fetched,
                stream: .object(object.id),
                expectedRevision: object.revision,
                cause: cause,
                correlation: object.observedPosition
            )
        ])
        return appended[0].position
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        let object = try await catalog.object(item.item)
        // What was observed anew meanwhile is tried anew, whatever became of this attempt.
        let event = ObjectQuarantined(stage: name, reason: failure.reason, message: failure.message)
        let appended = try await log.append([
            ProposedEvent(
                event,
                stream: .object(item.item),
                expectedRevision: object?.revision,
                cause: .event(item.position),
                correlation: object?.observedPosition
            )
        ])
        return appended[0].position
    }

    package func probe() async throws {
        try requireRoom(at: paths.root)
    }

    package var outages: [String: Outage] { breakers.withLock { $0.compactMapValues(\.outage) } }

    package func waiting(for source: String) async throws -> Int { try await catalog.work.fetches(from: source) }

    private func bring(_ object: CatalogObject) async throws -> ObjectFetched {
        guard let store = stores[object.source] else {
            throw StageFailure(.item, "unknown-source", "objects of a source '\(object.source)' can't be fetched")
        }
        try require(object)
        let spooled = temporaryName(in: paths.spool)
        do {
            let fetched = try await store.fetch(WantedObject(object), to: spooled)
            guard let digest = Digest(hex: fetched.sha256) else {
                throw StageFailure(.passing, "no-digest", "\(object.key) gave no SHA-256")
            }
            let kept = try await Blocking.run { try self.keep(spooled, digest, fetched) }
            return ObjectFetched(sha256: digest, bytes: fetched.bytes, kept: kept)
        } catch let error as StoreError {
            try discard(spooled)
            // Where the whole source went away meanwhile, its files did not go.
            try require(object)
            throw error
        } catch let error as FileError where [.permissionDenied, .wrongKind, .notFound].contains(error.code) {
            try discard(spooled)
            throw StageFailure(.item, error.code.rawValue, error.message)
        } catch {
            try discard(spooled)
            throw error
        }
    }

    /// A folder that is away (unmounted, moved) has not lost its files: the stage waits for it.
    private func require(_ object: CatalogObject) throws {
        guard object.source == "folder", try !FolderStore(root: object.bucket).isThere() else { return }
        throw StageFailure(
            .stage,
            "source-away",
            "the folder \(object.bucket) is not there; mount it or bring it back, the work goes on by itself then"
        )
    }

    /// Moves the spooled bytes to their name; content that is there already is not kept twice.
    private func keep(_ spooled: String, _ digest: Digest, _ fetched: FetchedObject) throws -> String {
        let destination = paths.original(digest)
        if try isThere(destination, digest, size: fetched.bytes) {
            try discard(spooled)
            // A killed agent may have moved it there, and no more.
            try synchronizeDirectory(parent(of: destination))
            return "present"
        }
        try createDirectories(parent(of: destination))
        try moveFile(spooled, to: destination)
        // rename(2) leaves both names where both already are the same file.
        try discard(spooled)
        try synchronizeDirectory(parent(of: destination))
        return fetched.kept
    }

    /// Whether the bytes are kept already, undamaged: others are replaced.
    private func isThere(_ path: String, _ digest: Digest, size: Int) throws -> Bool {
        guard try fileInfo(path)?.size == size else { return false }
        return try sha256(ofFile: path) == digest.description
    }

    private func discard(_ path: String) throws {
        _ = try removeFile(path)
    }
}

extension WantedObject {
    /// The version that an object of the catalog is.
    init(_ object: CatalogObject) {
        self.init(
            bucket: object.bucket,
            key: object.key,
            version: object.version,
            etag: object.etag,
            versionID: object.versionID,
            size: object.size
        )
    }
}

/// The room that a paused stage wants to see before it goes on, in bytes.
let roomToGoOn = 16 << 20

/// Throws while the disk has too little room to go on.
func requireRoom(at path: String) throws {
    let free = try freeBytes(at: path)
    guard free >= roomToGoOn else {
        throw StageFailure(
            .stage,
            "disk-full",
            "the disk that holds \(path) has \(free / 1_048_576) MiB free; make room for at least 16 MiB, the work goes on by itself then"
        )
    }
}
