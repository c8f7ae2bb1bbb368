import TestSupport
import Testing

@Suite("Partitions", .timeLimit(.minutes(10)))
struct PartitionTests {
    @Test("a template names them, the store remembers it, and a change is a small commit of its own partition")
    func template() async throws {
        let station = try Station("partitions")
        for image in ["day-1/1.png", "day-1/2.png", "day-2/1.png"] { try await station.draw("north/\(image)") }
        try await station.ingest("--partition", "{1}-{2}")
        #expect(try await station.git("ls-files", "*.dvc") == "north-day-1.dvc\nnorth-day-2.dvc")
        #expect(try files(below: "\(station.dataset)/north-day-2").contains("north/day-2/1.png/tiles.jsonl"))
        let filesOfAnImage = try files(below: "\(station.dataset)/north-day-2").count

        // Nobody says it again; and what is added goes into the manifest that is there.
        try station.copy("north/day-2/1.png", to: "north/day-1/9.png")
        try station.copy("north/day-2/1.png", to: "north/day-1/1.png")
        try await station.ingest()
        let started = try #require(try await station.events("DatasetCommitStarted").last)["payload"]
        #expect(started["partition"].text == "north-day-1")
        let counts = [started["added"].int, started["changed"].int, started["removed"].int]
        #expect(counts == [filesOfAnImage, filesOfAnImage, 0])
        #expect(started["files"].int == 3 * filesOfAnImage)
        #expect(try files(below: "\(station.dataset)/north-day-1").count == 3 * filesOfAnImage)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)

        // The catalog, asked for everything, names the same manifest.
        try await station.program().check(["replay"])
        try await station.ingest()
        #expect(try await station.events("DatasetCommitStarted").count == 3)
    }

    @Test("what is no template is said at the start", arguments: ["all", "{x}"])
    func noTemplate(text: String) async throws {
        let station = try Station("partitions")
        try await station.draw("north/1.png")
        let outcome = try await station.run("ingest", station.source, "--partition", text)
        #expect(outcome.status == 78)
        #expect(outcome.errorText.contains("--partition"))
    }
}
