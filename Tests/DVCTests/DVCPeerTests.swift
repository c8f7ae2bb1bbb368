import DVC
import Events
import Files
import Testing

/// What the real dvc makes of a dataset that this program wrote.
@Suite
struct DVCPeerTests {
    private let odd: Tree = [
        ("-dash.png", [1]), (" lead and trail ", [2]), ("é/日本 \u{1F681}.png", [3]), ("e\u{301}/x", [4]),
        ("new\nline", [5]),
        ("back\\slash", [6]), ("q\"'", [7]), ("empty", []), ("%2E", [8]), ("*[x]?", [9]),
        (String(repeating: "x", count: 255), [10]), (String(repeating: "é", count: 127), [11]),
        (DatasetName.path(for: "a//.git/../x.dvc/dvc.yaml/.dvcignore"), [12]),
    ]

    @Test
    func aCloneThatPullsHasTheSameBytes() async throws {
        let scratch = try Scratch()
        let files = odd + tiles(0..<40)
        let repository = try await repository(scratch, files, remote: RemoteSettings(url: scratch("remote")))
        let remote = LocalRemote(path: scratch("remote"))
        let pointer = try #require(try await repository.pointer(of: "p"))
        let entries = try await repository.entries(of: pointer)
        let pushed = try await remote.push(
            from: repository.cache,
            manifest: pointer.manifest,
            entries: entries
        )
        #expect(pushed.objects == files.count + 1)
        #expect(try await Peer.dvc(["status"], in: repository.path).contains("up to date"))
        #expect(try await Peer.dvc(["status", "--cloud"], in: repository.path).contains("in sync"))
        #expect(try await Peer.dvc(["data", "status"], in: repository.path).contains("No changes"))
        try await Peer.git(["clone", "--quiet", repository.path, scratch("clone")], in: scratch.path)
        try await Peer.dvc(["pull", "--quiet"], in: scratch("clone"))
        #expect(same(try read(below: scratch("clone/p")), files))
        #expect(try await Peer.dvc(["status"], in: scratch("clone")).contains("up to date"))
        try await Peer.dvc(["get", "--quiet", repository.path, "p/flight", "-o", "got"], in: scratch.path)
        #expect(
            same(
                try read(below: scratch("got")),
                tiles(0..<40).map { (String($0.path.dropFirst(7)), $0.bytes) }
            )
        )
    }

    @Test
    func dvcSeesExactlyTheChange() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<30))
        let files = tiles(1..<10) + tiles(10..<12, version: 2) + tiles(12..<32)
        try store(files, in: repository.cache)
        _ = try await repository.publish(partition: "p", manifest: manifest(files), message: "Change")
        let script = """
            import json, sys
            diff = json.load(sys.stdin) if len(sys.argv) < 2 else json.loads(sys.argv[1])
            for kind in "added", "deleted", "modified":
                print(kind, *sorted(entry["path"] for entry in diff[kind] if not entry["path"].endswith("p/")))
            """
        let diff = try await Peer.dvc(["diff", "HEAD~1", "HEAD", "--json"], in: repository.path)
        let printed = try await Peer.python(script, [diff], in: scratch.path)
        #expect(
            printed == """
                added p/flight/DJI_3/0_0.png p/flight/DJI_3/1_0.png
                deleted p/flight/DJI_0/0_0.png
                modified p/flight/DJI_1/0_0.png p/flight/DJI_1/1_0.png

                """
        )
        let listed = try await Peer.dvc(["list", "-R", "--dvc-only", ".", "p"], in: repository.path)
        #expect(listed.split(separator: "\n").count == files.count)
        // The earlier version comes back by dvc's own means.
        try await Peer.git(["checkout", "--quiet", "HEAD~1", "--", "p.dvc"], in: repository.path)
        try await Peer.dvc(["checkout", "--quiet"], in: repository.path)
        #expect(same(try read(below: scratch("dataset/p")), tiles(0..<30)))
    }

    @Test
    func dvcAddKeepsThePointersMeta() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<3))
        let meta = ["recipe": "00ab", "tile-size": "512", "log-position": "12"]
        _ = try await repository.publish(
            partition: "p",
            manifest: manifest(tiles(0..<3)),
            meta: meta,
            message: "Facts"
        )
        #expect(try await Peer.dvc(["status"], in: repository.path).contains("up to date"))
        try write(Array(tiles(3..<4)), below: scratch("dataset/p"))
        try await Peer.dvc(["add", "--quiet", "p"], in: repository.path)
        let pointer = try Pointer(
            parsing: String(decoding: readFile(scratch("dataset/p.dvc")), as: UTF8.self)
        )
        #expect(pointer == Pointer(try manifest(tiles(0..<4)), path: "p", meta: meta))
        // And a publication goes on from what the person added.
        _ = try await repository.publish(partition: "p", manifest: manifest(tiles(1..<3)), message: "Go on")
        #expect(same(try read(below: scratch("dataset/p")), tiles(1..<3)))
    }

    @Test
    func garbageCollectionKeepsWhatIsPublished() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<3))
        try writeAtomically([1], to: "\(repository.cache.root)/.swathlog-left.tmp")
        try store(tiles(3..<4), in: repository.cache)
        try await Peer.dvc(["gc", "--workspace", "--force", "--quiet"], in: repository.path)
        for file in tiles(0..<3) {
            #expect(try repository.cache.contains(md5Text(file.bytes), size: file.bytes.count))
        }
        #expect(try !repository.cache.contains(md5Text(tiles(3..<4)[0].bytes)))
    }

    @Test
    func anEmptyPartitionIsClean() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, [])
        #expect(try await Peer.dvc(["status"], in: repository.path).contains("up to date"))
    }

    @Test(.timeLimit(.minutes(10)))
    func aDVCThatHoldsTheLockIsWaitedFor() async throws {
        let scratch = try Scratch()
        _ = try await repository(scratch, tiles(0..<2))
        let script = """
            import fcntl, sys
            with open(sys.argv[1], "a+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                open(sys.argv[2], "w").close()
                sys.stdin.read()
            """
        let waits = Waits()
        let impatient = try await DatasetRepository.open(
            at: scratch("dataset"),
            patience: .milliseconds(120),
            onWait: { waits.add($0) }
        )
        let arguments = [
            "\(Peer.bin)/python", "-c", script, scratch("dataset/.dvc/tmp/lock"), scratch("held"),
        ]
        try await Peer.whileRunning(arguments, ready: scratch("held")) { () async throws in
            let error = await #expect(throws: DVCError.self) {
                try await impatient.publish(partition: "p", manifest: manifest(tiles(0..<1)), message: "Try")
            }
            #expect(error?.code == .lockHeld)
            #expect(waits.all.count == 1)
            #expect(try read(below: scratch("dataset/p")).count == 2)
        }
        _ = try await impatient.publish(partition: "p", manifest: manifest(tiles(0..<1)), message: "Go on")
        #expect(waits.all.count == 1)
    }

    @Test
    func ourLockKeepsDVCOut() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<2))
        let lock = try FileLock.tryLock(scratch("dataset/.dvc/tmp/lock"), contents: Array(" 1\n".utf8))
        #expect(lock != nil)
        await #expect(throws: Peer.Failure.self) { try await Peer.dvc(["add", "p"], in: repository.path) }
        lock?.release()
        try await Peer.dvc(["add", "p"], in: repository.path)
    }
}
