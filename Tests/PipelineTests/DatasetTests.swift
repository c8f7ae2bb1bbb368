import Foundation
import TestSupport
import Testing

/// What the dataset commands say and mend, with dvc, md5sum and the files themselves as judges.
@Suite("The dataset commands", .serialized, .timeLimit(.minutes(15)))
struct DatasetTests {
    /// Two versions of one partition, between which one image was replaced, one removed, one added; and another partition.
    private func history(_ name: String) async throws -> Station {
        let station = try Station(name)
        let remote = ["SWATHLOG_DVC_REMOTE": station.scratch.file("remote")]
        try await station.fly("north", images: 3)
        try await station.fly("south", images: 1, seed: 2)
        try await station.ingest(variables: remote)
        try await station.fly("spare", images: 2, seed: 3)
        let (manager, north, spare) = (FileManager.default, "\(station.source)/north", "\(station.source)/spare")
        try manager.removeItem(atPath: "\(north)/DJI_0002.JPG")
        try manager.removeItem(atPath: "\(north)/DJI_0003.JPG")
        try manager.moveItem(atPath: "\(spare)/DJI_0001.JPG", toPath: "\(north)/DJI_0002.JPG")
        try manager.moveItem(atPath: "\(spare)/DJI_0002.JPG", toPath: "\(north)/DJI_0004.JPG")
        try manager.removeItem(atPath: spare)
        try await station.ingest("--on-remove", "withdraw", variables: remote)
        return station
    }

    @Test("list and show tell of partitions and versions, diff says what dvc diff says, and gc keeps what git reaches")
    func asking() async throws {
        let station = try await history("asking")
        let listed = try await station.run("dataset", "list", "--json").parsed()["partitions"].list
        #expect(listed.map(\.["partition"].text) == ["north", "south"])
        #expect(listed.map(\.["versions"].int) == [2, 1])
        #expect(listed.allSatisfy { $0["state"].text == "pushed" })
        let shown = try await station.run("dataset", "show", "north", "--json").parsed()
        #expect(shown["history"].list.map(\.["removed"].int) == [3, 0])
        #expect(shown["newest"]["git_commit"].text == (try await station.git("rev-parse", "HEAD")))
        let files = try await station.git("show", "HEAD:north.dvc")
        #expect(files.contains("nfiles: \(shown["newest"]["files"].int ?? 0)"))
        #expect(try await station.run("dataset", "show", "nowhere").status == 1)

        let outcome = try await station.run("dataset", "diff", "HEAD~1", "HEAD", "--json")
        #expect(outcome.status == 1)
        let diff = try outcome.parsed()
        let theirs = try await station.dvc("diff", "HEAD~1", "HEAD", "--json").parsed()
        for (ours, kind) in [("added", "added"), ("removed", "deleted"), ("changed", "modified")] {
            let paths = theirs[kind].list.map(\.["path"].text).filter { !$0.hasSuffix("/") }.sorted()
            let found = diff["partitions"][0][ours].list.map { "north/\($0.text)" }
            #expect(found == paths && !found.isEmpty, "\(kind)")
            #expect(diff["tiles_\(ours)"].int == 2 && diff["indexes_\(ours)"].int == 1)
        }
        #expect(try await station.run("dataset", "diff", "HEAD", "HEAD").status == 0)
        let text = try await station.run("dataset", "diff", "HEAD~1").text
        #expect(text.contains("2 tiles (1 index) added") && text.contains("+ DJI_0004.JPG/0000_0000.png"))
        #expect(try await station.run("dataset", "diff", "nonsense", "--json").parsed()["error"].text == "id-not-found")

        let plan = try await station.run("dataset", "gc", "--plan", "--json").parsed()
        // As many as dvc would keep: those of the work tree.
        let pointers = try listing(station).filter { $0.hasSuffix(".dir") }
        #expect(pointers.count == 3)
        #expect(plan["needed"]["tree"]["objects"].int == 3 * 3 + 3 + 2)
        #expect(plan["needed"]["history"]["objects"].int == 6 + 1)
        #expect(plan["free"]["objects"].int == 0)
        let stray = "\(station.dataset)/.dvc/cache/files/md5/00/112233445566778899aabbccddeeff"
        try FileManager.default.createDirectory(
            atPath: (stray as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: stray))
        #expect(try await station.run("dataset", "gc", "--plan", "--paths").text == "")
        try station.age(stray, seconds: 7_200)
        #expect(try await station.run("dataset", "gc", "--plan", "--paths").text == stray + "\n")
        // A version that no branch reaches any more needs nothing.
        try await station.git("reset", "--quiet", "--hard", "HEAD~1")
        let after = try await station.run("dataset", "gc", "--plan", "--json").parsed()
        // What stands in the dataset now the next version would have, so it stays.
        #expect(after["needed"]["next"]["objects"].int == 6)
        #expect(after["free"]["objects"].int == 2)
        #expect(try await station.run("dataset", "gc").status == 64)
    }

