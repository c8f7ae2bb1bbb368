import DVC
import Files
import Testing

@Suite
struct RepositoryTests {
    @Test
    func aNewRepositoryIsOneThatDVCAndGitAccept() async throws {
        let scratch = try Scratch()
        let remote = RemoteSettings(url: scratch("remote"))
        let repository = try await DatasetRepository.open(at: scratch("dataset"), remote: remote)
        let head = try await repository.head()
        let again = try await DatasetRepository.open(at: scratch("dataset"), remote: remote)
        #expect(try await again.head() == head)
        #expect(try await Peer.git(["log", "--format=%s"], in: repository.path) == "Set up the dataset\n")
        #expect(try await Peer.git(["status", "--porcelain"], in: repository.path).isEmpty)
        #expect(try await Peer.git(["branch", "--show-current"], in: repository.path) == "main\n")
        let listed = try await Peer.dvc(["remote", "list"], in: repository.path).split(
            whereSeparator: \.isWhitespace
        )
        #expect(listed.prefix(2) == ["swathlog", Substring(scratch("remote"))])
        #expect(try await Peer.dvc(["remote", "default"], in: repository.path) == "swathlog\n")
        #expect(
            try await Peer.dvc(["config", "cache.type"], in: repository.path)
                == "reflink,hardlink,symlink,copy\n"
        )
    }

    @Test
    func anotherRemoteIsSetWithoutLosingPeoplesSettings() async throws {
        let scratch = try Scratch()
        let path = scratch("dataset")
        _ = try await DatasetRepository.open(at: path, remote: RemoteSettings(url: "/one"))
        try await Peer.dvc(["config", "core.autostage", "true"], in: path)
        try await Peer.git(["commit", "--quiet", "-am", "Mine"], in: path)
        let options = [(key: "endpointurl", value: "http://127.0.0.1:9000")]
        let remote = RemoteSettings(url: "s3://bucket/prefix", options: options)
        _ = try await DatasetRepository.open(at: path, remote: remote)
        #expect(try await Peer.dvc(["config", "core.autostage"], in: path) == "true\n")
        #expect(try await Peer.dvc(["config", "remote.swathlog.url"], in: path) == "s3://bucket/prefix\n")
        #expect(
            try await Peer.dvc(["config", "remote.swathlog.endpointurl"], in: path)
                == "http://127.0.0.1:9000\n"
        )
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
    }

    @Test(arguments: ["HEAD", "config", "refs", "objects"])
    func aHalfMadeRepositoryIsCompleted(missing: String) async throws {
        let scratch = try Scratch()
        let path = scratch("dataset")
        try createDirectories(path)
        try await Peer.git(["init", "--quiet"], in: path)
        try removeTree("\(path)/.git/\(missing)")
        try writeAtomically([], to: "\(path)/.git/config.lock")
        try createDirectories("\(path)/.dvc")
        let repository = try await DatasetRepository.open(at: path)
        #expect(try await Peer.git(["log", "--format=%s"], in: path) == "Set up the dataset\n")
        #expect(try await repository.head().utf8.count == 40)
    }

    @Test
    func aRepositoryInsideAnotherLeavesThatOneAlone() async throws {
        let scratch = try Scratch()
        try await Peer.git(["init", "--quiet"], in: scratch.path)
        try await Peer.git(["commit", "--quiet", "--allow-empty", "-m", "Outer"], in: scratch.path)
        _ = try await DatasetRepository.open(at: scratch("dataset"))
        #expect(try await Peer.git(["log", "--format=%s"], in: scratch.path) == "Outer\n")
        #expect(try await Peer.git(["log", "--format=%s"], in: scratch("dataset")) == "Set up the dataset\n")
    }

    @Test(arguments: [
        ("[core]\n    hardlink_lock = true\n", "hardlink_lock"),
        ("['remote \"r\"']\n    url = s3://b\n    version_aware = true\n", "version_aware"),
    ])
    func settingsThatCannotBeHonouredAreRefused(configuration: String, word: String) async throws {
        let scratch = try Scratch()
        try createDirectories(scratch("dataset/.dvc"))
        try writeAtomically(Array(configuration.utf8), to: scratch("dataset/.dvc/config"))
        let error = await #expect(throws: DVCError.self) {
            try await DatasetRepository.open(at: scratch("dataset"))
        }
        #expect(error?.code == .badConfiguration)
        #expect(error?.message.contains(word) == true)
    }

    @Test
    func trailersAreFoundExactly() async throws {
        let scratch = try Scratch()
        _ = try await repository(scratch, tiles(0..<2))
        let repository = try await DatasetRepository.open(
            at: scratch("dataset"),
            commits: CommitSettings(author: CommitAuthor("Ünal <u@localhost>"))
        )
        func publish(_ count: Int, _ value: String) async throws -> String {
            try store(tiles(0..<count), in: repository.cache)
            return try await repository.publish(
                partition: "p",
                manifest: manifest(tiles(0..<count)),
                message: "Add tiles\n\nWhy: because\n# kept\n",
                trailers: [("Swathlog-Commit", value), ("Swathlog-Recipe", "ab: c")]
            )
        }
        let (first, second) = (try await publish(3, "dataset/a.b"), try await publish(4, "dataset/a.b2"))
        #expect(first != second)
        #expect(try await repository.findCommit(trailer: "Swathlog-Commit", value: "dataset/a.b") == first)
        #expect(try await repository.findCommit(trailer: "Swathlog-Commit", value: "dataset/a.b2") == second)
        for value in ["dataset/a", "dataset/a.", "dataset/aXb", ".*", "ab: c"] {
            #expect(try await repository.findCommit(trailer: "Swathlog-Commit", value: value) == nil)
        }
        let all = try await repository.trailersOfAllCommits()
        #expect(all.count == 4)
        #expect(all[2].commit == first)
        #expect(all[2].trailers.map(\.key) == ["Swathlog-Commit", "Swathlog-Recipe"])
        #expect(all[2].trailers.map(\.value) == ["dataset/a.b", "ab: c"])
        #expect(all[0].trailers.isEmpty)
        #expect(
            try await Peer.git(["log", "-1", "--format=%an|%B", first], in: repository.path).contains(
                "# kept"
            )
        )
        #expect(try await Peer.git(["log", "-1", "--format=%an", first], in: repository.path) == "Ünal\n")
        // A commit on another branch counts too: it happened.
        try await Peer.git(["switch", "--quiet", "-c", "older", "HEAD~1"], in: repository.path)
        #expect(try await repository.findCommit(trailer: "Swathlog-Commit", value: "dataset/a.b2") == second)
    }

    @Test(arguments: [
        ("", "K", "v"), ("\nx", "K", "v"), ("m", "K y", "v"), ("m", "", "v"), ("m", "K", "a\nb"),
        ("m", "K", " a"), ("m", "K", ""),
    ])
    func messagesThatGitWouldChangeAreRefused(message: String, key: String, value: String) async throws {
        let scratch = try Scratch()
        let repository = try await DatasetRepository.open(at: scratch("dataset"))
        let error = await #expect(throws: DVCError.self) {
            try await repository.publish(
                partition: "p",
                manifest: manifest([]),
                message: message,
                trailers: [(key, value)]
            )
        }
        #expect(error?.code == .badMessage)
    }

    @Test
    func openingForReadingMakesNothing() async throws {
        let scratch = try Scratch()
        #expect(try await DatasetRepository.openForReading(at: scratch("none")) == nil)
        #expect(try fileInfo(scratch("none")) == nil)
        let repository = try await repository(scratch, tiles(0..<1))
        let lock = "\(repository.path)/.git/index.lock"
        try writeAtomically([], to: lock)
        try removeFile("\(repository.path)/.dvcignore")
        let reader = try #require(try await DatasetRepository.openForReading(at: repository.path))
        #expect(try await reader.trailersOfAllCommits().count == repository.trailersOfAllCommits().count)
        #expect(try fileInfo(lock) != nil)
        #expect(try fileInfo("\(repository.path)/.dvcignore") == nil)
    }
}
