import EventLog
import Events
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("A dataset is derived anew beside the one that stands", .timeLimit(.minutes(15)))
struct ReprocessTests {
    /// A store of two flights, cut by 256 pixels.
    private func flown(_ name: String, images: Int = 3) async throws -> Station {
        let station = try Station(name)
        try await station.fly("north", images: images)
        try await station.fly("south", images: 2, seed: 2)
        try await station.ingest("--tile-size", "256", "--tile-overlap", "0")
        return station
    }

    private func reprocess(_ station: Station, _ options: String...) async throws -> JSON {
        try await station.program().check(["reprocess", "--json"] + options).parsed()
    }

    /// Bytes of all files in the DVC cache.
    private func cacheSize(_ station: Station) throws -> Int {
        let cache = "\(station.dataset)/.dvc/cache/files/md5"
        return try files(below: cache).reduce(0) { sum, name in
            let size = try FileManager.default.attributesOfItem(atPath: "\(cache)/\(name)")[.size] as? Int
            return sum + (size ?? 0)
        }
    }

    /// The tiles of each partition that differ between two dataset versions, as stock DVC says.
    private func differing(_ station: Station, _ old: String, _ new: String) async throws -> [String: [String: Int]] {
        let diff = try await station.dvc("diff", "--json", old, new).parsed()
        var found: [String: [String: Int]] = [:]
        for kind in ["added", "deleted", "modified"] {
            for path in diff[kind].list.map({ $0["path"].text }) where path.hasSuffix(".png") || path.hasSuffix(".jpg")
            {
                found[path.split(separator: "/").first.map(String.init) ?? "", default: [:]][kind, default: 0] += 1
            }
        }
        return found
    }