    @Test("every byte that changed in the cache or in a remote is found, and put right from where it is sound")
    func mending() async throws {
        let station = try await history("mending")
        #expect(try await station.run("dataset", "verify", "--remote").status == 0)
        let verified = try await station.events("ArtifactVerified")
        #expect(verified.count == 4 && verified.allSatisfy { $0["payload"]["kind"].text == "manifest" })
        let one = try await md5("north/DJI_0001.JPG/0000_0000.png", station)
        let two = try await md5("north/DJI_0001.JPG/0000_0001.png", station)
        let third = try await md5("south/DJI_0001.JPG/tiles.jsonl", station)
        let sound = try bytes(station)

        // One in the cache only, one in both places, one that is gone, and the newest manifest.
        let manifest = try #require(try await station.manifests()["north"])
        let south = try #require(try await station.manifests()["south"])
        try flip(cached(station, one))
        try flip(cached(station, two))
        try flip(pushed(station, two))
        try FileManager.default.removeItem(atPath: cached(station, third))
        try FileManager.default.removeItem(atPath: cached(station, manifest))
        try flip(pushed(station, south))
        let found = try await station.run("dataset", "verify", "--remote", "--json")
        #expect(found.status == 1)
        let damage = try found.parsed()["damage"].list.map {
            "\($0["object"].text) \($0["place"].text == "cache") \($0["reason"].text)"
        }
        #expect(
            damage.sorted()
                == [
                    "\(one) true damaged", "\(two) true damaged", "\(two) false damaged", "\(third) true missing",
                    "\(manifest) true missing", "\(south) false damaged",
                ].sorted()
        )
        #expect(try await station.events("ArtifactDamaged").count == 6)
        // The same damage again is no news; it stays visible.
        #expect(try await station.run("dataset", "verify", "--remote").status == 1)
        #expect(try await station.events("ArtifactDamaged").count == 6)
        #expect(try await station.run("status", "--json").parsed()["damaged"].int == 6)
        #expect(try await station.run("status").text.contains("Damaged: 6 objects"))
        let shown = try await station.run("dataset", "show", "north", "--json").parsed()["damage"].list
        #expect(Set(shown.map(\.["object"].text)) == [one, two, manifest])
        let lineage = try await station.run("lineage", two, "--json").parsed()["steps"].list
        #expect(lineage.filter { $0["step"].text == "damage" }.map(\.["reason"].text) == ["damaged", "damaged"])

