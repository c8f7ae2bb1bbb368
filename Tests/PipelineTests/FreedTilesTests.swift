import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Tiles of an old recipe that somebody has freed from the cache, when that recipe comes back.
@Suite("Tiles that were freed are made again, whichever way their recipe comes back", .timeLimit(.minutes(10)))
struct FreedTilesTests {
    /// How a store goes back to a recipe that it had.
    enum Way: String, CaseIterable {
        case adopted, adoptedAtStart, adoptedBesideAnAgent, incremental
    }

    private static let (lost, freed) = ("north/DJI_0001.JPG", "south/DJI_0001.JPG")

    /// A store that was cut by 256 pixels and then by 128; a tile each of two images of before is in the cache no more, and
    /// no original is kept.
    private func prepare(_ name: String) async throws -> (Station, first: [String: String], recipe: String) {
        let station = try Station(name)
        try await station.fly("north", images: 3)
        try await station.fly("south", images: 2, seed: 2)
        try await station.ingest("--tile-size", "256", "--tile-overlap", "0")
        let first = try await station.manifests()
        let recipe = station.scratch.file("first.yaml")
        let text = try await station.program().check(["recipe", "show"]).text
        try text.write(toFile: recipe, atomically: true, encoding: .utf8)
        let objects = try [Self.lost, Self.freed].map { image in
            let md5 = try station.tiles(of: image)[0]["md5"].text
            return "\(station.dataset)/.dvc/cache/files/md5/\(md5.prefix(2))/\(md5.dropFirst(2))"
        }
        try await station.program().check(["reprocess", "--apply", "--tile-size", "128"])
        for object in objects { try FileManager.default.removeItem(atPath: object) }
        try FileManager.default.removeItem(atPath: "\(station.store)/originals")
        return (station, first, recipe)
    }

    /// Goes back to the first recipe and makes the versions of it; returns the status of what made them.
    private func goBack(_ station: Station, to recipe: String, by way: Way) async throws -> Outcome {
        switch way {
        case .adopted:
            try await station.program().check(["recipe", "adopt", recipe])
            return try await station.run("commit", "--json")
        case .adoptedAtStart:
            return try await station.run("ingest", station.source, "--tile-size", "256", "--json")
        case .adoptedBesideAnAgent:
            let run = ["run", "--source", station.source, "--commit-interval", "1"]
            return try await station.program().whileRunning(run) { agent in
                try await eventually("the agent runs") {
                    try await station.events("AgentStarted").count == 3 || !agent.isRunning
                }
                let commits = try await station.events("DatasetCommitted").count
                try await station.program().check(["recipe", "adopt", recipe])
                try await eventually("there are versions of it") {
                    try await station.events("DatasetCommitted").count == commits + 2 || !agent.isRunning
                }
                agent.signal(SIGTERM)
                return try await agent.outcome()
            }
        case .incremental:
            return try await station.run("reprocess", "--apply", "--incremental", "--recipe", recipe, "--json")
        }
    }

    @Test(
        "and fetched for that, where the original is not kept: the version is the same as before",
        arguments: Way.allCases
    )
    func remade(way: Way) async throws {
        let (station, first, recipe) = try await prepare("freed-\(way)")
        let tiles = try await station.events("TileWritten").count
        let outcome = try await goBack(station, to: recipe, by: way)
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(try await station.manifests() == first)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try await station.events("TileWritten").count == tiles, "the log had them")
        // An incremental one is looked at by two stages, of which the later one to bring an original tries again.
        if way != .incremental { #expect(try await station.events("StageFailed").isEmpty) }
        #expect(try await station.events("ObjectQuarantined").isEmpty)
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.run("replay").status == 0)
        #expect(try await station.ingest()["commits"].list.isEmpty, "the views say the same when they are built anew")
    }

    @Test(
        "where the original is gone too the image leaves the dataset, says why, and comes back with it",
        arguments: [Way.adopted, .incremental]
    )
    func gone(way: Way) async throws {
        let (station, first, recipe) = try await prepare("gone-\(way)")
        let away = station.scratch.file("away.jpg")
        try FileManager.default.moveItem(atPath: "\(station.source)/\(Self.lost)", toPath: away)
        let outcome = try await goBack(station, to: recipe, by: way)
        #expect(outcome.status == (way == .incremental ? 3 : 0), "\(outcome.allText)")

        let failed = try #require(try await station.events("DerivationFailed").first)["payload"]
        #expect(failed["lost"] == .bool(true) && failed["reason"].text == "object-gone")
        let quarantined = try await station.program().check(["quarantine", "list", "--json"]).parsed()["objects"].list
        #expect(quarantined.map { $0["key"].text } == [Self.lost] && quarantined[0]["reason"].text == "object-gone")
        let why = try await station.program().check(["quarantine", "list"]).text
        #expect(why.contains("not in the cache any more"), "\(why)")
        #expect(try await station.manifests()["south"] == first["south"], "its neighbours go over")
        #expect(!FileManager.default.fileExists(atPath: "\(station.dataset)/\(Self.lost)/tiles.jsonl"))
        #expect(try station.tiles(of: "north/DJI_0002.JPG")[0]["window"]["width"].int == 256)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)

        try FileManager.default.moveItem(atPath: away, toPath: "\(station.source)/\(Self.lost)")
        try await station.program().check(["quarantine", "release", quarantined[0]["id"].text])
        try await station.ingest()
        #expect(try await station.manifests() == first)
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.run("replay").status == 0)
        #expect(try await station.ingest()["commits"].list.isEmpty)
    }

    @Test("an image that comes again under another name gets the tiles that it had before")
    func anotherName() async throws {
        let station = try Station("freed-name")
        try await station.draw("north/one.png", size: "600x400")
        try await station.draw("north/two.png", "-negate")
        try await station.ingest("--tile-size", "256", "--on-remove", "withdraw")
        let tiles = try station.tiles(of: "north/one.png")
        try FileManager.default.moveItem(
            atPath: "\(station.source)/north/one.png",
            toPath: station.scratch.file("one.png")
        )
        try await station.ingest("--on-remove", "withdraw")
        #expect(!FileManager.default.fileExists(atPath: "\(station.dataset)/north/one.png/tiles.jsonl"))
        let md5 = tiles[0]["md5"].text
        let object = "\(station.dataset)/.dvc/cache/files/md5/\(md5.prefix(2))/\(md5.dropFirst(2))"
        try FileManager.default.removeItem(atPath: object)
        try FileManager.default.moveItem(
            atPath: station.scratch.file("one.png"),
            toPath: "\(station.source)/north/three.png"
        )
        try station.age("\(station.source)/north/three.png")
        try await station.ingest("--on-remove", "withdraw")
        #expect(try station.tiles(of: "north/three.png").map(\.["md5"]) == tiles.map(\.["md5"]))
        #expect(FileManager.default.fileExists(atPath: object))
        #expect(try await station.events("StageFailed").isEmpty)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try await station.run("audit", "verify").status == 0)
    }
}
