import Foundation
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

@Suite("The recipe in the dataset's history", .timeLimit(.minutes(10)))
struct RecipeHistoryTests {
    @Test("dvc params diff tells which settings changed between two versions, and which tiles came of that")
    func paramsDiff() async throws {
        let station = try Station("params")
        try await station.draw("north/1.png")
        try await station.ingest("--tile-size", "128", "--tile-overlap", "12.5%")
        try await station.ingest("--tile-size", "128x64", "--tile-overlap", "12.5%")
        let diff = try await station.dvc("params", "diff", "HEAD~1", "HEAD", "--json").parsed()["params.yaml"]
        #expect(diff["recipe.north.tile_size"]["old"].int == 128)
        #expect(diff["recipe.north.tile_size"]["new"].text == "128x64")
        #expect(diff["recipe.north.tile_format"] == .null)
        #expect(try await station.git("status", "--porcelain") == "")
        let old = try await station.git("show", "HEAD~1:params.yaml")
        #expect(old.contains("  tile_format: png\n") && old.contains("  tile_size: 128"))
    }

    @Test("each commit changes the parameters of its own partition, and no other's")
    func partitions() async throws {
        let station = try Station("params-of-partitions")
        for partition in ["north", "south.b"] { try await station.draw("\(partition)/1.png") }
        try await station.ingest("--tile-size", "128", "--tile-overlap", "0")
        func diff(_ from: String, _ to: String) async throws -> [String: [Int?]] {
            let found = try await station.dvc("params", "diff", from, to, "--json").parsed()["params.yaml"]
            return Dictionary(
                uniqueKeysWithValues: found.keys.map { key in (key, ["old", "new"].map { found[key][$0].int }) }
            )
        }
        try await station.program().check(["reprocess", "--apply", "--tile-size", "200"])
        #expect(try await diff("HEAD~2", "HEAD~1") == ["recipe.north.tile_size": [128, 200]])
        #expect(try await diff("HEAD~1", "HEAD") == ["recipe.south.b.tile_size": [128, 200]])
        try await station.program().check(["reprocess", "--apply", "--tile-size", "64", "--partition", "north"])
        #expect(try await diff("HEAD~1", "HEAD") == ["recipe.north.tile_size": [200, 64]])
        try await station.draw("south.b/2.png", "-flip")
        try await station.ingest()
        #expect(try await station.git("log", "-1", "--format=%s").hasPrefix("south.b: add"))
        #expect(try await diff("HEAD~1", "HEAD").isEmpty)
    }

    @Test("a file with one section for all is read, and goes over partition by partition")
    func older() async throws {
        let station = try Station("older-params")
        try await station.draw("north/1.png")
        try await station.ingest("--tile-size", "128")
        let old = "recipe:\n  tile_format: png\n  tile_size: 128\n"
        try old.write(toFile: "\(station.dataset)/params.yaml", atomically: true, encoding: .utf8)
        let person = ["-c", "user.name=P", "-c", "user.email=p@localhost", "commit", "--quiet", "-am", "Older"]
        try await Tool("git", in: station.dataset).check(person)
        try await station.draw("south/1.png")
        try await station.ingest()
        let text = try await station.git("show", "HEAD:params.yaml")
        #expect(text.hasPrefix("recipe:\n  south:\n    alpha: keep\n") && !text.contains("\n  tile_format"))
    }

    @Test("in a repository of a person's it has a name of its own, and all commands find the dataset there")
    func joined() async throws {
        let station = try Station("joined")
        try await station.draw("north/1.png")
        let work = try station.scratch.directory("work")
        try await station.git("init", "--quiet", in: work)
        try "mine: 1\n".write(toFile: "\(work)/params.yaml", atomically: true, encoding: .utf8)
        try await station.git("add", "params.yaml", in: work)
        let variables = ["SWATHLOG_DATASET_REPO": work]
        let refused = try await station.run("ingest", station.source, "--json", variables: variables)
        #expect(refused.status == 70)
        #expect(try refused.parsed()["error"].text == "git-index-dirty", "\(refused.allText)")
        let commit = ["-c", "user.name=P", "-c", "user.email=p@localhost", "commit", "--quiet", "-m", "Mine"]
        try await Tool("git", in: work).check(commit)
        try await station.ingest(variables: variables)
        let listed = try await station.git("ls-files", in: work).split(separator: "\n")
        #expect(listed.contains("north.dvc") && listed.contains("swathlog-params.yaml"))
        #expect(try await station.git("show", "HEAD:params.yaml", in: work) == "mine: 1")
        #expect(try await station.dvc("data", "status", in: work).text.contains("No changes"))
        let verified = try await station.program(variables).run(["audit", "verify", "--json"])
        #expect(verified.status == 0, "\(verified.allText)")

        // Nobody says it again: the store remembers it.
        try await station.draw("north/2.png", "-flip")
        try await station.ingest()
        #expect(try await station.git("log", "-1", "--format=%s", in: work).hasPrefix("north: add"))
        #expect(try await station.run("dataset", "diff", "HEAD~1").status == 1)
        #expect(try await station.run("dataset", "verify").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
        let setting = try await station.run("config", "--json").parsed()["dataset_repo"]
        #expect(setting["value"].text == work && setting["origin"].text == "the store")
        #expect(try await station.run("status", "--dataset-repo", work).status == 0)
        #expect(try await station.run("commit", "--dataset-repo", work).status == 0)
        #expect(!FileManager.default.fileExists(atPath: station.dataset))

        // Another one is taken where it is said, and that is told; then that is the one.
        let other = try station.scratch.directory("other")
        try await station.git("init", "--quiet", in: other)
        try await station.draw("east/1.png", "-flop")
        let moved = try await station.program().check(["ingest", station.source, "--dataset-repo", other])
        #expect(moved.errorText.contains("another repository than before"))
        try await station.draw("east/2.png", "-negate")
        let quiet = try await station.program().check(["ingest", station.source])
        #expect(!quiet.errorText.contains("another repository than before"))
        #expect(try await station.git("rev-list", "--count", "HEAD", "--", "east.dvc", in: other) == "2")
        // The store's own is said by its name.
        try await station.draw("west/1.png", "-rotate", "90")
        try await station.ingest("--dataset-repo", station.dataset)
        let names = try await station.git("ls-files", "*.dvc", "params.yaml")
        #expect(names == "east.dvc\nnorth.dvc\nparams.yaml\nwest.dvc")
        #expect(try await station.run("config", "--json").parsed()["dataset_repo"]["value"] == .null)
    }

    @Test("a store that has versions begins no other dataset before somebody says so")
    func lostDataset() async throws {
        let station = try Station("lost-dataset")
        try await station.draw("north/1.png")
        try await station.ingest()
        try FileManager.default.moveItem(atPath: station.dataset, toPath: station.scratch.file("elsewhere"))
        try await station.draw("south/1.png")
        let before = try await station.events()
        let refused = try await station.run("ingest", station.source)
        #expect(refused.status == 78 && refused.errorText.contains("dataset_repo"), "\(refused.allText)")
        #expect(!FileManager.default.fileExists(atPath: station.dataset))
        #expect(try await station.events() == before)
        try await station.ingest("--dataset-repo", station.dataset)
        #expect(try await station.git("ls-files", "*.dvc") == "north.dvc\nsouth.dvc")
    }
}
