import DVC
import Files
import Testing

/// `.dvc/config` as people and their editors write it, with the real dvc as the judge.
@Suite(.timeLimit(.minutes(10)))
struct ConfigurationTests {
    private func personal(_ scratch: Scratch, _ configuration: String) async throws -> String {
        let path = scratch("work")
        try createDirectories(path)
        try await Peer.git(["init", "--quiet"], in: path)
        try await Peer.dvc(["init", "--quiet"], in: path)
        try writeAtomically(Array(configuration.utf8), to: "\(path)/.dvc/config")
        try await Peer.git(["add", "--all"], in: path)
        try await Peer.git(["commit", "--quiet", "--message=Mine"], in: path)
        return path
    }

    private static let forms = [
        "[core]\r\n    remote = mine\r\n[cache]\r\n    dir = ../../c\r\n['remote \"mine\"']\r\n    url = s3://b/p\r\n",
        "[core]   # ours\n    remote = mine\n[ cache ]# shared\n    dir = ../../c\n['remote \"mine\"']  # the NAS\n    url = s3://b/p\n",
        "[core]\nremote=mine # [not this]\n\n[\"cache\"]\n\"dir\" = '''../../c''' # there\n\n[ 'remote \"mine\"' ]\n'url' = \"s3://b/p\"\n\n",
    ]

    @Test("what dvc reads is read, whatever the line ends, comments and quotes", arguments: forms)
    func read(configuration: String) async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch, configuration)
        #expect(try await Peer.dvc(["config", "cache.dir"], in: path).hasSuffix("c\n"))
        let settings = try DVCSettings(repository: path)
        #expect(settings.value("dir", in: "cache") == "../../c")
        #expect(settings.defaultRemote == "mine" && settings.remotes == ["mine"])
        #expect(try settings.remote("mine")?.url == "s3://b/p")
        #expect(try DVCCache.of(repository: path).root == scratch("c/files/md5"))
    }

    @Test("a remote that is described is written as the file is, and dvc reads all of it", arguments: forms)
    func written(configuration: String) async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch, configuration)
        for url in ["s3://ours/one", "s3://ours/two"] {
            _ = try await DatasetRepository.open(at: path, remote: RemoteSettings(url: url), joins: true)
            #expect(try await Peer.dvc(["config", "remote.swathlog.url"], in: path) == url + "\n")
        }
        #expect(try await Peer.dvc(["remote", "default"], in: path) == "mine\n")
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
        let text = String(decoding: try readFile("\(path)/.dvc/config"), as: UTF8.self)
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"))
        let returns = lines.count { $0.last == UInt8(ascii: "\r") }
        #expect(returns == (configuration.contains("\r\n") ? lines.count : 0))
    }

    @Test(
        "what can't be honoured or read is said, whatever stands behind it",
        arguments: [
            ("[core]  # ours\r\n    hardlink_lock = true\r\n", "hardlink_lock"),
            ("['remote \"r\"'] # NAS\n    url = s3://b\n    version_aware = True  # yes\n", "version_aware"),
            ("['remote \"r\"']\n    url = s3://b\n    worktree = true\n", "worktree"),
            ("[core]\n    remote = a\n[core]\n    autostage = true\n", "twice"),
            ("[core]\n    remote = '''a\nb'''\n", "several lines"),
        ]
    )
    func refused(configuration: String, word: String) async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch, configuration)
        let before = try await Peer.git(["rev-parse", "HEAD"], in: path)
        let error = await #expect(throws: DVCError.self) {
            try await DatasetRepository.open(at: path, remote: RemoteSettings(url: "s3://ours"), joins: true)
        }
        #expect(
            error?.code == .badConfiguration && error?.message.contains(word) == true,
            "\(String(describing: error))"
        )
        #expect(try readFile("\(path)/.dvc/config") == Array(configuration.utf8))
        #expect(try await Peer.git(["rev-parse", "HEAD"], in: path) == before)
    }
}
