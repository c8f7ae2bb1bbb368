import DVC
import Files
import Testing

/// `dvc repro` lets go of the repository's lock while its command runs, and keeps the paths that it reads and writes.
@Suite(.timeLimit(.minutes(10)))
struct PathLockTests {
    /// A repository with a partition `p` and a pipeline that reads it for as long as its command's file `go` is missing.
    private func pipeline(_ scratch: Scratch) async throws -> DatasetRepository {
        let repository = try await repository(scratch, tiles(0..<2))
        let command = """
            touch \(scratch("started"))
            until test -e \(scratch("go")); do sleep 0.05; done
            cat p/flight/DJI_0/0_0.png > out.txt
            """
        try writeAtomically(
            Array("stages:\n  learn:\n    cmd: bash learn.sh\n    deps:\n    - p\n    outs:\n    - out.txt\n".utf8),
            to: scratch("dataset/dvc.yaml")
        )
        try writeAtomically(Array((command + "\n").utf8), to: scratch("dataset/learn.sh"))
        return repository
    }

    @Test("a partition that a running dvc reads is left alone until that ends, with a visible reason")
    func honoured() async throws {
        let scratch = try Scratch()
        let waits = Waits()
        _ = try await pipeline(scratch)
        let repository = try await DatasetRepository.open(at: scratch("dataset"), patience: .seconds(120)) {
            waits.add($0)
        }
        let impatient = try await DatasetRepository.open(at: scratch("dataset"), patience: .milliseconds(200))
        try store(tiles(0..<3), in: repository.cache)
        let dvc = Task { try await Peer.dvc(["repro"], in: scratch("dataset")) }
        while try fileInfo(scratch("started")) == nil { try await Task.sleep(for: .milliseconds(20)) }
        let error = await #expect(throws: DVCError.self) {
            try await impatient.publish(partition: "p", manifest: manifest(tiles(0..<3)), message: "Add")
        }
        #expect(error?.code == .lockHeld && error?.message.contains("reads \(scratch("dataset"))/p") == true)
        #expect(same(try read(below: scratch("dataset/p")), tiles(0..<2)))
        let publication = Task {
            try await repository.publish(partition: "p", manifest: manifest(tiles(0..<3)), message: "Add")
        }
        while waits.all.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        try writeAtomically([], to: scratch("go"))
        _ = try await dvc.value
        _ = try await publication.value
        #expect(waits.all.contains { $0.contains("dvc repro") })
        #expect(same(try read(below: scratch("dataset/p")), tiles(0..<3)))
        let table = String(decoding: try readFile(scratch("dataset/.dvc/tmp/rwlock")), as: UTF8.self)
        #expect(!table.contains("/p"), "\(table)")
    }

    @Test("what a running dvc reads is neither replaced by others' commits nor mended before it ends")
    func heldByAStage() async throws {
        let scratch = try Scratch()
        _ = try await pipeline(scratch)
        let (path, remote, clone) = (scratch("dataset"), scratch("remote.git"), scratch("clone"))
        try await Peer.git(["init", "--quiet", "--bare", "--initial-branch=main", remote], in: scratch.path)
        try await Peer.git(["add", "learn.sh"], in: path)
        try await Peer.git(["commit", "--quiet", "-m", "Learn"], in: path)
        try await Peer.git(["push", "--quiet", remote, "main"], in: path)
        try await Peer.git(["clone", "--quiet", remote, clone], in: scratch.path)
        let script = String(decoding: try readFile("\(path)/learn.sh"), as: UTF8.self)
        try writeAtomically(Array((script + "# other\n").utf8), to: "\(clone)/learn.sh")
        try await Peer.git(["commit", "--quiet", "--all", "-m", "Other"], in: clone)
        try await Peer.git(["push", "--quiet"], in: clone)
        // The script is what the stage depends on too.
        let stage =
            "stages:\n  learn:\n    cmd: bash learn.sh\n    deps:\n    - learn.sh\n    - p\n    outs:\n    - out.txt\n"
        try writeAtomically(Array(stage.utf8), to: "\(path)/dvc.yaml")

        let repository = try await DatasetRepository.open(at: path, patience: .milliseconds(200))
        let tile = tiles(0..<1)[0]
        let object = ExpectedObject(id: md5Text(tile.bytes), size: tile.bytes.count)
        let dvc = Task { try await Peer.dvc(["repro"], in: path) }
        while try fileInfo(scratch("started")) == nil { try await Task.sleep(for: .milliseconds(20)) }
        let rebase = await #expect(throws: DVCError.self) { try await repository.rebase(onto: "main", of: remote) }
        #expect(rebase?.code == .lockHeld && rebase?.message.contains("learn.sh") == true, "\(rebase?.message ?? "")")
        let mending = await #expect(throws: DVCError.self) {
            try await repository.mend(object, with: tile.bytes, files: ["p/\(tile.path)"])
        }
        #expect(mending?.code == .lockHeld && mending?.message.contains("reads \(path)/p") == true)
        #expect(try String(decoding: readFile("\(path)/learn.sh"), as: UTF8.self) == script)
        try writeAtomically([], to: scratch("go"))
        _ = try await dvc.value
        #expect(try await repository.rebase(onto: "main", of: remote))
        try await repository.mend(object, with: tile.bytes, files: ["p/\(tile.path)"])
        #expect(try String(decoding: readFile("\(path)/learn.sh"), as: UTF8.self).hasSuffix("# other\n"))
        let table = String(decoding: try readFile("\(path)/.dvc/tmp/rwlock"), as: UTF8.self)
        #expect(!table.contains(#""cmd":"swathlog""#), "\(table)")
    }

    @Test(
        "a dvc that is started while a partition is written refuses to read it; what a killed writer left stops nobody"
    )
    func held() async throws {
        let scratch = try Scratch()
        let repository = try await pipeline(scratch)
        try writeAtomically([], to: scratch("go"))
        let path = "\(scratch("dataset"))/p"
        let ours = PathLocks(repository: scratch("dataset"), paths: [path])
        #expect(try ours.acquire() == nil)
        let refusal = await #expect(throws: Peer.Failure.self) { try await Peer.dvc(["repro"], in: scratch("dataset")) }
        #expect(refusal?.description.contains("is busy") == true, "\(refusal?.description ?? "")")
        #expect(refusal?.description.contains(": swathlog") == true)
        ours.release()
        let file = scratch("dataset/.dvc/tmp/rwlock")
        let left = Array(#"{"read":{},"write":{"\#(path)":{"cmd":"swathlog","pid":4194303}}}"#.utf8)
        // No process has the greatest number.
        try writeAtomically(left, to: file)
        try store(tiles(0..<3), in: repository.cache)
        _ = try await repository.publish(partition: "p", manifest: manifest(tiles(0..<3)), message: "Add")
        try writeAtomically(left, to: file)
        try await Peer.dvc(["repro"], in: scratch("dataset"))
        #expect(try fileInfo(scratch("dataset/out.txt")) != nil)
    }
}
