import Foundation
import TestSupport
import Testing

/// A store that has lost what can be made again: its dataset, its originals, or all but a backup of the log.
@Suite("What was lost is made again from the log and the source", .timeLimit(.minutes(15)))
struct LostDatasetTests {
    /// Loses directories of the store, as a broken disk would.
    private func lose(_ names: String..., of station: Station) throws {
        for name in names { try FileManager.default.removeItem(atPath: "\(station.store)/\(name)") }
    }

    /// The MD5s of a partition's files as they are on the disk, by path.
    private func files(of partition: String, in dataset: String) async throws -> [String: String] {
        var found: [String: String] = [:]
        let paths = try PipelineTests.files(below: "\(dataset)/\(partition)")
        let listed = try await Tool("md5sum", in: "\(dataset)/\(partition)").check(paths).text
        for line in listed.split(separator: "\n") { found[String(line.dropFirst(34))] = String(line.prefix(32)) }
        return found
    }

    /// Requires that dvc finds what it wants in the dataset, and that a clone of it gets all of it from the remote.
    private func pull(_ partition: String, from dataset: String, in scratch: Scratch) async throws {
        #expect(try await Tool(Checkout.peer("dvc"), in: dataset).check(["status"]).text.contains("up to date"))
        let clone = scratch.file("clone")
        try await Tool("git").check(["clone", "--quiet", dataset, clone])
        try await Tool(Checkout.peer("dvc"), in: clone).check(["pull", "--quiet"])
        try await Tool("diff").check(["-r", "\(clone)/\(partition)", "\(dataset)/\(partition)"])
    }

    /// Changes the last bytes of a source's file such that it looks as before; returns what takes that back.
    private func spoil(_ name: String, of station: Station) async throws -> () async throws -> Void {
        let (file, sound) = ("\(station.source)/\(name)", station.scratch.file("sound"))
        try await Tool("cp").check(["-p", file, sound])
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
        let end = try handle.seekToEnd()
        try handle.seek(toOffset: end - 4)
        try handle.write(contentsOf: Data("gone".utf8))
        try handle.close()
        try await Tool("touch").check(["-r", sound, file])
        return { try await Tool("cp").check(["-p", sound, file]) }
    }

