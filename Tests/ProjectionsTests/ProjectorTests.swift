import EventLog
import Events
import Foundation
import GRDB
import Projections
import Synchronization
import Testing

@Suite("Views are disposable", .timeLimit(.minutes(10)))
struct ProjectorTests {
    let store: TestStore

    init() throws {
        store = try TestStore()
    }

    @Test(
        "resetting the views, deleting their file or folding event by event ends in the same tables",
        arguments: [1, 2, 3] as [UInt64]
    )
    func rebuilds(seed: UInt64) async throws {
        var history = RandomHistory(seed: seed)
        let events = history.events(6_000)
        // Folded as they come, in small pages.
        let projector = try store.projector()
        for start in stride(from: 0, to: events.count, by: 97) {
            try await store.log.append(Array(events[start..<min(events.count, start + 97)]))
            try await projector.catchUp()
        }
        let before = try dump(projector.database)
        let files = try await allFiles(projector)
        #expect(before.count > 1_000)
        #expect(
            try projector.status().allSatisfy { $0.position == store.log.headPosition && $0.failure == nil }
        )
        // All at once.
        try projector.reset([])
        #expect(try projector.status().map(\.position) == [0, 0])
        try await projector.catchUp()
        #expect(try dump(projector.database) == before)
        // From nothing.
        try projector.database.close()
        try store.deleteProjections()
        let anew = try store.projector()
        try await anew.catchUp()
        #expect(try dump(anew.database) == before)
        #expect(try await allFiles(anew) == files)
    }

    @Test(
        "what a dataset held at a position is the same whenever it is asked",
        arguments: [4, 5] as [UInt64]
    )
    func pastIsKept(seed: UInt64) async throws {
        var history = RandomHistory(seed: seed)
        let projector = try store.projector([Catalog()])
        let catalog = CatalogReader(projector.database)
        var then: [Int: [DatasetFile]] = [:]
        for event in history.events(600) {
            let position = try await store.log.append([event])[0].position
            try await projector.catchUp()
            if position % 7 == 0 { then[position] = try await catalog.files(of: "a", at: position) }
            try await expectTrueCounts(projector)
            try await expectTrueWaiting(projector)
        }
        #expect(then.values.contains { !$0.isEmpty })
        for (position, files) in then { #expect(try await catalog.files(of: "a", at: position) == files) }
    }

    @Test(
        "every key of the dataset has one directory there, and every work item something to be done",
        arguments: [6, 7] as [UInt64]
    )
    func invariants(seed: UInt64) async throws {
        var history = RandomHistory(seed: seed)
        try await store.log.append(history.events(5_000))
        let projector = try store.projector([Catalog()])
        try await projector.catchUp()
        let broken = [
            "SELECT key_id FROM entries WHERE until_position IS NULL GROUP BY key_id HAVING count(*) > 1",
            "SELECT key_id FROM entries WHERE until_position < from_position",
            "SELECT partition FROM keys GROUP BY partition, path HAVING count(*) > 1",
            """
            SELECT item FROM work WHERE stage = 'tiling' AND NOT EXISTS (
                SELECT 1 FROM derivations d JOIN objects o ON o.sha256 = d.sha256 AND o.waits = 1 WHERE d.id = item)
            """,
            "SELECT id FROM objects WHERE waits = 1 AND state NOT IN ('fetched', 'removed', 'observed')",
            """
            SELECT id FROM objects o WHERE waits = 1 AND NOT EXISTS (
                SELECT 1 FROM derivations d JOIN work w ON w.stage = 'tiling' AND w.item = d.id WHERE d.sha256 = o.sha256)
            AND EXISTS (SELECT 1 FROM recipes)
            """,
            "SELECT item FROM work WHERE stage = 'fetching' AND item NOT IN (SELECT id FROM objects WHERE state = 'observed')",
            "SELECT id FROM objects WHERE state = 'observed' AND id NOT IN (SELECT item FROM work WHERE stage = 'fetching')",
            """
            SELECT id FROM objects o WHERE state = 'derived' AND NOT EXISTS (
                SELECT 1 FROM entries e WHERE e.object = o.id AND until_position IS NULL)
            """,
            """
            SELECT name FROM partitions WHERE changed_position > committed_through
            AND name NOT IN (SELECT item FROM work WHERE stage = 'versioning')
            """,
        ]
        for sql in broken {
            let found = try projector.database.read { try Row.fetchAll($0, sql: sql) }
            #expect(found.isEmpty, "\(sql)")
        }
    }

    @Test("a page that fails to commit leaves rows and cursor as they were")
    func pageIsAtomic() async throws {
        try await store.log.append((0..<100).map { _ in Happening.adopted(512) })
        let view = Breaking(at: 60, with: DatabaseError(resultCode: .SQLITE_FULL))
        let projector = try store.projector([view])
        await #expect(throws: ProjectionsError.self) { try await projector.catchUp() }
        #expect(try projector.status()[0].position == 0)
        #expect(try rows(projector) == 0)
        view.repair()
        try await projector.catchUp()
        #expect(try projector.status()[0].position == 100)
        #expect(try rows(projector) == 100)
    }

    @Test("an event that a view can't fold stops that view there, says so, and holds up no other")
    func failingEvent() async throws {
        try await store.log.append((0..<100).map { _ in Happening.adopted(512) })
        let view = Breaking(at: 60, with: EventError(.badField, "the payload's 'digest' is odd"))
        let projector = try store.projector([view, Catalog()])
        try await projector.catchUp()
        let status = try projector.status()
        #expect(status[0].position == 59 && status[0].failedPosition == 60)
        #expect(status[0].failure?.contains("digest") == true)
        #expect(status[1].position == 100 && status[1].failure == nil)
        #expect(try rows(projector) == 59)
        await #expect { try await projector.wait(for: "activity", toReach: 60) } throws: {
            ($0 as? ProjectionsError)?.code == .viewStopped
        }
        try await projector.wait(for: "activity", toReach: 59)
        view.repair()
        let next = try store.projector([view, Catalog()])
        try await next.catchUp()
        #expect(try next.status().allSatisfy { $0.position == 100 && $0.failedPosition == nil })
        #expect(try rows(next) == 100)
    }

    @Test("who waits for a view is woken when it stops")
    func waitersOfAStoppedView() async throws {
        let view = Breaking(at: 2, with: EventError(.badField, "odd"))
        let projector = try store.projector([view])
        let waiting = Task { try await projector.wait(for: "activity", toReach: 5) }
        try await store.log.append((0..<5).map { _ in Happening.adopted(512) })
        try await projector.catchUp()
        await #expect(throws: ProjectionsError.self) { try await waiting.value }
    }

    @Test("a rebuild that was killed goes on where it was")
    func resumes() async throws {
        var history = RandomHistory(seed: 8)
        try await store.log.append(history.events(20_000))
        let first = try store.projector()
        let building = Task {
            try await first.catchUp { done, _ in
                if done >= EventLog.pageSize { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await building.value }
        let reached = try first.status().map(\.position)
        #expect(reached[0] >= EventLog.pageSize && reached[0] < store.log.headPosition)
        #expect(try first.status().allSatisfy { $0.failure == nil })
        try first.database.close()
        let second = try store.projector()
        #expect(try second.status().map(\.position) == reached)
        try await second.catchUp()
        let resumed = try dump(second.database)
        try second.reset([])
        try await second.catchUp()
        #expect(try dump(second.database) == resumed)
    }

    @Test("types and versions of tomorrow are counted, and stop nothing")
    func unknownEvents() async throws {
        let object = Happening.object("site/a.jpg")
        try await store.log.append([
            ProposedEvent(type: "DroneLanded", schemaVersion: 1, payload: Array("{}".utf8), stream: "agent"),
            ProposedEvent(
                type: "ObjectObserved",
                schemaVersion: 2,
                payload: Array("{\"v\":2}".utf8),
                stream: "object/x"
            ),
            ProposedEvent(type: "AgentStarted", schemaVersion: 9, payload: Array("{}".utf8), stream: "agent"),
            Happening.observed(object),
        ])
        let projector = try store.projector()
        try await projector.catchUp()
        #expect(try projector.status().allSatisfy { $0.position == 4 && $0.failure == nil })
        let counts = try await projector.database.read {
            try String.fetchAll(
                $0,
                sql: "SELECT type || schema_version || ':' || events FROM activity ORDER BY 1"
            )
        }
        #expect(counts == ["AgentStarted9:1", "DroneLanded1:1", "ObjectObserved1:1", "ObjectObserved2:1"])
        #expect(try await CatalogReader(projector.database).object("x") == nil)
    }

    @Test("views of a log that was restored from a backup are built anew")
    func anotherLog() async throws {
        try await store.log.append([
            Happening.adopted(512), Happening.observed(Happening.object("site/old.jpg")),
        ])
        let first = try store.projector()
        try await first.catchUp()
        try first.database.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(at: store.directory.appending(path: "other.db\(suffix)"))
        }
        let other = try EventLog.open(path: store.directory.appending(path: "other.db").path, actor: "test")
        let object = Happening.object("site/new.jpg")
        try await other.append([
            Happening.adopted(256), Happening.observed(object), Happening.fetched(object, "A"),
        ])
        let second = try Projector(path: store.projectionsPath, log: other, views: [Catalog(), Activity()])
        try await second.catchUp()
        let keys = try await second.database.read { try String.fetchAll($0, sql: "SELECT key FROM keys") }
        #expect(keys == ["site/new.jpg"])
    }

    @Test("a follower folds what is appended, and a wait returns when it is in the tables")
    func follows() async throws {
        let projector = try store.projector()
        let following = Task { try await projector.follow() }
        for number in 0..<50 {
            let object = Happening.object("site/\(number).jpg")
            let position = try await store.log.append([Happening.observed(object)])[0].position
            try await projector.wait(for: Catalog.name, toReach: position)
            #expect(
                try await CatalogReader(projector.database).object(object.objectID)?.observedPosition
                    == position
            )
        }
        following.cancel()
        await #expect(throws: CancellationError.self) { try await following.value }
    }

    @Test("a gap in the log stops a view where it begins, and holds nobody up")
    func gap() async throws {
        try await store.log.append((0..<(EventLog.pageSize + 5)).map { _ in Happening.adopted(512) })
        try DatabaseQueue(path: store.log.path).inDatabase {
            try $0.execute(sql: "DROP TRIGGER events_no_delete; PRAGMA foreign_keys = OFF")
            try $0.execute(sql: "DELETE FROM events WHERE position = ?", arguments: [EventLog.pageSize + 1])
        }
        let projector = try store.projector([Activity()])
        try await projector.catchUp()
        let status = try projector.status()[0]
        #expect(status.position == EventLog.pageSize && status.failedPosition == EventLog.pageSize + 1)
        #expect(status.failure?.contains("lacks") == true)
    }

    @Test("a view whose folding has changed is built anew by the agent, and for itself alone by who only asks")
    func revision() async throws {
        try await store.log.append((0..<10).map { _ in Happening.adopted(512) })
        let projector = try store.projector([Activity()])
        try await projector.catchUp()
        let same = try await ViewsReader.open(path: store.projectionsPath, log: store.log, views: [Activity()])
        #expect(!same.isTemporary)
        let revised = Breaking(at: 0, with: EventError(.badField, "never"), revision: 2)
        let reader = try await ViewsReader.open(path: store.projectionsPath, log: store.log, views: [revised])
        #expect(reader.isTemporary)
        #expect(try reader.status().map(\.position) == [10])
        #expect(try await reader.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM activity") } == 10)
        #expect(try rows(projector) == 1, "the file is as it was")
        let anew = try store.projector([revised])
        #expect(try anew.status().map(\.position) == [0])
        try await anew.catchUp()
        #expect(try rows(anew) == 10)
    }

    @Test("who only asks reads how far the views reach, and folds nothing into them")
    func behind() async throws {
        try await store.log.append((0..<10).map { _ in Happening.adopted(512) })
        let projector = try store.projector()
        try await projector.catchUp()
        try await store.log.append([Happening.adopted(256)])
        let reader = try await ViewsReader.open(
            path: store.projectionsPath,
            log: store.log,
            views: [Catalog(), Activity()]
        )
        #expect(!reader.isTemporary)
        #expect(try reader.status().map(\.position) == [10, 10])
        #expect(try projector.status().map(\.position) == [10, 10])
    }

    @Test("views that do not exist are named as such")
    func unknownView() async throws {
        let projector = try store.projector()
        #expect { try projector.reset(["songs"]) } throws: { ($0 as? ProjectionsError)?.code == .unknownView }
        await #expect(throws: ProjectionsError.self) { try await projector.wait(for: "songs", toReach: 1) }
    }

    @Test("a projections file that is none is refused with what to do")
    func unusable() throws {
        try Data(String(repeating: "not a database\n", count: 100).utf8).write(
            to: URL(filePath: store.projectionsPath)
        )
        #expect { try store.projector() } throws: { error in
            let error = error as? ProjectionsError
            return error?.code == .unusable && error?.message.contains("delete it") == true
        }
    }

    private func rows(_ projector: Projector) throws -> Int {
        try projector.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM activity") ?? 0 }
    }

    private func allFiles(_ projector: Projector) async throws -> [[DatasetFile]] {
        let catalog = CatalogReader(projector.database)
        let names = try await projector.database.read {
            try String.fetchAll($0, sql: "SELECT name FROM partitions ORDER BY 1")
        }
        var files: [[DatasetFile]] = []
        for name in names { files.append(try await catalog.files(of: name, at: .max)) }
        return files
    }
}

/// A view that writes a row for each event, and throws at one of them until it is repaired.
private final class Breaking: View {
    let name = "activity"
    let tables = ["activity"]
    let payloadTypes: Set<String> = []
    private let position: Int
    private let error: any Error
    let revision: Int
    private let isBroken = Mutex(true)

    init(at position: Int, with error: any Error, revision: Int = 1) {
        self.position = position
        self.error = error
        self.revision = revision
    }

    func repair() {
        isBroken.withLock { $0 = false }
    }

    func apply(_ event: RecordedEvent, _: Void, to database: Database) throws {
        if event.position == position, isBroken.withLock({ $0 }) { throw error }
        try database.execute(
            sql: "INSERT INTO activity VALUES (?, 1, 1, 1, 1, 1)",
            arguments: [String(event.position)]
        )
    }
}
