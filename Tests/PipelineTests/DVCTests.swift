import Foundation
import TestSupport
import Testing

/// Two flights were committed; then, in one of them, one image was replaced, one removed and one added.
private enum History {
    private static let making = Task { try await make() }

    static func get() async throws -> Station { try await making.value }

    private static func make() async throws -> Station {
        let station = try Station("history")
        let remote = ["SWATHLOG_DVC_REMOTE": station.scratch.file("remote")]
        try await station.fly("north", images: 3)
        try await station.fly("south", images: 1, seed: 2)
        try await station.ingest(variables: remote)
        try await station.fly("spare", images: 2, seed: 3)
        let manager = FileManager.default
        let north = "\(station.source)/north"
        let spare = "\(station.source)/spare"
        try manager.removeItem(atPath: "\(north)/DJI_0002.JPG")
        try manager.removeItem(atPath: "\(north)/DJI_0003.JPG")
        try manager.moveItem(atPath: "\(spare)/DJI_0001.JPG", toPath: "\(north)/DJI_0002.JPG")
        try manager.moveItem(atPath: "\(spare)/DJI_0002.JPG", toPath: "\(north)/DJI_0004.JPG")
        try await station.ingest("--on-remove", "withdraw", variables: remote)
        return station
    }
}

@Suite("The dataset, with git and DVC as judges", .serialized, .timeLimit(.minutes(15)))
struct DVCTests {
    /// The tiles and the index of one image of a sample flight.
    private func made(of image: String) -> [String] {
        ["0000_0000.png", "0000_0001.png", "tiles.jsonl"].map { "\(image)/\($0)" }
    }

    @Test("dvc and git find nothing to complain of in the work tree")
    func cleanStatus() async throws {
        let station = try await History.get()
        let status = try await station.dvc("status", "--json")
        #expect(try status.parsed().keys.isEmpty, "\(status.allText)")
        let data = try await station.dvc("data", "status", "--granular", "--json")
        #expect(try data.parsed().keys.isEmpty, "\(data.allText)")
        #expect(try await station.git("status", "--porcelain") == "")
        #expect(try await station.dvc("status", "--cloud").text.contains("in sync"))
    }