    @Test("the next version of a dataset that was lost has all tiles that it had, and so has the remote")
    func dataset() async throws {
        let station = try Station("lost-all")
        let remote = ["SWATHLOG_DVC_REMOTE": station.scratch.file("remote")]
        try await station.fly("north", images: 3)
        // The same content under two names is cut, and lost, once.
        try station.copy("north/DJI_0001.JPG", to: "north/again.JPG")
        try await station.ingest(variables: remote)
        let before = try await files(of: "north", in: station.dataset)
        let tiles = try await station.events("TileWritten").count
        try lose("dataset", "originals", of: station)
        try FileManager.default.removeItem(atPath: station.scratch.file("remote"))
        try await station.draw("north/more.png")
        let report = try await station.ingest("--dataset-repo", station.dataset, variables: remote)
        #expect(report["commits"].list.count == 1)
        let after = try await files(of: "north", in: station.dataset)
        #expect(after.filter { !$0.key.hasPrefix("more.png/") } == before)
        #expect(after.count > before.count)
        #expect(try await station.events("TileWritten").count == tiles + after.count - before.count - 1)
        for type in ["StageFailed", "ObjectQuarantined", "DerivationFailed", "ArtifactDamaged"] {
            #expect(try await station.events(type).isEmpty, "\(type)")
        }
        #expect(try await station.events("DatasetCommitStarted").count == 2)
        try await pull("north", from: station.dataset, in: station.scratch)
        #expect(try await station.run("dataset", "verify", "--remote").status == 0)
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("replay").status == 0)
        #expect(try await station.ingest(variables: remote)["commits"].list.isEmpty)
    }

    @Test("a dataset that is begun anew gets all partitions, changed or not, and once", arguments: [false, true])
    func unchanged(byHand: Bool) async throws {
        let station = try Station("lost-unchanged-\(byHand)")
        for (partition, seed) in [("north", 1), ("south", 2), ("west", 3)] {
            try await station.fly(partition, images: 1, seed: seed)
        }
        try await station.ingest()
        // What a person took out stays out.
        try await Tool("git", in: station.dataset).check(["rm", "--quiet", "west.dvc"])
        try await Tool("git", in: station.dataset).check(["commit", "--quiet", "-m", "Take west out"])
        #expect(try await station.ingest()["commits"].list.isEmpty)
        #expect(try await station.events("DatasetLost").isEmpty)

        let partitions = ["north", "south", "west"]
        var before: [String: [String: String]] = [:]
        for partition in partitions { before[partition] = try await files(of: partition, in: station.dataset) }
        try lose("dataset", of: station)
        if byHand {
            let left = try await station.ingest("--dataset-repo", station.dataset, "--commit-policy", "hand")
            #expect(left["commits"].list.isEmpty)
            #expect(left["uncommitted"].list.map(\.text) == partitions)
            let made = try await station.run("commit", "--json").parsed()
            #expect(made["commits"].list.map(\.["partition"].text) == partitions)
        } else {
            let report = try await station.ingest("--dataset-repo", station.dataset)
            #expect(report["commits"].list.count == 3)
        }
        for partition in partitions {
            #expect(try await files(of: partition, in: station.dataset) == before[partition])
        }
        let lost = try await station.events("DatasetLost").map(\.["payload"])
        #expect(lost.map(\.["partition"].text).sorted() == partitions)
        let versions = try await station.events("DatasetCommitStarted").map(\.["payload"])
        #expect(versions.count == 6)
        let manifests = versions.map(\.["manifest"].text)
        #expect(Set(manifests.prefix(3)) == Set(manifests.suffix(3)))
        #expect(try await Tool(Checkout.peer("dvc"), in: station.dataset).check(["status"]).text.contains("up to date"))
        #expect(try await station.ingest()["commits"].list.isEmpty)
        #expect(try await station.events("DatasetLost").count == 3)
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("replay").status == 0)
    }

    @Test("`commit` alone makes anew what a dataset lacks")
    func committed() async throws {
        let station = try Station("lost-commit")
        try await station.fly("north", images: 1)
        try await station.ingest()
        #expect(try await station.run("commit").text.contains("Nothing to commit"))
        let before = try await files(of: "north", in: station.dataset)
        try lose("dataset", of: station)
        let refused = try await station.run("commit")
        #expect(refused.status != 0 && refused.allText.contains("--dataset-repo"), "\(refused.allText)")
        let made = try await station.run("commit", "--dataset-repo", station.dataset, "--json").parsed()
        #expect(made["commits"].list.map(\.["partition"].text) == ["north"])
        #expect(try await files(of: "north", in: station.dataset) == before)
        #expect(try await station.run("commit").text.contains("Nothing to commit"))
    }

    @Test("a remote that is named late gets what was made before, and so does another one")
    func lateRemote() async throws {
        let station = try Station("late-remote")
        try await station.fly("north", images: 1)
        try await station.fly("south", images: 1, seed: 2)
        try await station.ingest()
        let (first, second) = (station.scratch.file("first"), station.scratch.file("second"))
        func push(to remote: String) async throws -> Int {
            let before = try await station.events("DatasetPushed").count
            try await station.ingest(variables: ["SWATHLOG_DVC_REMOTE": remote])
            return try await station.events("DatasetPushed").count - before
        }
        #expect(try await push(to: first) == 2)
        #expect(try await push(to: first) == 0)
        // What is to get a version anyway is pushed with that.
        try await station.draw("south/more.png")
        #expect(try await push(to: second) == 2 + 1)
        #expect(try await push(to: second) == 0)
        #expect(try await station.run("dataset", "verify", "--remote").status == 0)
        try await pull("north", from: station.dataset, in: station.scratch)
        // Where north is already, nothing is sent of it.
        #expect(try await push(to: first) == 2)
        let asked = try await station.events("PushRequested").map(\.["payload"])
        #expect(asked.map(\.["remote"].text) == [first, first, second, second, first, first])
        let sent = try await station.events("DatasetPushed").map(\.["payload"]).suffix(2)
        #expect(sent.first { $0["partition"].text == "north" }?["objects_sent"].int == 0)
        #expect(try await station.run("dataset", "verify", "--remote").status == 0)
        #expect(try await station.events("DatasetCommitted").count == 3)
        #expect(try await station.run("lineage", "--gaps").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.run("replay").status == 0)
    }

    @Test("a log that is restored onto an empty disk makes its dataset again, with what was in no version yet")
    func restored() async throws {
        let station = try Station("restored")
        try await station.fly("north", images: 2)
        try await station.ingest()
        try await station.fly("south", images: 1, seed: 2)
        // Tiles of which there is no version yet.
        try await station.ingest("--commit-policy", "hand")
        let tiles = try await station.events("TileWritten").map(\.["payload"]["md5"].text)
        let backup = station.scratch.file("backup.db")
        try await station.program().check(["backup", backup])
        try lose("dataset", "originals", of: station)

        let store = station.scratch.file("elsewhere")
        let variables = ["SWATHLOG_STORE": store, "SWATHLOG_DVC_REMOTE": station.scratch.file("remote")]
        try await station.program(variables).check(["restore", backup])
        try await station.draw("north/more.png")
        try await station.ingest("--dataset-repo", "\(store)/dataset", variables: variables)
        var made: Set<String> = []
        for partition in ["north", "south"] {
            made.formUnion(try await files(of: partition, in: "\(store)/dataset").values)
        }
        #expect(made.isSuperset(of: tiles))
        try await pull("south", from: "\(store)/dataset", in: station.scratch)
        let quarantined = try await station.program(variables).check(["quarantine", "list", "--json"]).parsed()
        #expect(quarantined["objects"].list.isEmpty)
        #expect(try await station.run("dataset", "verify", "--remote", variables: variables).status == 0)
        #expect(try await station.run("lineage", "--gaps", variables: variables).status == 0)
    }

    @Test(
        "where the source has other bytes now the image leaves the dataset with its reason, also from a version that was begun",
        arguments: [false, true]
    )
    func changed(isBegun: Bool) async throws {
        let station = try Station("lost-changed-\(isBegun)")
        try await station.fly("north", images: 2)
        if isBegun {
            // Something that is nobody's dataset is in the way of the commit.
            try await station.draw("other/one.png")
            try await station.ingest("--commit-policy", "hand")
            try FileManager.default.createDirectory(
                atPath: "\(station.dataset)/north",
                withIntermediateDirectories: true
            )
            #expect(try await station.run("ingest", station.source).status == 70)
        } else {
            try await station.ingest()
        }
        func intents() async throws -> [JSON] {
            try await station.events("DatasetCommitStarted").map(\.["payload"]).filter {
                $0["partition"].text == "north"
            }
        }
        let whole = try #require(try await intents().first)
        #expect(try await station.manifests()["north"] == (isBegun ? nil : whole["manifest"].text))
        try lose("dataset", "originals", of: station)
        let undo = try await spoil("north/DJI_0001.JPG", of: station)
        if !isBegun { try await station.draw("north/more.png") }
        let outcome = try await station.run("ingest", station.source, "--dataset-repo", station.dataset, "--json")
        #expect(outcome.status == 3, "\(outcome.allText)")

        let quarantined = try await station.program().check(["quarantine", "list", "--json"]).parsed()["objects"].list
        #expect(quarantined.map(\.["key"].text) == ["north/DJI_0001.JPG"])
        #expect(quarantined.map(\.["reason"].text) == ["object-changed"])
        #expect(try await station.run("status").text.contains("has other bytes than when it was fetched first"))
        #expect(!FileManager.default.fileExists(atPath: "\(station.dataset)/north/DJI_0001.JPG"))
        #expect(FileManager.default.fileExists(atPath: "\(station.dataset)/north/DJI_0002.JPG/tiles.jsonl"))
        #expect(try await station.dvc("status").text.contains("up to date"))
        let listed = try await station.run("dataset", "list", "--json").parsed()["partitions"].list
        #expect(listed.allSatisfy { $0["state"].text == "committed" }, "\(listed)")
        #expect(try await station.run("lineage", "--gaps").status == 0)

        // It comes back with its bytes.
        try await undo()
        try await station.program().check(["quarantine", "release", quarantined[0]["id"].text])
        try await station.ingest()
        let again = try #require(try await intents().last)
        #expect(again["manifest"].text == (try await station.manifests()["north"]))
        if isBegun { #expect(again["manifest"] == whole["manifest"]) }
        #expect(FileManager.default.fileExists(atPath: "\(station.dataset)/north/DJI_0001.JPG/tiles.jsonl"))
        #expect(try await station.dvc("status").text.contains("up to date"))
        #expect(try await station.run("dataset", "verify", "--partition", "north").status == 0)
        #expect(try await station.run("replay").status == 0)
        #expect(try await station.ingest()["commits"].list.isEmpty)
    }

    @Test("tiles of an image that the source has no more are brought from the remote")
    func fromRemote() async throws {
        let station = try Station("lost-remote")
        let remote = ["SWATHLOG_DVC_REMOTE": station.scratch.file("remote")]
        try await station.fly("north", images: 2)
        try await station.ingest(variables: remote)
        let before = try await files(of: "north", in: station.dataset)
        try lose("dataset", "originals", of: station)
        try FileManager.default.removeItem(atPath: "\(station.source)/north/DJI_0001.JPG")
        try await station.draw("north/more.png")
        try await station.ingest("--dataset-repo", station.dataset, variables: remote)
        let after = try await files(of: "north", in: station.dataset)
        #expect(after.filter { !$0.key.hasPrefix("more.png/") } == before)
        #expect(try await station.events("ObjectQuarantined").isEmpty)
        try await pull("north", from: station.dataset, in: station.scratch)
    }

    @Test("a version that the cache has lost before it was pushed is made again, or is said to be lost and waits")
    func push() async throws {
        let station = try Station("lost-push")
        let remote = station.scratch.file("remote")
        try "in the way".write(toFile: remote, atomically: false, encoding: .utf8)
        let variables = ["SWATHLOG_DVC_REMOTE": remote]
        try await station.fly("north", images: 2)
        #expect(try await station.run("ingest", station.source, variables: variables).status == 70)
        let manifest = try #require(try await station.manifests()["north"])
        try lose("dataset/.dvc/cache", "originals", of: station)
        try FileManager.default.removeItem(atPath: remote)
        let undo = try await spoil("north/DJI_0001.JPG", of: station)
        let lost = try await station.run("ingest", station.source, variables: variables)
        #expect(lost.status == 70)
        let status = try await station.run("status").text
        #expect(
            status.contains("tiles of the version are lost (images: 1)") && status.contains("has other bytes"),
            "\(status)"
        )
        #expect(status.contains("Damaged: "))
        let damaged = try await station.events("ArtifactDamaged").map(\.["payload"]["path"].text)
        #expect(damaged.contains("DJI_0001.JPG/tiles.jsonl"))
        #expect(damaged.allSatisfy { $0.hasPrefix("DJI_0001.JPG/") } && Set(damaged).count == damaged.count)
        #expect(
            !FileManager.default.fileExists(
                atPath: "\(remote)/files/md5/\(manifest.prefix(2))/\(manifest.dropFirst(2))"
            )
        )

        try await undo()
        try await station.ingest(variables: variables)
        #expect(try await station.events("DatasetPushed").count == 1)
        try await pull("north", from: station.dataset, in: station.scratch)
        #expect(try await station.run("dataset", "verify", "--remote").status == 0)
        #expect(try await station.run("status", "--json").parsed()["damaged"].int == 0)
    }
}
