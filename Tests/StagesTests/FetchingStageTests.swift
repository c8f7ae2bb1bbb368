import EventLog
import Events
import Files
import Foundation
import Logging
import ObjectStores
import Projections
import Stages
import Synchronization
import TestSupport
import Testing

@Suite("An object that can't be fetched holds up no other", .timeLimit(.minutes(4)))
struct FetchingStageTests {
    private static let denied = S3Error(.denied, "cannot read it: HTTP 403 AccessDenied", status: 403)

    @Test(
        "objects that the bucket refuses are quarantined and the others are fetched, whichever came first",
        arguments: [true, false]
    )
    func refused(first: Bool) async throws {
        let store = try FetchingStore("refused")
        let (denied, readable) = ((0..<12).map { "denied-\($0)" }, (0..<6).map { "readable-\($0)" })
        for key in denied { store.bucket.fail(key, with: Self.denied) }
        try await store.observe(first ? denied + readable : readable + denied)
        try await store.run(until: "nothing is left to do") { try await store.isIdle() }
        for key in readable { #expect(try await store.object(key)?.state == "fetched") }
        for key in denied {
            let object = try #require(try await store.object(key))
            #expect(object.state == "quarantined" && object.reason == "access-denied")
        }
    }

    @Test("a bucket that refuses everything is left alone, quarantines nothing, and is gone on with")
    func away() async throws {
        let store = try FetchingStore("away")
        let keys = (0..<10).map { "\($0)" }
        for key in keys { store.bucket.fail(key, with: Self.denied) }
        try await store.observe(keys)
        // Far beyond what an object's attempts would last.
        try await store.run(until: "each was refused many times") {
            keys.allSatisfy { store.bucket.fetches($0) >= 8 }
        }
        #expect(try await store.quarantined().isEmpty)
        #expect(try await store.catalog.pauses().map(\.stage) == ["fetching s3://flights"])
        store.bucket.failNothing()
        try await store.run(until: "all are fetched") { try await store.isIdle() }
        #expect(try await store.quarantined().isEmpty)
        #expect(try await store.catalog.pauses().isEmpty)
    }

    @Test("credentials that lose their rights quarantine nothing, though they read other objects before")
    func revoked() async throws {
        let store = try FetchingStore("revoked")
        try await store.observe(["old-1", "old-2"])
        try await store.run(until: "the first are fetched") { try await store.isIdle() }
        let keys = (0..<8).map { "new-\($0)" }
        for key in keys + ["old-1", "old-2"] { store.bucket.fail(key, with: Self.denied) }
        try await store.observe(keys)
        try await store.run(until: "each was refused many times") {
            keys.allSatisfy { store.bucket.fetches($0) >= 8 }
        }
        #expect(try await store.quarantined().isEmpty)
    }

    @Test(
        "one that is refused alone is quarantined by the agent that comes after: the bucket gives what it gave before"
    )
    func alone() async throws {
        let store = try FetchingStore("alone")
        try await store.observe(["old"])
        try await store.run(until: "the first is fetched") { try await store.isIdle() }
        store.bucket.fail("new", with: Self.denied)
        try await store.observe(["new"])
        try await store.run(until: "nothing is left to do") { try await store.isIdle() }
        #expect(try await store.quarantined() == ["access-denied"])
        #expect(store.bucket.fetches("new") == 6)
    }

    @Test("one with more bytes than may be is quarantined unfetched, however little room there is")
    func tooLarge() async throws {
        let store = try FetchingStore("large")
        try await store.observe(["huge"], size: FetchingStore.maxBytes + 1)
        try await store.observe(["small"])
        try await store.run(until: "nothing is left to do") { try await store.isIdle() }
        #expect(try await store.quarantined() == ["file-too-large"])
        #expect(store.bucket.fetches("huge") == 0 && store.bucket.fetches("small") == 1)
    }

    @Test("one that the disk has no room for waits and says so, others are fetched meanwhile")
    func noRoom() async throws {
        try await SmallDisk.run(in: try Scratch("no-room"), megabytes: 40) { disk in
            let store = try FetchingStore("no-room", root: disk.path)
            try await store.observe(["large"], size: 60 << 20)
            try await store.observe(["small"])
            try await store.run(until: "the small one is fetched, and the large one says why it waits") {
                let failing = try await store.work.failing(limit: 9)
                return try await store.object("small")?.state == "fetched" && failing.first?.reason == "disk-full"
            }
            #expect(store.bucket.fetches("large") == 0)
            #expect(try await store.events(.stageFailed).count == 1)
            try await disk.resize(megabytes: 100)
            try await store.run(until: "nothing is left to do") { try await store.isIdle() }
            #expect(try await store.object("large")?.state == "fetched")
        }
    }

    @Test("one that met the full disk is asked for again when there is room for it, and not before")
    func metFullDisk() async throws {
        try await SmallDisk.run(in: try Scratch("full"), megabytes: 60) { disk in
            let store = try FetchingStore("full", root: disk.path)
            // As where somebody else writes to the disk too.
            store.bucket.fail("large", with: FileError(code: .noSpace, path: disk.path, message: "no space left"))
            try await store.observe(["large"], size: 50 << 20)
            try await store.observe((0..<20).map { "small-\($0)" })
            try await store.run(until: "the small ones are fetched, and the large one says why it waits") {
                let failing = try await store.work.failing(limit: 9)
                let waiting = try await store.work.counts().map(\.waiting)
                return failing.first?.reason == "disk-full" && waiting == [1]
            }
            #expect(store.bucket.fetches("large") == 1)
            store.bucket.failNothing()
            try await disk.resize(megabytes: 200)
            try await store.run(until: "nothing is left to do") { try await store.isIdle() }
            #expect(try await store.object("large")?.state == "fetched")
            #expect(store.bucket.fetches("large") == 2)
        }
    }
}

/// A log with its views, and the fetching stage of an agent over a bucket that does as it is told.
private final class FetchingStore: Sendable {
    static let maxBytes = 1 << 30