    @Test("dvc pull in a fresh clone gives the same bytes, with nothing but the remote")
    func pull() async throws {
        let station = try await History.get()
        let clone = station.scratch.file("clone")
        try await station.git("clone", "--quiet", station.dataset, clone, in: station.scratch.path)
        try await station.dvc("pull", "--quiet", in: clone)
        for partition in ["north", "south"] {
            let here = try files(below: "\(station.dataset)/\(partition)")
            #expect(try files(below: "\(clone)/\(partition)") == here)
            #expect(!here.isEmpty)
            for file in here {
                #expect(
                    FileManager.default.contentsEqual(
                        atPath: "\(clone)/\(partition)/\(file)",
                        andPath: "\(station.dataset)/\(partition)/\(file)"
                    ),
                    "\(file)"
                )
            }
        }
    }

    @Test("dvc diff between two versions names exactly the tiles of the changed images")
    func diff() async throws {
        let station = try await History.get()
        let diff = try await station.dvc("diff", "HEAD~1", "HEAD", "--json").parsed()
        func paths(_ kind: String) -> [String] {
            diff[kind].list.map(\.["path"].text).filter { !$0.hasSuffix("/") }.sorted()
        }
        #expect(paths("added") == made(of: "north/DJI_0004.JPG"))
        #expect(paths("deleted") == made(of: "north/DJI_0003.JPG"))
        #expect(paths("modified") == made(of: "north/DJI_0002.JPG"))
        #expect(diff["renamed"].list.isEmpty)
    }

    @Test("dvc list and dvc get reach into an old version")
    func oldVersion() async throws {
        let station = try await History.get()
        let listed = try await station.dvc("list", "-R", "--rev", "HEAD~1", station.dataset, "north")
        let names = listed.text.split(separator: "\n").map(String.init).sorted()
        #expect(names == (1...3).flatMap { made(of: "DJI_000\($0).JPG") })

        let gotten = station.scratch.file("gotten.png")
        try await station.dvc(
            "get",
            "--quiet",
            "--rev",
            "HEAD~1",
            station.dataset,
            "north/DJI_0003.JPG/0000_0001.png",
            "-o",
            gotten,
            in: station.scratch.path
        )
        let md5 = try await Tool("md5sum").check([gotten]).text.prefix(32)
        let recorded = try await station.events("TileWritten").map(\.["payload"]["md5"].text)
        #expect(recorded.contains(String(md5)))
    }

    @Test("dvc.api opens a tile of any revision, and reads its recipe", arguments: ["HEAD~1", "HEAD"])
    func api(revision: String) async throws {
        let station = try await History.get()
        // Both versions have this image; the second one has other bytes of it.
        let path = "north/DJI_0002.JPG/0000_0001.png"
        let opened = try await python("open_by_api", station.dataset, revision, path).parsed()
        let recorded = try await station.events("TileWritten").map(\.["payload"]["md5"].text)
        #expect(recorded.contains(opened["md5"].text), "\(opened)")
        #expect(opened["agree"] == .bool(true))
        #expect(opened["params"]["recipe"]["north"]["tile_size"].int == 512, "\(opened)")
        let newest = try await Tool("md5sum").check(["\(station.dataset)/\(path)"]).text.prefix(32)
        #expect((opened["md5"].text == newest) == (revision == "HEAD"))
    }

    @Test("an old version can be checked out, and the newest again")
    func checkout() async throws {
        let station = try await History.get()
        let clone = station.scratch.file("second-clone")
        try await station.git("clone", "--quiet", station.dataset, clone, in: station.scratch.path)
        try await station.git("checkout", "--quiet", "HEAD~1", in: clone)
        try await station.dvc("pull", "--quiet", in: clone)
        #expect(try files(below: "\(clone)/north") == (1...3).flatMap { made(of: "DJI_000\($0).JPG") })
        try await station.git("checkout", "--quiet", "-", in: clone)
        try await station.dvc("pull", "--quiet", in: clone)
        #expect(try files(below: "\(clone)/north") == [1, 2, 4].flatMap { made(of: "DJI_000\($0).JPG") })
    }

    @Test("each commit says in its trailers which recipe, positions and log head it stands for, and the pointer agrees")
    func trailers() async throws {
        let station = try await History.get()
        let committed = try await station.events("DatasetCommitted")
        let started = try await station.events("DatasetCommitStarted")
        #expect(committed.count == 3)
        for event in committed {
            let receipt = event["payload"]
            let intent = try #require(started.first { $0["payload"]["commit_id"] == receipt["commit_id"] })["payload"]
            let commit = receipt["git_commit"].text
            let form = "--format=%(trailers:only)"
            let trailers = try await station.git("log", "-1", form, commit).split(separator: "\n").map(String.init)
            let positions = "\(intent["from_position"].int ?? 0)-\(intent["through_position"].int ?? 0)"
            #expect(
                trailers.dropLast() == [
                    "Swathlog-Commit: \(receipt["commit_id"].text)",
                    "Swathlog-Recipe: \(intent["recipe"].text)",
                    "Swathlog-Positions: \(positions)",
                    "Swathlog-Log-Head: \(receipt["log_size"].int ?? 0) \(receipt["log_root"].text)",
                ]
            )
            #expect(trailers.last?.hasPrefix("Swathlog-Log-Signature: ") == true)
            // YAML quotes a digest that begins with a digit, and positions always.
            let shown = try await station.git("show", "\(commit):\(receipt["pointer"].text)")
            let pointer = shown.replacing("'", with: "")
            for fact in [
                "- md5: \(intent["manifest"].text)", "size: \(intent["bytes"].int ?? 0)",
                "nfiles: \(intent["files"].int ?? 0)", "hash: md5", "path: \(intent["partition"].text)",
                "swathlog-recipe: \(intent["recipe"].text)", "swathlog-positions: \(positions)",
            ] {
                #expect(pointer.contains(fact), "\(fact) in \(pointer)")
            }
        }
        let last = try #require(started.last)["payload"]
        #expect([last["added"].int, last["changed"].int, last["removed"].int] == [3, 3, 3])
        #expect(try await station.git("diff", "--name-only", "HEAD~1", "HEAD") == "north.dvc")
    }

    @Test("a version is one commit a partition, and nothing new makes none")
    func onlyWhatChanged() async throws {
        let station = try Station("idle")
        try await station.draw("a/one.png")
        try await station.draw("b/two.png")
        #expect(try await station.ingest()["commits"].list.count == 2)
        let before = try await station.git("rev-parse", "HEAD")
        let report = try await station.ingest()
        #expect(report["commits"].list.isEmpty)
        #expect(report["files_seen"].int == 2)
        #expect(try await station.git("rev-parse", "HEAD") == before)
    }

    @Test("a push looks only at what the version before it did not push, and at everything in another remote")
    func pushesTheChange() async throws {
        let station = try Station("push")
        let remote = station.scratch.file("remote")
        try await station.draw("a/one.png")
        try await station.ingest("--dvc-remote", remote)
        let md5 = try station.tiles(of: "a/one.png")[0]["md5"].text
        let object = "\(remote)/files/md5/\(md5.prefix(2))/\(md5.dropFirst(2))"
        // That nobody looks at what was pushed shows in that nobody misses it.
        try FileManager.default.removeItem(atPath: object)
        try await station.draw("a/two.png", "-negate")
        try await station.ingest("--dvc-remote", remote)
        #expect(!FileManager.default.fileExists(atPath: object))
        // The manifest is the proof of it.
        let manifest = try #require(try await station.manifests()["a"])
        try FileManager.default.removeItem(
            atPath: "\(remote)/files/md5/\(manifest.prefix(2))/\(manifest.dropFirst(2))"
        )
        try await station.draw("a/three.png", "-flip")
        try await station.ingest("--dvc-remote", remote)
        #expect(FileManager.default.fileExists(atPath: object))
        try await station.draw("a/four.png", "-flop")
        try await station.ingest("--dvc-remote", station.scratch.file("another"))
        let sent = try await station.events("DatasetPushed").map { $0["payload"]["objects_sent"].int }
        // For each image a tile and its index, and the manifest; another remote gets the version that there is, and then the next.
        #expect(sent == [3, 3, 4, 7, 3])
    }
}