    @Test(
        "the plan writes nothing, and what is done is within a tenth of it",
        arguments: [
            ["--tile-size", "192", "--tile-overlap", "32"], ["--tile-edge", "crop"], ["--tile-format", "jpeg"],
            ["--augment", "flip-horizontal p=0.5", "--variants", "2"],
        ]
    )
    func planned(options: [String]) async throws {
        let station = try await flown("planned")
        let old = try await station.git("rev-parse", "HEAD")
        let before = try await station.events()
        let derivedBefore = try await station.events("DerivationCompleted").count
        let cacheBefore = try cacheSize(station)
        let plan = try await station.program().check(["reprocess", "--plan", "--json"] + options).parsed()
        #expect(try await station.events() == before)
        let words = try await station.program().check(["reprocess", "--plan"] + options).text
        #expect(words.contains("north") && words.contains("replaced"), "\(words)")
        #expect(words.split(separator: "\n").allSatisfy { $0.last != " " }, "\(words)")
        #expect(plan["objects"].int == 5 && plan["contents_to_cut"].int == 5)
        #expect((plan["seconds"].double ?? 0) > 0 && (plan["disk_free"].int ?? 0) > 0)

        let report = try await station.program().check(["reprocess", "--apply", "--json"] + options).parsed()
        #expect(report["generation"]["state"].text == "cut-over" && report["finished"] == .bool(true))
        let done = try await differing(station, old, "HEAD")
        for partition in plan["partitions"].list {
            let tiles = partition["tiles"]
            let found = done[partition["name"].text] ?? [:]
            for (kind, name) in [("added", "added"), ("removed", "deleted"), ("replaced", "modified")] {
                let (said, was) = (tiles[kind].int ?? -1, found[name] ?? 0)
                #expect(
                    Double(abs(said - was)) <= 0.1 * Double(max(said, was)),
                    "\(kind): \(said) planned, \(was) done"
                )
            }
        }
        let added = done.values.reduce(0) { $0 + ($1["added"] ?? 0) + ($1["modified"] ?? 0) }
        #expect(added > 0)
        let derived = try await station.events("DerivationCompleted").dropFirst(derivedBefore).map { $0["payload"] }
        #expect(derived.count == plan["contents_to_cut"].int)
        let pixels = derived.reduce(0) { $0 + ($1["width"].int ?? 0) * ($1["height"].int ?? 0) }
        #expect(pixels == plan["pixels"].int)
        let grown = try cacheSize(station) - cacheBefore
        #expect(grown > 0 && grown <= plan["disk_needed"].int ?? 0, "that is what is needed at most: \(grown)")
        // One event, one commit for each partition, each of the new recipe alone.
        let cut = try await station.events("GenerationCutOver")
        #expect(cut.count == 1 && cut[0]["payload"]["partitions"].list.map(\.text) == ["north", "south"])
        let commits = try await station.events("DatasetCommitStarted").map { $0["payload"] }
        #expect(commits.count == 4 && commits.suffix(2).allSatisfy { $0["recipe"] == cut[0]["payload"]["recipe"] })
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        let again = try await station.program().check(["reprocess", "--apply", "--json"] + options).parsed()
        #expect(again["objects"].int == 0)
        #expect(try await station.events("ReprocessRequested").count == 1)
    }

    @Test("old versions are checked out by stock tools, and going back derives nothing")
    func back() async throws {
        let station = try await flown("back")
        let old = try await station.git("rev-parse", "HEAD")
        let first = try await station.manifests()
        let lost = try station.tiles(of: "north/DJI_0001.JPG")[0]["md5"].text
        let file = station.scratch.file("first.yaml")
        try await station.program().check(["recipe", "show"]).text.write(
            toFile: file,
            atomically: true,
            encoding: .utf8
        )
        _ = try await reprocess(station, "--apply", "--tile-size", "128")
        let clone = station.scratch.file("clone")
        try await station.git("clone", "-q", station.dataset, clone)
        try await station.dvc("cache", "dir", "--local", "\(station.dataset)/.dvc/cache", in: clone)
        for revision in [old, "master", "main"]
        where (try? await station.git("checkout", "-q", revision, in: clone)) != nil {
            try await station.dvc("checkout", "--quiet", in: clone)
            let side = try await Tool("identify", install: "apt-get install imagemagick").check([
                "-format", "%w", "\(clone)/north/DJI_0001.JPG/0000_0000.png",
            ]).text
            #expect(side == (revision == old ? "256" : "128"))
        }
        let derived = try await station.events("DerivationCompleted").count
        let plan = try await reprocess(station, "--plan", "--recipe", file)
        #expect(plan["contents_to_cut"].int == 0 && plan["contents_to_link"].int == 5 && plan["seconds"].double == 0)
        // Somebody freed room: the tile is made again, and is the same.
        try FileManager.default.removeItem(
            atPath: "\(station.dataset)/.dvc/cache/files/md5/\(lost.prefix(2))/\(lost.dropFirst(2))"
        )
        let freed = try await reprocess(station, "--plan", "--recipe", file)
        #expect(freed["contents_to_cut"].int == 1 && freed["contents_to_link"].int == 4)
        _ = try await reprocess(station, "--apply", "--recipe", file)
        #expect(try await station.events("DerivationCompleted").count == derived)
        #expect(try await station.manifests() == first)
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("beside an agent, what comes meanwhile is in the current generation and in the next one")
    func besideAnAgent() async throws {
        let station = try await flown("beside", images: 30)
        let arguments = ["run", "--source", station.source, "--commit-interval", "1", "--workers", "1"]
        try await station.program().whileRunning(arguments) { agent in
            try await eventually("the agent runs") {
                try await station.events("AgentStarted").count == 2 || !agent.isRunning
            }
            let command = try station.program().start(["reprocess", "--apply", "--json", "--tile-size", "64"])
            try await eventually("it is under way") {
                try await station.events("ReprocessRequested").count == 1 || !command.isRunning
            }
            try await station.fly("west", images: 1, seed: 5)
            let outcome = try await command.outcome()
            #expect(outcome.status == 0, "\(outcome.allText)")
            try await eventually("the new flight is there as well") {
                try await station.manifests()["west"] != nil && station.tiles(of: "west/DJI_0001.JPG").count > 20
            }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        let cut = try await station.events("GenerationCutOver")
        #expect(cut.count == 1)
        let early = try await station.events("DatasetCommitStarted").filter {
            ($0["position"].int ?? 0) < cut[0]["position"].int ?? 0
        }
        #expect(!early.isEmpty && early.allSatisfy { $0["payload"]["recipe"] != cut[0]["payload"]["recipe"] })
        #expect(try await recipesOfVersions(station).allSatisfy { $0.count == 1 }, "no version mixes recipes")
        #expect(try await station.run("audit", "verify").status == 0)
    }

    /// The recipes that the tiles of each dataset version in git say they are of.
    private func recipesOfVersions(_ station: Station) async throws -> [Set<String>] {
        let clone = station.scratch.file("versions")
        try await station.git("clone", "-q", station.dataset, clone)
        try await station.dvc("cache", "dir", "--local", "\(station.dataset)/.dvc/cache", in: clone)
        var found: [Set<String>] = []
        for commit in try await station.git("log", "--format=%H %s", in: clone).split(separator: "\n") {
            let parts = commit.split(separator: " ", maxSplits: 1).map(String.init)
            guard let partition = parts.last?.split(separator: ":").first.map(String.init), parts.count == 2,
                ["north", "south", "west"].contains(partition)
            else { continue }
            try await station.git("checkout", "-q", parts[0], in: clone)
            try await station.dvc("checkout", "--quiet", in: clone)
            let indexes = try files(below: "\(clone)/\(partition)", suffix: "tiles.jsonl")
            found.append(
                try Set(
                    indexes.flatMap { path in
                        try JSON.lines(String(contentsOfFile: "\(clone)/\(partition)/\(path)", encoding: .utf8))
                            .map { $0["recipe"].text }
                    }
                )
            )
        }
        #expect(found.count >= 5)
        return found
    }

    @Test("killed at any moment it goes on, and cuts nothing twice")
    func killed() async throws {
        let station = try await flown("killed", images: 12)
        let before = try await station.events("DerivationCompleted").count
        // Slow to cut, so that there is time to kill it.
        let slow = ["--tile-size", "64", "--png-compression", "small", "--workers", "1"]
        let command = ["reprocess", "--apply", "--json"] + slow
        let first = try station.program().start(command)
        try await eventually("some of it is derived") {
            try await station.events("DerivationCompleted").count >= before + 3 || !first.isRunning
        }
        first.signal(SIGKILL)
        _ = try await first.outcome()
        #expect(try await station.events("GenerationCutOver").isEmpty)
        let status = try await station.run("status", "--json").parsed()["generations"].list
        #expect(status.count == 1 && status[0]["state"].text == "deriving" && status[0]["objects"].int == 14)
        let report = try await station.program().check(command).parsed()
        #expect(report["generation"]["state"].text == "cut-over")
        #expect(try await station.events("ReprocessRequested").count == 1)
        #expect(try await station.events("DerivationCompleted").count == before + 14)
        #expect(try await station.events("GenerationCutOver").count == 1)
        #expect(try await station.events("DatasetCommitted").count == 4)
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("cancelled, it leaves no trace but events; the one that waited is next")
    func cancelled() async throws {
        let station = try await flown("cancelled", images: 12)
        let cache = "\(station.dataset)/.dvc/cache/files/md5"
        let before = try files(below: cache)
        let manifests = try await station.manifests()
        let running = try station.program().start(["reprocess", "--apply", "--tile-size", "64", "--workers", "1"])
        try await eventually("some of it is derived") {
            try await station.events("DerivationCompleted").count >= 17 || !running.isRunning
        }
        running.signal(SIGINT)
        #expect(try await running.outcome().status == 130)
        #expect(try files(below: cache).count > before.count)
        let report = try await reprocess(station, "--cancel")
        #expect(report["generation"]["state"].text == "cancelled" && (report["files_swept"].int ?? 0) > 0)
        #expect(try files(below: cache) == before)
        #expect(try await station.manifests() == manifests)
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.run("reprocess", "--cancel").status == 1, "there is nothing left to cancel")
        #expect(try await station.run("status", "--json").parsed()["generations"].list.isEmpty)
        let again = try await reprocess(station, "--apply", "--tile-size", "64")
        #expect(again["generation"]["state"].text == "cut-over")
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("source bytes that are not kept are fetched again; those that are gone are told before")
    func originals() async throws {
        let station = try await flown("originals")
        try FileManager.default.removeItem(atPath: "\(station.store)/originals")
        try FileManager.default.removeItem(atPath: "\(station.source)/south/DJI_0002.JPG")
        let plan = try await reprocess(station, "--plan", "--tile-size", "128")
        #expect(plan["originals_to_fetch"].int == 4 && (plan["bytes_to_fetch"].int ?? 0) > 0)
        #expect(plan["keys_gone"].list.map(\.text) == ["south/DJI_0002.JPG"])
        let outcome = try await station.run("reprocess", "--apply", "--tile-size", "128", "--json")
        #expect(outcome.status == 3, "\(outcome.allText)")
        #expect(try outcome.parsed()["generation"]["failed"].int == 1)
        let quarantined = try await station.events("ObjectQuarantined").map { $0["payload"]["reason"].text }
        #expect(quarantined == ["object-gone"])
        #expect(try await station.events("ObjectFetched").count == 5 + 4)
        #expect(try files(below: "\(station.dataset)/south", suffix: "tiles.jsonl") == ["DJI_0001.JPG/tiles.jsonl"])
    }

    @Test("tiles that were freed are cut again; those whose source bytes are gone too hold up nothing, and come back")
    func lostTiles() async throws {
        let station = try await flown("lost")
        let first = try await station.manifests()
        let file = station.scratch.file("first.yaml")
        let recipe = try await station.program().check(["recipe", "show"]).text
        try recipe.write(toFile: file, atomically: true, encoding: .utf8)
        let (lost, freed) = ("north/DJI_0001.JPG", "south/DJI_0001.JPG")
        let files = try [lost, freed].map { try station.tiles(of: $0)[0]["md5"].text }
        _ = try await reprocess(station, "--apply", "--tile-size", "128")
        let tiles = try await station.events("TileWritten").count
        let held = try station.tiles(of: lost).count
        for md5 in files {
            let object = "\(station.dataset)/.dvc/cache/files/md5/\(md5.prefix(2))/\(md5.dropFirst(2))"
            try FileManager.default.removeItem(atPath: object)
        }
        try FileManager.default.removeItem(atPath: "\(station.store)/originals")
        let away = station.scratch.file("away.jpg")
        try FileManager.default.moveItem(atPath: "\(station.source)/\(lost)", toPath: away)

        let plan = try await reprocess(station, "--plan", "--recipe", file)
        #expect(plan["contents_to_link"].int == 3 && plan["contents_to_cut"].int == 1)
        #expect(plan["originals_to_fetch"].int == 1 && plan["keys_gone"].list.map(\.text) == [lost])
        let north = try #require(plan["partitions"].list.first { $0["name"].text == "north" })
        #expect((north["tiles"]["removed"].int ?? 0) >= held)

        let outcome = try await station.run("reprocess", "--apply", "--recipe", file, "--json")
        #expect(outcome.status == 3, "\(outcome.allText)")
        let generation = try outcome.parsed()["generation"]
        #expect(generation["state"].text == "cut-over" && generation["failed"].int == 1)
        let failed = try #require(try await station.events("DerivationFailed").first)["payload"]
        #expect(failed["lost"] == .bool(true) && failed["reason"].text == "object-gone")
        #expect(try await station.manifests()["south"] == first["south"])
        #expect(!FileManager.default.fileExists(atPath: "\(station.dataset)/\(lost)/tiles.jsonl"))
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
        let quarantined = try await station.program().check(["quarantine", "list", "--json"]).parsed()["objects"].list
        #expect(quarantined.map { $0["key"].text } == [lost] && quarantined[0]["reason"].text == "object-gone")

        // The bytes are found again: its release brings it back, with the tiles that it had.
        try FileManager.default.moveItem(atPath: away, toPath: "\(station.source)/\(lost)")
        try await station.program().check(["quarantine", "release", quarantined[0]["id"].text])
        try await station.ingest()
        #expect(try await station.manifests() == first)
        #expect(try await station.events("TileWritten").count == tiles, "the log had them")
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try await station.run("replay").status == 0)
        #expect(try await station.ingest()["commits"].list.isEmpty, "the views say the same when they are built anew")
    }

    @Test("only what was observed since a time is derived anew, in its partitions or where mixing is asked for")
    func since() async throws {
        let station = try await flown("since")
        try await station.fly("west", images: 2, seed: 5)
        try await station.ingest()
        let observed = try await station.events("ObjectObserved")
        let first = try #require(observed.first { $0["payload"]["key"].text.hasPrefix("west/") })
        let time = first["recorded_at"].text
        let options = ["--tile-size", "128", "--since", time]
        let plan = try await station.program().check(["reprocess", "--plan", "--json"] + options).parsed()
        #expect(plan["objects"].int == 2 && plan["partitions"].list.map { $0["name"].text } == ["west"])
        #expect(plan["split_partitions"].list.isEmpty)
        _ = try await station.program().check(["reprocess", "--apply"] + options)
        #expect(try station.tiles(of: "west/DJI_0002.JPG")[0]["window"]["width"].int == 128)
        #expect(try station.tiles(of: "north/DJI_0001.JPG")[0]["window"]["width"].int == 256)

        // Of a partition that has older ones too it is a part.
        try station.copy("north/DJI_0001.JPG", to: "north/later.jpg")
        try await station.draw("north/late.png", size: "400x300")
        try await station.ingest()
        let part = ["--partition", "north"] + options
        #expect(try await station.program().check(["reprocess", "--plan"] + part).text.contains("takes --incremental"))
        #expect(try await station.program().run(["reprocess", "--apply"] + part).status == 78)
        _ = try await station.program().check(["reprocess", "--apply", "--incremental"] + part)
        for (image, side) in [("late.png", 128), ("later.jpg", 128), ("DJI_0001.JPG", 256)] {
            #expect(try station.tiles(of: "north/\(image)")[0]["window"]["width"].int == side, "\(image)")
        }
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.run("reprocess", "--plan", "--since", "yesterday").status == 64)
    }

    @Test("another revision of the imaging engine is a change of the recipe, and is said to be")
    func engineRevision() async throws {
        let station = try await flown("engine")
        let adopted = try #require(try await station.events("RecipeAdopted").last)["payload"]["recipe"]
        let revision = try #require(adopted["engine_revision"].int)
        let settings = adopted["settings"].keys.map { ($0, adopted["settings"][$0].text) }
        // As a program of before would have left it.
        let older = Recipe(engineRevision: revision - 1, settings: Dictionary(uniqueKeysWithValues: settings))
        let log = try EventLog.open(path: "\(station.store)/log.db", actor: "swathlog/0.0.9")
        try await log.append([ProposedEvent(RecipeAdopted(recipe: older), stream: .recipe)])
        try log.close()
        try await station.program().check(["replay"])

        let diff = try await station.run("recipe", "diff")
        #expect(diff.status == 1 && diff.text.contains("engine_revision"), "\(diff.allText)")
        let words = try await station.program().check(["reprocess", "--plan"]).text
        #expect(words.contains("The imaging engine is another (\(revision - 1) → \(revision))"), "\(words)")
        let plan = try await reprocess(station, "--plan")
        #expect(plan["engine_revision"].int == revision && plan["engine_revision_before"].int == revision - 1)
        let outcome = try await station.run("ingest", station.source)
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(outcome.errorText.contains("The imaging engine is another"), "\(outcome.allText)")
        #expect(try await station.events("RecipeAdopted").last?["payload"]["recipe"] == adopted)
        // Nothing was made by the older engine: what this one made is linked.
        #expect(try await station.events("DerivationCompleted").count == 5)
        let again = try await station.run("ingest", station.source)
        #expect(again.status == 0 && !again.errorText.contains("imaging engine"), "\(again.allText)")
    }

    @Test("two that are asked for at once are made one after the other, as they were asked for")
    func queued() async throws {
        let station = try await flown("queued")
        try await station.program().whileRunning(["run", "--source", station.source]) { agent in
            try await eventually("the agent runs") {
                try await station.events("AgentStarted").count == 2 || !agent.isRunning
            }
            // Both lie there when it looks.
            agent.signal(SIGSTOP)
            var commands: [RunningTool] = []
            for (number, size) in ["64", "128"].enumerated() {
                let command = try station.program().start(["reprocess", "--apply", "--json", "--tile-size", size])
                commands.append(command)
                try await eventually("it is asked for") {
                    let requests = (try? files(below: "\(station.store)/requests", suffix: ".request")) ?? []
                    return requests.count == number + 1 || !command.isRunning
                }
            }
            agent.signal(SIGCONT)
            for command in commands {
                let outcome = try await command.outcome()
                #expect(outcome.status == 0, "\(outcome.allText)")
            }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        let asked = try await station.events("ReprocessRequested")
        let cut = try await station.events("GenerationCutOver")
        #expect(asked.map { $0["stream"] } == cut.map { $0["stream"] })
        #expect((asked[1]["position"].int ?? 0) < cut[0]["position"].int ?? 0, "the second one waited")
        let versions = try await station.events("DatasetCommitted").count
        #expect(versions == 6, "each partition has a version of each")
        #expect(try station.tiles(of: "north/DJI_0001.JPG")[0]["window"]["width"].int == 128)
        let recipes = try await recipesOfVersions(station)
        #expect(recipes.allSatisfy { $0.count == 1 } && Set(recipes).count == 3)
    }

    @Test("a recipe that is adopted where the dataset stands mixes no version either")
    func adoptedInPlace() async throws {
        let station = try await flown("in-place", images: 12)
        let file = station.scratch.file("recipe.yaml")
        try "tile_size: 64\n".write(toFile: file, atomically: true, encoding: .utf8)
        let arguments = ["run", "--source", station.source, "--commit-interval", "1", "--workers", "1"]
        try await station.program().whileRunning(arguments) { agent in
            try await eventually("the agent runs") {
                try await station.events("AgentStarted").count == 2 || !agent.isRunning
            }
            try await station.program().check(["recipe", "adopt", file])
            try await station.fly("west", images: 1, seed: 5)
            try await station.draw("north/late.png", size: "600x400")
            try await eventually("all is of the new recipe") {
                let side = try? station.tiles(of: "south/DJI_0002.JPG")[0]["window"]["width"].int
                let late = try? station.tiles(of: "north/late.png").count
                let partitions = try await station.manifests()
                return side == 64 && late ?? 0 > 20 && partitions["west"] != nil
            }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        let versions = try await recipesOfVersions(station)
        #expect(versions.allSatisfy { $0.count == 1 }, "no version mixes recipes: \(versions)")
        #expect(Set(versions).count == 2)
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("a part of a partition is derived anew only where mixing is asked for; a partition by itself is")
    func scopes() async throws {
        let station = try await flown("scopes")
        let refused = try await station.run("reprocess", "--apply", "--tile-size", "128", "--prefix", "north/DJI_0001")
        #expect(refused.status == 78 && refused.errorText.contains("--incremental"), "\(refused.allText)")
        let unknown = try await station.run("reprocess", "--plan", "--tile-size", "128", "--partition", "nrth")
        #expect(unknown.status == 1 && unknown.errorText.contains("north, south"))
        _ = try await reprocess(station, "--apply", "--tile-size", "128", "--partition", "south")
        #expect(try station.tiles(of: "south/DJI_0001.JPG")[0]["width"].int ?? 128 == 128)
        #expect(try station.tiles(of: "north/DJI_0001.JPG")[0]["window"]["width"].int == 256)
        #expect(try station.tiles(of: "south/DJI_0001.JPG")[0]["window"]["width"].int == 128)
        let report = try await reprocess(
            station,
            "--apply",
            "--tile-size",
            "128",
            "--prefix",
            "north/DJI_0001",
            "--incremental"
        )
        // What it led to is told as of any other: the versions that it went over in, and none of before.
        let commits = report["commits"].list
        #expect(!commits.isEmpty && commits.allSatisfy { $0["partition"].text == "north" }, "\(report)")
        let made = try await station.git("log", "--format=%H", "-n", String(commits.count))
        #expect(made.split(separator: "\n").reversed().map(String.init) == commits.map { $0["git_commit"].text })
        #expect(try station.tiles(of: "north/DJI_0001.JPG")[0]["window"]["width"].int == 128)
        #expect(try station.tiles(of: "north/DJI_0002.JPG")[0]["window"]["width"].int == 256)
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("settings that are no part of the recipe derive nothing, and an agent's old ones undo nothing")
    func otherSettings() async throws {
        let station = try await flown("settings")
        let derived = try await station.events("DerivationCompleted").count
        let commits = ["SWATHLOG_COMMIT_MESSAGE": "{partition} by {recipe}", "SWATHLOG_COMMIT_POLICY": "batch"]
        try await station.ingest("--webhook-url", "http://127.0.0.1:1/", "--workers", "1", variables: commits)
        #expect(try await station.events("RecipeAdopted").count == 1)
        let settings = ["SWATHLOG_TILE_SIZE": "256"]
        try await station.ingest(variables: settings)
        _ = try await reprocess(station, "--apply", "--tile-size", "128")
        let report = try await station.ingest(variables: settings)
        #expect(report["derivations"].int == 0, "the settings are as they were: what was asked for since stands")
        #expect(try await station.events("DerivationCompleted").count == derived + 5)
        #expect(try station.tiles(of: "north/DJI_0001.JPG")[0]["window"]["width"].int == 128)
    }

    @Test("a recipe is adopted from its file, beside an agent or without")
    func adopted() async throws {
        let station = try await flown("adopted")
        let file = station.scratch.file("recipe.yaml")
        try "tile_size: 128\n".write(toFile: file, atomically: true, encoding: .utf8)
        let digest = try await station.program().check(["recipe", "adopt", file, "--json"]).parsed()["to"]
        #expect(try await station.program().check(["recipe", "show", "--json"]).parsed()["digest"] == digest)
        #expect(try await station.ingest()["derivations"].int == 5)
        try "tile_size: 128\nworkers: 3\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await station.run("recipe", "adopt", file).status == 78)
        try await station.program().whileRunning(["run", "--source", station.source]) { agent in
            try await eventually("the agent runs") {
                try await station.run("status", "--json").parsed()["agent"]["pid"].int == Int(agent.pid)
            }
            try "tile_size: 256\n".write(toFile: file, atomically: true, encoding: .utf8)
            try await station.program().check(["recipe", "adopt", file])
            try await eventually("the agent follows") {
                try station.tiles(of: "north/DJI_0001.JPG")[0]["window"]["width"].int == 256
            }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        #expect(try await station.events("RecipeAdopted").count == 3)
    }
}