    let bucket = ScriptedBucket()
    let work: WorkList
    private let store: TellingStore
    private let paths: StorePaths

    init(_ name: String, root: String? = nil) throws {
        store = try TellingStore(name)
        paths = StorePaths(root: root ?? store.scratch.file("store"))
        try createDirectories(paths.spool)
        try createDirectories(paths.originals)
        work = WorkList(store.projector.database)
    }

    var catalog: CatalogReader { store.catalog }

    func observe(_ keys: [String], size: Int = 4) async throws {
        let observed = keys.map {
            ObjectObserved(
                source: "s3",
                bucket: "flights",
                key: $0,
                version: "v",
                size: size,
                modifiedAt: nil,
                etag: "v",
                announcedBy: "listing"
            )
        }
        try await store.log.append(observed.map { ProposedEvent($0, stream: .object($0.objectID)) })
        try await store.projector.catchUp()
    }

    func object(_ key: String) async throws -> CatalogObject? {
        try await catalog.newest(source: "s3", bucket: "flights", key: key)
    }

    func events(_ type: EventType) async throws -> [RecordedEvent] { try await store.events(type) }

    func quarantined() async throws -> [String] {
        try await events(.objectQuarantined).map { try $0.decode(ObjectQuarantined.self).reason }
    }

    func isIdle() async throws -> Bool {
        guard try await catalog.position() >= store.log.headPosition else { return false }
        return try await !work.counts().contains { $0.stage == "fetching" }
    }

    /// Runs an agent's stage until `isDone`.
    func run(until what: String, _ isDone: @escaping @Sendable () async throws -> Bool) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let stage = FetchingStage(
            log: store.log,
            catalog: catalog,
            paths: paths,
            stores: ["s3": bucket],
            parallelism: 2,
            maxBytes: Self.maxBytes,
            time: store.clock,
            logger: logger
        )
        try await store.run([stage], until: what, within: .seconds(120), isDone)
    }
}

/// A bucket that gives some objects and refuses others.
private final class ScriptedBucket: ObjectStore {
    private struct State {
        var failures: [String: any Error] = [:]
        var fetches: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func fail(_ key: String, with error: any Error) { state.withLock { $0.failures[key] = error } }

    func failNothing() { state.withLock { $0.failures = [:] } }

    /// How often an object was fetched, or tried to be.
    func fetches(_ key: String) -> Int { state.withLock { $0.fetches[key, default: 0] } }

    func fetch(_ wanted: WantedObject, to destination: String) async throws -> FetchedObject {
        state.withLock { $0.fetches[wanted.key, default: 0] += 1 }
        try await ask(for: wanted)
        let bytes = Array(wanted.key.utf8)
        try Data(bytes).write(to: URL(fileURLWithPath: destination))
        return FetchedObject(sha256: Digest(of: bytes).description, bytes: bytes.count, kept: "copy")
    }

    func ask(for wanted: WantedObject) async throws {
        if let failure = state.withLock({ $0.failures[wanted.key] }) { throw failure }
    }
}
