import EventLog
import Events
import Foundation
import Projections
import TestSupport
import Testing

/// What was once released has to be read for ever, and what is not known yet has to be kept.
@Suite("Events of every release replay, and unknown ones survive", .timeLimit(.minutes(5)))
struct SchemaEvolutionTests {
    /// The payloads of every type as they were released: `TYPE.json` for version 1, `TYPE.vN.json` for later ones.
    private static func fixtures() throws -> [(type: String, version: Int, payload: [UInt8])] {
        let folder = "\(Checkout.root)/Tests/EventsTests/Fixtures"
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            let parts = name.split(separator: ".").map(String.init)
            let version = parts.count == 3 ? try #require(Int(parts[1].dropFirst())) : 1
            return (parts[0], version, try Array(Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
        }
    }

    private static let md5 = "0cc175b9c0f1b6a831c399e269772661"

    /// The stream that events of a type belong to.
    private static func stream(of type: String) -> String {
        switch type {
        case _ where type.hasPrefix("Object"): "object/00112233445566778899aabbccddeeff"
        case _ where type.hasPrefix("Derivation") || type.hasPrefix("Tile"):
            "derivation/ffeeddccbbaa99887766554433221100"
        case _ where type.hasPrefix("Dataset") || type.hasPrefix("Artifact"): "dataset/north field"
        case _ where type.hasPrefix("Notification"): "notification/00112233445566778899aabbccddee00"
        case _ where type.hasPrefix("Generation") || type.hasPrefix("Reprocess"):
            "generation/018f0000-0000-7000-8000-000000000002"
        case "RecipeAdopted": "recipe"
        default: "agent"
        }
    }

    private func append(_ fixtures: [(type: String, version: Int, payload: [UInt8])], to log: EventLog) async throws {
        for (type, version, payload) in fixtures {
            try await log.append([
                ProposedEvent(type: type, schemaVersion: version, payload: payload, stream: Self.stream(of: type))
            ])
        }
    }

    @Test("every released shape replays, in any order, into the same tables from nothing")
    func released() async throws {
        let fixtures = try Self.fixtures()
        #expect(Set(fixtures.map(\.type)).isSuperset(of: EventType.allCases.map(\.rawValue)))
        for order in [fixtures, fixtures.reversed()] {
            let store = try TestStore()
            try await append(order, to: store.log)
            let projector = try store.projector()
            try await projector.catchUp()
            for status in try projector.status() {
                #expect(status.failedPosition == nil && status.position == fixtures.count, "\(status)")
            }
            let rows = try dump(projector.database)
            try projector.reset([])
            try await projector.catchUp()
            #expect(try dump(projector.database) == rows)
        }
    }

    @Test("an event of an unknown type or version is kept as it is: read, replayed, counted, exported and audited")
    func unknown() async throws {
        let store = try TestStore()
        let payload = Array(#"{"deep":{"list":[1,2.5,"ü\u0001",null]},"number":1e3}"#.utf8)
        let strange = [("ObjectDreamt", 1), ("ObjectDreamt", 7), ("TileWritten", 99), ("RecipeAdopted", 2)]
        let fixtures = try Self.fixtures()
        try await append(fixtures, to: store.log)
        let without = try store.projector()
        try await without.catchUp()
        let before = try dump(without.database, without: ["activity", "views", "objects"])
        try await append(strange.map { ($0.0, $0.1, payload) }, to: store.log)
        try await append(Array(fixtures.prefix(1)), to: store.log)
        try await without.catchUp()
        for status in try without.status() {
            #expect(status.failedPosition == nil && status.position == fixtures.count + strange.count + 1, "\(status)")
        }
        // They changed no table but the counts.
        let catalog = CatalogReader(without.database)
        #expect(
            try await catalog.unknownEvents().map { "\($0.type) \($0.version) \($0.count)" }.sorted()
                == strange.map { "\($0.0) \($0.1) 1" }.sorted()
        )
        let tables = ["derivations", "tiles", "recipes", "commits"]
        let isOfThese = { (row: String) in tables.contains { row.hasPrefix("\($0): ") } }
        #expect(try dump(without.database).filter(isOfThese) == before.filter(isOfThese))
        let read = try await store.log.read(after: fixtures.count, limit: strange.count)
        for (event, (type, version)) in zip(read, strange) {
            #expect(event.type == type && event.schemaVersion == version && event.payload == payload)
            let exported = try JSONObject(event.json.bytes)
            #expect(try exported.object("payload").raw("deep") == JSONObject(payload).raw("deep"))
            #expect(exported.raw("payload") == payload)
        }
        #expect(read.count == strange.count)
        let verification = try await store.log.verify(rootsAt: [])
        #expect(verification.problems.isEmpty && verification.head == store.log.treeHead)
    }
}
