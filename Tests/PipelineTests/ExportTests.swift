import Foundation
import TestSupport
import Testing

@Suite("What the store knows can be given to other tools", .timeLimit(.minutes(15)))
struct ExportTests {
    private func judge(_ script: String, _ path: String) async throws -> JSON {
        let outcome = try await Tool(Checkout.peer("python")).run([pythonScript(script), path])
        #expect(outcome.status == 0, "\(outcome.allText.suffix(3_000))")
        return try outcome.parsed()
    }

    @Test("OpenLineage run events are those of its client: each run starts once and ends once")
    func openLineage() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        // One image that can't be decoded: its run fails.
        try await station.draw("north/broken.png")
        let broken = URL(fileURLWithPath: "\(station.source)/north/broken.png")
        try Data(contentsOf: broken).prefix(400).write(to: broken)
        try station.age(broken.path)
        #expect(try await station.run("ingest", station.source, "--json").status == 3)
        let path = station.scratch.file("runs.jsonl")
        try await station.program().check(["export", "openlineage", "--output", path, "--namespace", "farm"])
        let events = try await judge("judge_openlineage", path)["events"].list
        let tiling = events.filter { $0["job"]["name"].text == "swathlog.tiling" }
        let completed = try #require(tiling.first { $0["eventType"].text == "COMPLETE" })
        let output = completed["outputs"].list[0]
        let derivations = try await station.events("DerivationCompleted")
        #expect(tiling.count { $0["eventType"].text == "COMPLETE" } == derivations.count)
        #expect(output["namespace"].text == "farm")
        #expect(output["outputFacets"]["outputStatistics"]["fileCount"] == derivations[0]["payload"]["tiles"])
        #expect(output["outputFacets"]["outputStatistics"]["size"] == derivations[0]["payload"]["tile_bytes"])
        #expect(completed["inputs"].list[0]["namespace"].text == "file")
        let failed = try #require(tiling.first { $0["eventType"].text == "FAIL" })
        #expect(failed["inputs"].list[0]["name"].text == broken.path)
        #expect(!failed["run"]["facets"]["errorMessage"]["message"].text.isEmpty)
        let versions = events.filter {
            $0["job"]["name"].text == "swathlog.versioning" && $0["eventType"].text == "COMPLETE"
        }
        let commits = try await station.events("DatasetCommitted").map { $0["payload"]["git_commit"].text }
        #expect(versions.map { $0["outputs"].list[0]["facets"]["version"]["datasetVersion"].text } == commits)
        #expect(!versions.isEmpty)
    }

    @Test(
        "an OpenLineage endpoint gets each event in order, though it fails at first; an export goes on where one ended"
    )
    func endpoint() async throws {
        let station = try await SharedStation.get()
        let scratch = try Scratch("openlineage")
        let taken = scratch.file("taken.jsonl")
        let key = ["OPENLINEAGE_API_KEY": "key-of-the-test"]
        let middle = try await station.events("DatasetCommitStarted")[0]["position"].int ?? 0
        let receiver = try Tool(Checkout.peer("python"))
        try await receiver.whileRunning([pythonScript("judge_openlineage"), "serve", taken]) { server in
            try await eventually("the endpoint listens") { server.outputSoFar.contains("\n") || !server.isRunning }
            let url = server.outputSoFar.trimmingCharacters(in: .whitespacesAndNewlines)
            let first = try await station.run(
                "export",
                "openlineage",
                "--url",
                url,
                "--through",
                String(middle),
                variables: key
            )
            #expect(first.status == 0, "\(first.allText) \(server.errorsSoFar)")
            #expect(first.errorText.contains("exported through position \(middle)\n"))
            let rest = try await station.run(
                "export",
                "openlineage",
                "--url",
                url,
                "--after",
                String(middle),
                variables: key
            )
            #expect(rest.status == 0, "\(rest.allText) \(server.errorsSoFar)")
        }
        let whole = try await station.program().check(["export", "openlineage"]).text
        #expect(try String(contentsOfFile: taken, encoding: .utf8) == whole)
        #expect(whole.split(separator: "\n").count > 10)
        // Nobody is there any more.
        let refused = try await station.run("export", "openlineage", "--url", "http://127.0.0.1:1/x", "--json")
        #expect(refused.status == 70)
        #expect(try refused.parsed()["message"].text.contains("http://127.0.0.1:1/x"))
    }

    @Test(
        "versions and pushes that failed are runs that failed; an export in parts is the whole, wherever it is parted"
    )
    func failedRuns() async throws {
        let station = try Station("failed-runs")
        let remote = try station.scratch.directory("remote")
        try await station.draw("a/one.png")
        try await station.ingest("--dvc-remote", remote)
        // A file where the remote has its objects: nothing can be pushed. A folder of somebody's: no version can be made.
        try FileManager.default.moveItem(atPath: "\(remote)/files", toPath: "\(remote)/aside")
        try "mine".write(toFile: "\(remote)/files", atomically: true, encoding: .utf8)
        try await station.draw("a/two.png", "-negate")
        try await station.draw("b/one.png")
        let foreign = "\(station.dataset)/b"
        try FileManager.default.createDirectory(atPath: foreign, withIntermediateDirectories: true)
        try "mine".write(toFile: "\(foreign)/notes.txt", atomically: true, encoding: .utf8)
        #expect(try await station.run("ingest", station.source, "--dvc-remote", remote).status == 70)
        try FileManager.default.removeItem(atPath: "\(remote)/files")
        try FileManager.default.moveItem(atPath: "\(remote)/aside", toPath: "\(remote)/files")
        try FileManager.default.removeItem(atPath: foreign)
        try await station.ingest("--dvc-remote", remote)

        let path = station.scratch.file("runs.jsonl")
        try await station.program().check(["export", "openlineage", "--output", path])
        let events = try await judge("judge_openlineage", path)["events"].list
        func runs(_ job: String, _ state: String) -> [JSON] {
            events.filter { $0["job"]["name"].text == "swathlog.\(job)" && $0["eventType"].text == state }
        }
        let failures = try await station.events("StageFailed").map { $0["payload"] }
        for (job, reason) in [("versioning", "dataset-conflict"), ("pushing", "")] {
            let failed = failures.filter { $0["stage"].text == job }
            #expect(!failed.isEmpty)
            let told = runs(job, "FAIL").map { $0["run"]["facets"]["errorMessage"]["message"].text }
            #expect(told == failed.map { "\($0["reason"].text): \($0["message"].text)" })
            #expect(told.allSatisfy { $0.hasPrefix(reason) })
        }
        let pushed = try await station.events("DatasetPushed").map { $0["payload"] }
        let told = runs("pushing", "COMPLETE").map { $0["outputs"].list[0] }
        #expect(told.map { $0["outputFacets"]["outputStatistics"]["size"] } == pushed.map { $0["bytes_sent"] })
        #expect(told.allSatisfy { $0["name"] == pushed[0]["remote"] && $0["namespace"].text == "file" })
        #expect(runs("versioning", "COMPLETE").count == pushed.count && pushed.count == 3)

        let whole = try String(contentsOfFile: path, encoding: .utf8)
        let types: Set = ["AgentStarted", "DerivationStarted", "DatasetCommitStarted", "StageFailed"]
        for event in try await station.events() where types.contains(event["type"].text) {
            let position = String(event["position"].int ?? 0)
            let before = try await station.program().check(["export", "openlineage", "--through", position]).text
            let after = try await station.program().check(["export", "openlineage", "--after", position]).text
            #expect(before + after == whole, "parted at \(position)")
        }
    }

    @Test("the STAC catalog is valid, and its tiles lie on the ground, have their bytes and lead to their images")
    func stac() async throws {
        let station = try await SharedStation.get()
        let scratch = try Scratch("stac")
        let counts = try await station.program().check(["export", "stac", scratch.file("catalog"), "--json"]).parsed()
        let found = try await judge("judge_stac", scratch.file("catalog"))
        #expect(found["images"].list.count == 3)
        #expect(counts["images"].int == 3)
        #expect(counts["tiles"].int == found["tiles"].list.count)
        #expect(Set(found["collections"].list.map { $0["id"].text }) == ["north", "south"])
        let tile = try station.tiles(of: "north/DJI_0001.JPG")[0]
        let name = "north/DJI_0001.JPG/\(tile["name"].text)"
        let item = try #require(found["tiles"].list.first { $0["href"].text == "\(station.dataset)/\(name)" })
        #expect(item["item"]["geometry"] == tile["footprint"])
        #expect(item["item"]["geometry"]["type"].text == "Polygon")
        let image = try #require(found["images"].list.first { $0["item"]["id"] == item["source"] })
        #expect(image["href"].text == "\(station.source)/north/DJI_0001.JPG")
        let again = try await station.run("export", "stac", scratch.file("catalog"), "--json")
        #expect(again.status == 1)
        #expect(try again.parsed()["error"].text == "not-empty")
    }

    @Test("the STAC catalog has what the dataset's versions have: now, and at a revision")
    func stacVersions() async throws {
        let station = try Station("stac-versions")
        let hand = ["SWATHLOG_COMMIT_POLICY": "hand"]
        try await station.draw("a/one.png")
        try await station.ingest()
        try await station.draw("b/one.png", "-negate")
        try await station.ingest()
        // One more, one that is replaced, and a partition that no version has.
        try await station.draw("a/two.png", "-flip")
        try await station.draw("b/one.png", "-flop")
        try await station.draw("c/one.png", "-roll", "+9+9")
        try await station.ingest(variables: hand)

        /// The paths of the tiles in the dataset.
        func export(_ name: String, _ options: String...) async throws -> [String] {
            let directory = station.scratch.file(name)
            try await station.program().check(["export", "stac", directory, "--dataset-href", "data"] + options)
            return try files(below: directory, suffix: ".json").compactMap { file in
                let item = try JSON(String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8))
                let href = item["assets"]["tile"]["href"].text
                return href.hasPrefix("data/") ? String(href.dropFirst(5)) : nil
            }.sorted()
        }
        let committed = try files(below: station.dataset, suffix: "0.png").filter { $0.contains(/^[ab]\//) }
        #expect(try await export("now") == committed && !committed.isEmpty)
        #expect(Set(committed.map { $0.split(separator: "/")[0] }) == ["a", "b"])
        #expect(try await export("before", "--at", "HEAD~1") == committed.filter { $0.hasPrefix("a/") })
        #expect(try await export("part", "--partition", "b") == committed.filter { $0.hasPrefix("b/") })
        #expect(try await export("none", "--partition", "c").isEmpty)
        let unknown = try await station.run("export", "stac", station.scratch.file("unknown"), "--partition", "nope")
        #expect(unknown.status == 1 && unknown.errorText.contains("'nope'"))
        #expect(!FileManager.default.fileExists(atPath: station.scratch.file("unknown")))
    }

    @Test("dot draws the way of a tile, an object and a dataset version, each step reached from the source")
    func graphviz() async throws {
        let station = try await SharedStation.get()
        let scratch = try Scratch("graph")
        let commit = try await station.events("DatasetCommitted")[0]["payload"]["git_commit"].text
        for (name, steps) in [("north/DJI_0001.JPG/0000_0000.png", 10), ("north/DJI_0001.JPG", 9), (commit, 6)] {
            let path = scratch.file("graph.dot")
            let text = try await station.program().check(["export", "graphviz", name]).text
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            let drawn = try await Tool("dot", install: "apt-get install graphviz").check(["-Tjson", path]).parsed()
            let nodes = drawn["objects"].list.count
            #expect(nodes >= steps, "\(name): \(text)")
            // One piece: a graph of n nodes without a circle that hangs together has n - 1 edges or more.
            #expect(drawn["edges"].list.count >= nodes - 1, "\(name): \(text)")
        }
        let unknown = try await station.run("export", "graphviz", "nothing-of-this-name", "--json")
        #expect(unknown.status == 1)
    }

    @Test("the worked queries of the README run as they stand, on every event of the log")
    func queries() async throws {
        let station = try await SharedStation.get()
        let readme = try String(contentsOfFile: "\(Checkout.root)/README.md", encoding: .utf8)
        let section = try #require(readme.components(separatedBy: "\n## Other tools\n").dropFirst().first)
        let text = section.components(separatedBy: "\n## ")[0]
        let scratch = try Scratch("queries")
        var shell = try Tool("bash", in: scratch.path)
        let programs = [URL(fileURLWithPath: Checkout.swathlog), URL(fileURLWithPath: Checkout.peer("python"))]
        let path = programs.map { $0.deletingLastPathComponent().path }.joined(separator: ":")
        shell.environment["PATH"] = "\(path):\(shell.environment["PATH"] ?? "")"
        shell.environment["SWATHLOG_STORE"] = station.store
        var answers: [String] = []
        for block in text.matches(of: /```(sh|python)\n(?s:(.*?))```/) {
            let file = scratch.file("block")
            try String(block.output.2).write(toFile: file, atomically: false, encoding: .utf8)
            let command = block.output.1 == "sh" ? "bash -euo pipefail '\(file)'" : "python '\(file)'"
            answers.append(try await shell.check(["-c", command]).text)
        }
        let events = try await station.events()
        let tiles = events.count { $0["type"].text == "TileWritten" }
        #expect(answers.count == 4)
        #expect(try JSON.lines(String(contentsOfFile: scratch.file("events.jsonl"), encoding: .utf8)) == events)
        for answer in answers.dropFirst() { #expect(answer.contains(String(tiles)), "\(answer)") }
    }
}
