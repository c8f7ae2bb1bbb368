package import EventLog
import Events
import Files
package import ObjectStores
package import Projections
import Threads

/// Brings observed objects into `originals/`, under their SHA-256.
package struct FetchingStage: Stage {
    package let name = "fetching"
    package let parallelism: Int
    package let retry = RetryPolicy(attempts: 6, base: .seconds(1), cap: .seconds(60))
    private let log: EventLog
    private let catalog: CatalogReader
    private let paths: StorePaths
    private let keeping: FolderStore.Keeping

    package init(
        log: EventLog,
        catalog: CatalogReader,
        paths: StorePaths,
        keeping: FolderStore.Keeping,
        parallelism: Int
    ) {
        self.log = log
        self.catalog = catalog
        self.paths = paths
        self.keeping = keeping
        self.parallelism = parallelism
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        guard let object = try await catalog.object(item.item) else {
            throw StageFailure(
                .passing,
                "unknown-object",
                "the work list names object \(item.item), the catalog does not"
            )
        }
        let fetched = try await Blocking.run { try bring(object) }
        let appended = try await log.append([
            ProposedEvent(
                fetched,
                stream: .object(object.id),
                cause: .event(item.position),
                correlation: object.observedPosition
            )
        ])
        return appended[0].position
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        let object = try await catalog.object(item.item)
        let event = ObjectQuarantined(stage: name, reason: failure.reason, message: failure.message)
        let appended = try await log.append([
            ProposedEvent(
                event,
                stream: .object(item.item),
                cause: .event(item.position),
                correlation: object?.observedPosition
            )
        ])
        return appended[0].position
    }

    package func probe() async throws {
        try await Blocking.run { try requireRoom(at: paths.root) }
    }

    private func bring(_ object: CatalogObject) throws -> ObjectFetched {
        let store = FolderStore(root: object.bucket)
        let spooled = temporaryName(in: paths.spool)
        do {
            let version = FolderStore.Version(size: object.size, modified: Int64(object.version) ?? 0)
            let fetched = try store.fetch(object.key, version: version, to: spooled, keeping: keeping)
            guard let digest = Digest(hex: fetched.sha256) else {
                throw StageFailure(.passing, "no-digest", "\(object.key) gave no SHA-256")
            }
            return ObjectFetched(sha256: digest, bytes: fetched.bytes, kept: try keep(spooled, digest, fetched))
        } catch let error as StoreError {
            try discard(spooled)
            throw StageFailure(.item, error.code.rawValue, error.message)
        } catch let error as FileError where [.permissionDenied, .wrongKind, .notFound].contains(error.code) {
            try discard(spooled)
            throw StageFailure(.item, error.code.rawValue, error.message)
        } catch {
            try discard(spooled)
            throw error
        }
    }

    /// Moves the spooled bytes to their name; content that is there already is not kept twice.
    private func keep(_ spooled: String, _ digest: Digest, _ fetched: FolderStore.Fetched) throws -> String {
        let destination = paths.original(digest)
        if try fileInfo(destination)?.size == fetched.bytes {
            try discard(spooled)
            return "present"
        }
        try createDirectories(parent(of: destination))
        try moveFile(spooled, to: destination)
        // rename(2) leaves both names where both already are the same file.
        try discard(spooled)
        try synchronizeDirectory(parent(of: destination))
        return fetched.keeping.rawValue
    }

    private func discard(_ path: String) throws {
        _ = try removeFile(path)
    }
}

/// The room that a paused stage wants to see before it goes on, in bytes.
private let roomToGoOn = 16 << 20

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
