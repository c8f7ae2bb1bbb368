import EventLog
import Events
import GRDB
import Projections
import Testing

@Suite("Versions that are told of late")
struct LateVersionTests {
    @Test("never replace the newest, in any history", arguments: [1, 2, 3, 4, 5])
    func neverReplace(seed: UInt64) async throws {
        let store = try TestStore()
        let projector = try store.projector([Catalog()])
        var history = RandomHistory(seed: seed)
        let events = history.events(1_500)
        try await store.log.append(events)
        try await projector.catchUp()
        #expect(try projector.status().first?.failure == nil)

        var newest: [String: String] = [:]
        var late = 0
        for event in try await store.log.read(after: 0) where event.type == EventType.objectObserved.rawValue {
            let observed = try event.decode(ObjectObserved.self)
            let name = "\(observed.bucket) \(observed.key)"
            if observed.isLate, newest[name] != nil {
                late += 1
            } else {
                newest[name] = observed.objectID
            }
        }
        #expect(late > 5)
        let found = try projector.database.read { database in
            try Row.fetchAll(database, sql: "SELECT bucket || ' ' || key AS name, object FROM keys")
        }
        #expect(
            Dictionary(uniqueKeysWithValues: found.map { ($0["name"] as String, $0["object"] as String) }) == newest
        )
    }

    @Test("are in the catalog as superseded, with no work to do, and the newest keeps its state")
    func superseded() async throws {
        let store = try TestStore()
        let projector = try store.projector([Catalog()])
        let catalog = CatalogReader(projector.database)
        let (new, late) = (Happening.object("a/1.jpg", 2), Happening.object("a/1.jpg", 1, isLate: true))
        try await store.log.append([
            Happening.adopted(512), Happening.observed(new), Happening.fetched(new, "A"), Happening.observed(late),
        ])
        try await projector.catchUp()
        #expect(try await catalog.object(late.objectID)?.state == "superseded")
        #expect(try await catalog.object(new.objectID)?.state == "fetched")
        #expect(try await WorkList(projector.database).counts().map(\.stage) == ["tiling"])
    }
}
