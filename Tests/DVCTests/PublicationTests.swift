import DVC
import Files
import Testing

@Suite
struct PublicationTests {
    @Test
    func theTreeHoldsExactlyTheManifestAfterEveryChange() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<30))
        let states: [Tree] = [
            tiles(0..<35),  // added
            tiles(5..<35),  // removed
            tiles(5..<20) + tiles(20..<35, version: 2),  // replaced
            [("a", [1]), ("b/c", [2])],
            [("a/x", [1]), ("b", [2])],  // a file becomes a directory and the other way round
            [("e\u{301}", [1]), ("é", [2])], [("e\u{301}", [3])],  // canonically equal names are two files
            [], tiles(0..<3),
        ]
        for files in states {
            try store(files, in: repository.cache)
            let commit = try await repository.publish(
                partition: "p",
                manifest: manifest(files),
                message: "Change p"
            )
            #expect(try await repository.head() == commit)
            #expect(same(try read(below: scratch("dataset/p")), files))
            #expect(try await Peer.git(["status", "--porcelain"], in: repository.path).isEmpty)
            let pointer = try #require(try await repository.pointer(of: "p"))
            #expect(pointer == Pointer(try manifest(files), path: "p"))
            #expect(try await repository.entries(of: pointer).count == files.count)
        }
        // No directory is left that has nothing in it.
        #expect(try listDirectory(scratch("dataset/p")).compactMap(\.name) == ["flight"])
    }

    @Test
    func publishingTwiceIsOneCommit() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        let first = try await repository.head()
        let second = try await repository.publish(
            partition: "p",
            manifest: manifest(tiles(0..<5)),
            message: "Again"
        )
        #expect(first == second)
        let third = try await repository.publish(
            partition: "p",
            manifest: manifest(tiles(0..<5)),
            meta: ["recipe": "ab"],
            message: "Other facts"
        )
        #expect(third != first)
        #expect(try await repository.pointer(of: "p")?.meta == ["recipe": "ab"])
        #expect(try await repository.pointer(of: "p", at: first)?.meta == [:])
        #expect(try await repository.pointer(of: "q") == nil)
    }

    @Test
    func onlyWhatDiffersIsTouched() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<10))
        let kept = scratch("dataset/p/flight/DJI_0/3_0.png")
        // A file of a person's own in place of a tile shows which files a publication touches.
        try removeFile(kept)
        try writeAtomically([0], to: kept)
        let files = tiles(0..<12)
        try store(files, in: repository.cache)
        _ = try await repository.publish(partition: "p", manifest: manifest(files), message: "Add two")
        #expect(try readFile(kept) == [0])
        #expect(try readFile(scratch("dataset/p/flight/DJI_1/1_0.png")) == files[11].bytes)
    }

    @Test
    func severalPartitionsChangeInOneCommit() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<5))
        let before = try await Peer.git(["rev-list", "--count", "HEAD"], in: repository.path)
        try store(tiles(5..<9), in: repository.cache)
        let changes = [
            PartitionChange(partition: "p", manifest: nil),
            PartitionChange(partition: "never", manifest: nil),
            PartitionChange(partition: "q", manifest: try manifest(tiles(5..<7))),
            PartitionChange(partition: "r", manifest: try manifest(tiles(7..<9))),
        ]
        let commit = try await repository.publish(changes, message: "Cut over")
        #expect(try await repository.publish(changes, message: "Cut over") == commit)
        #expect(
            try await Peer.git(["rev-list", "--count", "HEAD"], in: repository.path)
                == "\(Int(before.dropLast())! + 1)\n"
        )
        #expect(try await repository.partitions() == ["q", "r"])
        #expect(try await repository.partitions(at: "HEAD~1") == ["p"])
        #expect(try fileInfo(scratch("dataset/p")) == nil)
        let lines = String(decoding: try readFile(scratch("dataset/.gitignore")), as: UTF8.self).split(
            separator: "\n"
        ).dropFirst()
        #expect(lines == ["/q", "/r"])
        #expect(try await Peer.dvc(["status"], in: repository.path).contains("up to date"))
    }

    @Test
    func peoplesStagedWorkIsNotCommitted() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<2))
        try writeAtomically([1], to: scratch("dataset/notes.txt"))
        try await Peer.git(["add", "notes.txt"], in: repository.path)
        try store(tiles(0..<3), in: repository.cache)
        _ = try await repository.publish(partition: "p", manifest: manifest(tiles(0..<3)), message: "Add one")
        #expect(try await Peer.git(["status", "--porcelain"], in: repository.path) == "A  notes.txt\n")
        #expect(
            try await Peer.git(["show", "--name-only", "--format=", "HEAD"], in: repository.path) == "p.dvc\n"
        )
    }

    @Test
    func missingObjectsStopAPublicationBeforeItBegins() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<2))
        let error = await #expect(throws: DVCError.self) {
            try await repository.publish(partition: "p", manifest: manifest(tiles(0..<4)), message: "Add two")
        }
        #expect(error?.code == .objectMissing)
        #expect(error?.message.contains("lacks 2 of") == true)
        #expect(try read(below: scratch("dataset/p")).count == 2)
        #expect(try await Peer.dvc(["status"], in: repository.path).contains("up to date"))
    }

    @Test
    func aDirectoryOfSomebodyElsesIsNotTakenOver() async throws {
        let scratch = try Scratch()
        let repository = try await DatasetRepository.open(at: scratch("dataset"))
        try write([("mine.txt", [1])], below: scratch("dataset/p"))
        let error = await #expect(throws: DVCError.self) {
            try await repository.publish(partition: "p", manifest: manifest([]), message: "Add p")
        }
        #expect(error?.code == .conflict)
        #expect(try readFile(scratch("dataset/p/mine.txt")) == [1])
    }

    @Test
    func aDetachedHeadIsRefused() async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, tiles(0..<2))
        try await Peer.git(["switch", "--quiet", "--detach"], in: repository.path)
        let error = await #expect(throws: DVCError.self) {
            try await repository.publish(partition: "p", manifest: manifest([]), message: "Empty p")
        }
        #expect(error?.code == .gitDetached)
    }

    @Test(arguments: ["a b", "", "x.dvc", "../p", "true"])
    func invalidPartitionsAreRefused(name: String) async throws {
        let scratch = try Scratch()
        let repository = try await DatasetRepository.open(at: scratch("dataset"))
        let error = await #expect(throws: DVCError.self) {
            try await repository.publish(partition: name, manifest: manifest([]), message: "Add")
        }
        #expect(error?.code == .badPartition)
    }

    @Test
    func aHundredNewFilesBesideTenThousand() async throws {
        let scratch = try Scratch()
        let (many, more) = (tiles(0..<10_000), tiles(0..<10_100))
        let repository = try await repository(scratch, many)
        try store(more, in: repository.cache)
        _ = try await repository.publish(partition: "p", manifest: manifest(more), message: "Add 100")
        #expect(same(try read(below: scratch("dataset/p")), more))
    }
}
