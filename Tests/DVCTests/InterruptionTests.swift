import DVC
import Files
import Testing

/// Each test puts the repository into a state that a kill can leave, and publishes again.
@Suite
struct InterruptionTests {
    private func journal(_ scratch: Scratch, _ manifest: Manifest, in cache: DVCCache) throws {
        let batch = try cache.batch()
        try batch.add(bytes: manifest.bytes, md5: manifest.id)
        try batch.commit()
        try writeAtomically(
            Array("\(manifest.id)\n".utf8),
            to: scratch("dataset/.dvc/tmp/swathlog/p.applying")
        )
    }

    private func expectClean(_ scratch: Scratch, _ files: Tree) async throws {
        #expect(same(try read(below: scratch("dataset/p")), files))
        #expect(try await Peer.git(["status", "--porcelain"], in: scratch("dataset")).isEmpty)
        #expect(try await Peer.dvc(["status"], in: scratch("dataset")).contains("up to date"))
        #expect(try listDirectory(scratch("dataset/.dvc/tmp/swathlog")).isEmpty)
    }

    @Test(arguments: [0, 3, 8])
    func killedWhileFilesWerePlaced(done: Int) async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        // It was going to 0..<13 and placed some; the tile of the removed name 0 is gone already.
        let intended = tiles(1..<13)
        try store(intended, in: repository.cache)
        try journal(scratch, manifest(intended), in: repository.cache)
        try removeFile(scratch("dataset/p/flight/DJI_0/0_0.png"))
        for file in tiles(5..<13).prefix(done) {
            try createDirectories(parent(of: scratch("dataset/p/\(file.path)")))
            try place(repository.cache.objectPath(md5Text(file.bytes)), at: scratch("dataset/p/\(file.path)"))
        }
        try writeAtomically([], to: scratch("dataset/.dvc/tmp/swathlog/.swathlog-left.tmp"))
        // The next run has other files than the killed one: what that one placed must not stay.
        let next = tiles(0..<7) + [("other/1.png", [1])]
        let reopened = try await DatasetRepository.open(at: scratch("dataset"))
        try store(next, in: reopened.cache)
        _ = try await reopened.publish(partition: "p", manifest: manifest(next), message: "Go on")
        try await expectClean(scratch, next)
    }

    @Test
    func killedInTheFirstPublication() async throws {
        let scratch = try Scratch()
        let repository = try await DatasetRepository.open(at: scratch("dataset"))
        try store(tiles(0..<5), in: repository.cache)
        try journal(scratch, manifest(tiles(0..<5)), in: repository.cache)
        try write(Array(tiles(0..<2)), below: scratch("dataset/p"))
        _ = try await repository.publish(partition: "p", manifest: manifest(tiles(1..<4)), message: "Go on")
        try await expectClean(scratch, tiles(1..<4))
    }

    @Test
    func killedBetweenPointerAndCommit() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        let before = try await repository.head()
        try store(tiles(0..<6), in: repository.cache)
        let commit = try await repository.publish(
            partition: "p",
            manifest: manifest(tiles(0..<6)),
            message: "Add one"
        )
        try await Peer.git(["reset", "--quiet", "--soft", before], in: repository.path)
        let again = try await repository.publish(
            partition: "p",
            manifest: manifest(tiles(0..<6)),
            message: "Add one"
        )
        #expect(again != before)
        #expect(try await Peer.git(["diff", "--stat", commit, again], in: repository.path).isEmpty)
        try await Peer.git(["reset", "--quiet", "--mixed", before], in: repository.path)
        let third = try await repository.publish(
            partition: "p",
            manifest: manifest(tiles(0..<6)),
            message: "Add one"
        )
        #expect(try await Peer.git(["diff", "--stat", commit, third], in: repository.path).isEmpty)
        try await expectClean(scratch, tiles(0..<6))
    }

    @Test
    func theOldManifestIsGoneFromTheCache() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        try removeTree(repository.cache.objectPath(manifest(tiles(0..<5)).id))
        #expect(try await repository.lostManifests(of: "p", previous: nil) == [manifest(tiles(0..<5)).id])
        // A file that no known version has may be a person's: nothing is removed then.
        try write([("labels.csv", [1])], below: scratch("dataset/p"))
        try store(tiles(0..<6), in: repository.cache)
        func publish() async throws {
            _ = try await repository.publish(partition: "p", manifest: manifest(tiles(0..<6)), message: "Go on")
        }
        let error = await #expect(throws: DVCError.self) { try await publish() }
        #expect(error?.code == .conflict && error?.message.contains("p/labels.csv") == true)
        #expect(same(try read(below: scratch("dataset/p")), tiles(0..<5) + [("labels.csv", [1])]))
        try removeFile(scratch("dataset/p/labels.csv"))
        try await publish()
        try await expectClean(scratch, tiles(0..<6))
    }

    @Test(arguments: [false, true])
    func somebodysPointerCameByGit(hasManifest: Bool) async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        try write([("labels.csv", [1])], below: scratch("dataset/p"))
        let theirs = try manifest(tiles(2..<9))
        if hasManifest {
            let batch = try repository.cache.batch()
            try batch.add(bytes: theirs.bytes, md5: theirs.id)
            try batch.commit()
        }
        try writeAtomically(Array(Pointer(theirs, path: "p").text.utf8), to: scratch("dataset/p.dvc"))
        try await Peer.git(["commit", "--quiet", "-am", "Theirs"], in: repository.path)
        func publish() async throws {
            _ = try await repository.publish(
                partition: "p",
                manifest: manifest(tiles(1..<4)),
                previous: manifest(tiles(0..<5)).id,
                message: "Go on"
            )
        }
        if !hasManifest {
            let error = await #expect(throws: DVCError.self) { try await publish() }
            #expect(error?.code == .conflict && error?.message.contains("p/labels.csv") == true)
            try removeFile(scratch("dataset/p/labels.csv"))
        }
        try await publish()
        // What was published before is gone, and what nobody published stays.
        let labels: Tree = hasManifest ? [("labels.csv", [1])] : []
        #expect(same(try read(below: scratch("dataset/p")), tiles(1..<4) + labels))
    }

    @Test
    func aPersonCommittedWhatWasPublished() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        try store(tiles(0..<6), in: repository.cache)
        let hook = scratch("dataset/.git/hooks/pre-commit")
        try writeNew(Array("#!/bin/sh\nexit 1\n".utf8), to: hook, mode: 0o755, synchronized: false)
        func publish() async throws -> String {
            try await repository.publish(
                partition: "p",
                manifest: manifest(tiles(0..<6)),
                message: "Add one",
                trailers: [("Swathlog-Commit", "one")]
            )
        }
        #expect(await #expect(throws: DVCError.self) { try await publish() }?.code == .gitFailed)
        try await Peer.git(["commit", "--quiet", "--no-verify", "-am", "By hand"], in: repository.path)
        try removeFile(hook)
        let commit = try await publish()
        #expect(try await repository.commits(byTrailer: "Swathlog-Commit") == ["one": commit])
        #expect(try await Peer.git(["log", "-2", "--format=%s"], in: repository.path) == "Add one\nBy hand\n")
        #expect(try await Peer.git(["diff", "HEAD~1", "HEAD"], in: repository.path).isEmpty)
        #expect(try await publish() == commit)
        try await expectClean(scratch, tiles(0..<6))
    }

    @Test
    func theTreeIsGone() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        try removeTree(scratch("dataset/p"))
        _ = try await repository.publish(partition: "p", manifest: manifest(tiles(0..<4)), message: "Go on")
        try await expectClean(scratch, tiles(0..<4))
    }

    @Test
    func aCancelledPublicationGoesOnLater() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        try store(tiles(0..<400), in: repository.cache)
        let task = Task {
            try await repository.publish(partition: "p", manifest: manifest(tiles(0..<400)), message: "Add")
        }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        _ = try await repository.publish(partition: "p", manifest: manifest(tiles(2..<300)), message: "Go on")
        try await expectClean(scratch, tiles(2..<300))
    }

    @Test(arguments: ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
    func locksOfAKilledGitAreRemoved(lock: String) async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<2))
        try writeAtomically([], to: scratch("dataset/.git/\(lock)"))
        _ = try await repository.publish(partition: "p", manifest: manifest(tiles(0..<1)), message: "Go on")
        try await expectClean(scratch, tiles(0..<1))
    }

    @Test(.timeLimit(.minutes(10)))
    func aLockOfALiveGitIsRespected() async throws {
        let scratch = try Scratch()
        _ = try await repository(scratch, tiles(0..<2))
        let impatient = try await DatasetRepository.open(at: scratch("dataset"), patience: .milliseconds(100))
        try writeAtomically([], to: scratch("dataset/.git/index.lock"))
        // `git hash-object --stdin` works in the repository until its input ends.
        try await Peer.whileRunning(
            ["git", "-C", scratch("dataset"), "hash-object", "--stdin"],
            named: "git"
        ) { () async throws in
            let error = await #expect(throws: DVCError.self) {
                try await impatient.publish(partition: "p", manifest: manifest(tiles(0..<1)), message: "Try")
            }
            #expect(error?.code == .gitBusy)
            #expect(try fileInfo(scratch("dataset/.git/index.lock")) != nil)
        }
        _ = try await impatient.publish(partition: "p", manifest: manifest(tiles(0..<1)), message: "Go on")
        try await expectClean(scratch, tiles(0..<1))
    }
}