        let repaired = try await station.run("dataset", "verify", "--remote", "--repair", "--json")
        #expect(repaired.status == 0, "\(repaired.allText)")
        let sources = try repaired.parsed()["damage"].list.map { damage in
            let source = damage["repaired_from"].text
            return
                "\(damage["object"].text) \(damage["place"].text == "cache") \(source.hasPrefix("/") ? "remote" : source)"
        }
        #expect(
            sources.sorted()
                == [
                    "\(one) true remote", "\(two) true derivation", "\(two) false cache", "\(third) true worktree",
                    "\(manifest) true log", "\(south) false cache",
                ].sorted()
        )
        #expect(try bytes(station) == sound)
        #expect(try await station.run("dataset", "verify", "--remote").status == 0)
        // The files of the work tree are the cache's own under another name: they are right again as well.
        #expect(try await station.run("audit", "verify", "--remote").status == 0)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try await station.events("ArtifactVerified").count { $0["payload"]["repaired_from"].text != "" } == 6)
        #expect(try await station.run("status", "--json").parsed()["damaged"].int == 0)
        // What others put right is found right by the next look.
        let whole = try Data(contentsOf: URL(fileURLWithPath: pushed(station, one)))
        try flip(pushed(station, one))
        #expect(try await station.run("dataset", "verify", "--remote").status == 1)
        try FileManager.default.removeItem(atPath: pushed(station, one))
        try whole.write(to: URL(fileURLWithPath: pushed(station, one)))
        #expect(try await station.run("dataset", "verify", "--remote").status == 0)
        #expect(try await station.run("status", "--json").parsed()["damaged"].int == 0)
        #expect(!FileManager.default.fileExists(atPath: "\(station.store)/repair/cache"))
    }

    @Test("what nobody has any more is said to be lost, and nothing else is put in its place")
    func losing() async throws {
        let station = try Station("losing")
        try await station.fly("north", images: 1)
        try await station.ingest()
        let md5 = try await station.events("TileWritten")[0]["payload"]["md5"].text
        try flip(cached(station, md5))
        let originals = "\(station.store)/originals"
        for original in try files(below: originals) { try flip("\(originals)/\(original)") }
        let damaged = try Data(contentsOf: URL(fileURLWithPath: cached(station, md5)))
        let outcome = try await station.run("dataset", "verify", "--repair", "--json")
        #expect(outcome.status == 1)
        let report = try outcome.parsed()
        let original = try await station.events("ObjectFetched")[0]["payload"]["sha256"].text
        #expect(report["damage"][0]["problem"].text.contains("not \(original)"))
        #expect(report["repaired"].int == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: cached(station, md5))) == damaged)
    }

    @Test("a lost cache comes back from the files of the work tree that are still whole, without source or original")
    func fromWorkTree() async throws {
        let station = try Station("from-work-tree")
        _ = try station.scratch.directory("remote")
        try await station.fly("north", images: 2)
        try await station.ingest()
        let pushing = try await station.run("dataset", "verify", "--remote")
        #expect(pushing.status == 0 && pushing.text.contains("1 version was not pushed: north "), "\(pushing.allText)")
        let sound = try bytes(station)
        let cache = "\(station.dataset)/.dvc/cache/files/md5"
        for path in [cache, "\(station.store)/originals", station.source] {
            try FileManager.default.removeItem(atPath: path)
        }
        let spoilt = "\(station.dataset)/north/DJI_0002.JPG/0000_0000.png"
        try flip(spoilt)
        let outcome = try await station.run("dataset", "verify", "--repair", "--json")
        #expect(outcome.status == 1, "\(outcome.allText)")
        let damage = try outcome.parsed()["damage"].list
        let paths = damage.map(\.["path"].text)
        #expect(paths == paths.sorted() && paths.count == 7, "in the order that people look for them: \(paths)")
        for one in damage {
            let source =
                switch one["path"].text {
                case "": "log"
                case "DJI_0002.JPG/0000_0000.png": ""
                default: "worktree"
                }
            #expect(one["repaired_from"].text == source, "\(one)")
        }
        try flip(spoilt)
        #expect(try await station.run("dataset", "verify", "--repair").status == 0)
        #expect(try bytes(station) == sound)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
    }

    @Test("a tile whose original is not kept is cut again from the source, as long as that has the same bytes")
    func fetching() async throws {
        let station = try Station("fetching")
        _ = try station.scratch.directory("remote")
        try await station.fly("north", images: 2)
        try await station.ingest()
        let sound = try bytes(station)
        func tile(of image: String) throws -> String { try station.tiles(of: "north/\(image).JPG")[0]["md5"].text }
        for image in ["DJI_0001", "DJI_0002"] {
            try FileManager.default.removeItem(atPath: cached(station, tile(of: image)))
            // The work tree would have it.
            let directory = "\(station.dataset)/north/\(image).JPG"
            for file in try files(below: directory) where file.hasSuffix(".png") {
                try FileManager.default.removeItem(atPath: "\(directory)/\(file)")
            }
        }
        try FileManager.default.removeItem(atPath: "\(station.store)/originals")
        let away = station.scratch.file("away.jpg")
        try await Tool("cp").check(["-p", "\(station.source)/north/DJI_0002.JPG", away])
        try flip("\(station.source)/north/DJI_0002.JPG")
        try await Tool("touch").check(["-r", away, "\(station.source)/north/DJI_0002.JPG"])
        let outcome = try await station.run("dataset", "verify", "--repair", "--json")
        #expect(outcome.status == 1)
        let (first, second) = (try tile(of: "DJI_0001"), try tile(of: "DJI_0002"))
        let damages = try outcome.parsed()["damage"].list
        #expect(damages.count == 2)
        for damage in damages {
            switch damage["object"].text {
            case first: #expect(damage["repaired_from"].text == "derivation")
            case second: #expect(damage["problem"].text.contains("has other bytes than when it was fetched first"))
            default: Issue.record("\(damage)")
            }
        }
        #expect(!FileManager.default.fileExists(atPath: cached(station, second)))
        try await Tool("cp").check(["-p", away, "\(station.source)/north/DJI_0002.JPG"])
        #expect(try await station.run("dataset", "verify", "--repair").status == 0)
        try await station.dvc("checkout", "--quiet")
        #expect(try bytes(station) == sound)
        // Who repairs owns no store: nothing of it is kept.
        #expect(!FileManager.default.fileExists(atPath: "\(station.store)/originals"))
        #expect(!FileManager.default.fileExists(atPath: "\(station.store)/repair/cache"))
    }

    @Test("after a dvc gc by hand, beside a running agent, old versions come back from the remote")
    func afterGC() async throws {
        let station = try await history("after-gc")
        try await station.dvc("gc", "--workspace", "--force", "--quiet")
        #expect(try await station.run("dataset", "verify", "--remote").status == 0)
        #expect(try await station.run("dataset", "diff", "HEAD~1", "HEAD", "--json").parsed()["tiles_added"].int == 2)
        let gone = try await station.run("dataset", "verify", "--all", "--json")
        #expect(gone.status == 1)
        #expect(try gone.parsed()["damage"].list.allSatisfy { $0["reason"].text == "missing" })
        #expect(try gone.parsed()["damaged"].int == 6 + 1)
        let remote = station.scratch.file("remote")
        let arguments = ["run", "--source", station.source, "--dvc-remote", remote]
        try await station.program().whileRunning(arguments) { agent in
            try await eventually("the agent has the store", within: .seconds(60)) {
                try await station.run("status", "--json").parsed()["agent"] != .null
            }
            let repaired = try await station.run("dataset", "verify", "--all", "--repair", "--json")
            #expect(repaired.status == 0, "\(repaired.allText)")
            agent.signal(SIGTERM)
            _ = try await agent.outcome()
        }
        #expect(try await station.events("ArtifactVerified").count { $0["payload"]["repaired_from"].text != "" } == 7)
        #expect(try await station.run("dataset", "verify", "--all", "--no-record").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("tiles that a dvc gc by hand removed before their commit are cut again, and the commit goes on")
    func inFlight() async throws {
        let station = try Station("in-flight")
        try await station.fly("north", images: 1)
        try await station.ingest()
        try await station.fly("south", images: 1, seed: 2)
        // Something that is nobody's dataset is in the way of the commit.
        try FileManager.default.createDirectory(
            atPath: "\(station.dataset)/south",
            withIntermediateDirectories: true
        )
        #expect(try await station.run("ingest", station.source).status == 70)
        let plan = try await station.run("dataset", "gc", "--plan", "--json").parsed()["needed"]
        #expect((plan["next"]["objects"].int ?? 0) + (plan["intent"]["objects"].int ?? 0) == 3)
        try await station.dvc("gc", "--workspace", "--force", "--quiet")
        let repaired = try await station.run("dataset", "verify", "--repair", "--json")
        #expect(repaired.status == 0, "\(repaired.allText)")
        #expect(
            try repaired.parsed()["damage"].list.map(\.["repaired_from"].text) == [
                "derivation", "derivation", "derivation",
            ]
        )
        // Nobody has to ask for it.
        try await station.dvc("gc", "--workspace", "--force", "--quiet")
        try FileManager.default.removeItem(atPath: "\(station.dataset)/south")
        try await station.ingest()
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try files(below: "\(station.dataset)/south").count == 3)
    }

    private func md5(_ file: String, _ station: Station) async throws -> String {
        String(try await Tool("md5sum").check(["\(station.dataset)/\(file)"]).text.prefix(32))
    }

    private func cached(_ station: Station, _ id: String) -> String {
        "\(station.dataset)/.dvc/cache/files/md5/\(id.prefix(2))/\(id.dropFirst(2))"
    }

    private func pushed(_ station: Station, _ id: String) -> String {
        "\(station.scratch.file("remote"))/files/md5/\(id.prefix(2))/\(id.dropFirst(2))"
    }

    private func listing(_ station: Station) throws -> [String] {
        try files(below: "\(station.dataset)/.dvc/cache/files/md5")
    }

    /// All bytes of cache, remote and work tree.
    private func bytes(_ station: Station) throws -> [String: Data] {
        var all: [String: Data] = [:]
        for root in [station.dataset, station.scratch.file("remote")] {
            for file in try files(below: root) where file.contains("files/md5/") || file.hasPrefix("north/") {
                all["\(root)/\(file)"] = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(file)"))
            }
        }
        return all
    }

    /// Flips one bit in the middle of a file, in place, as a disk does.
    private func flip(_ path: String) throws {
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let middle = try file.seekToEnd() / 2
        try file.seek(toOffset: middle)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: middle)
        try file.write(contentsOf: [byte ^ 1])
        try file.close()
        try manager.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    }
}
