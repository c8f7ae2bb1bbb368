import DVC
import Files
import TestSupport
import Testing

/// Caches and repositories that a person set up with the real dvc and git.
@Suite(.timeLimit(.minutes(10)))
struct JoinedRepositoryTests {
    /// A repository with a code file, a pipeline, a tracked data file, ignore lines and a remote of a person's.
    private func personal(_ scratch: Scratch) async throws -> String {
        let path = scratch("work")
        try createDirectories("\(path)/photos")
        try await Peer.git(["init", "--quiet", "--initial-branch=trunk"], in: path)
        try await Peer.dvc(["init", "--quiet"], in: path)
        try await Peer.dvc(["remote", "add", "--default", "mine", scratch("mine")], in: path)
        let files = [
            ("train.py", "print()\n"),
            ("dvc.yaml", "stages:\n  train:\n    cmd: python train.py\n    deps:\n    - train.py\n"),
            (".gitignore", "*.log\n/venv\n"), ("photos/1.jpg", "photo"), ("data.csv", "1,2\n"),
        ]
        for (name, text) in files { try writeAtomically(Array(text.utf8), to: "\(path)/\(name)") }
        try await Peer.dvc(["add", "--quiet", "photos", "data.csv"], in: path)
        try await Peer.git(["add", "--all"], in: path)
        try await Peer.git(["commit", "--quiet", "--message=Mine"], in: path)
        return path
    }

    private let facts = ["swathlog-recipe": "00"]

    @Test("a joined repository keeps all that is a person's, and dvc finds nothing to complain of")
    func joined() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        func theirs() throws -> [[UInt8]] {
            try ["train.py", "dvc.yaml", "photos.dvc", "data.csv.dvc", ".dvc/.gitignore", ".dvcignore"].map {
                try readFile("\(path)/\($0)")
            }
        }
        let before = try theirs()
        let repository = try await DatasetRepository.open(
            at: path,
            remote: RemoteSettings(url: scratch("ours")),
            joins: true
        )
        try store(tiles(0..<5), in: repository.cache)
        let commit = try await repository.publish(
            partition: "tiles",
            manifest: manifest(tiles(0..<5)),
            meta: facts,
            message: "Add tiles"
        )
        #expect(try theirs() == before)
        #expect(try await Peer.git(["rev-parse", "trunk"], in: path) == commit + "\n")
        let changed = try await Peer.git(["show", "--format=", "--name-only", commit], in: path)
        #expect(changed == ".gitignore\ntiles.dvc\n")
        let ignored = String(decoding: try readFile("\(path)/.gitignore"), as: UTF8.self)
        #expect(ignored.hasPrefix("*.log\n/venv\n") && ignored.contains("/tiles\n"))
        #expect(try await Peer.dvc(["remote", "default"], in: path) == "mine\n")
        #expect(try DVCSettings(repository: path).remote("swathlog")?.url == scratch("ours"))
        #expect(try await Peer.dvc(["data", "status"], in: path).contains("No changes"))
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
        // Nobody said a cache type, so files are what DVC makes them: their own.
        #expect(try fileInfo("\(path)/tiles/\(tiles(0..<1)[0].path)")?.links == 1)
    }

    @Test("staged changes are left to the person, with a reason, at the start and later")
    func staged() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        let repository = try await DatasetRepository.open(at: path, joins: true)
        try store(tiles(0..<2), in: repository.cache)
        try writeAtomically(Array("print(1)\n".utf8), to: "\(path)/train.py")
        try await Peer.git(["add", "train.py"], in: path)
        func publish() async throws {
            _ = try await repository.publish(
                partition: "tiles",
                manifest: manifest(tiles(0..<2)),
                meta: facts,
                message: "Add tiles"
            )
        }
        #expect(await #expect(throws: DVCError.self) { try await publish() }?.code == .indexDirty)
        let refused = await #expect(throws: DVCError.self) {
            try await DatasetRepository.open(at: path, joins: true)
        }
        #expect(refused?.code == .indexDirty && refused?.message.contains("train.py") == true)
        #expect(try fileInfo("\(path)/tiles.dvc") == nil)
        try await Peer.git(["commit", "--quiet", "--message=Mine too"], in: path)
        try await publish()
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
    }

    @Test("a pointer or directory of a person's is never taken for a partition", arguments: ["photos", "src"])
    func foreign(partition: String) async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        try createDirectories("\(path)/src")
        let repository = try await DatasetRepository.open(at: path, joins: true)
        try store(tiles(0..<2), in: repository.cache)
        // The second time the person's files are not even checked out.
        for _ in 0..<2 {
            let error = await #expect(throws: DVCError.self) {
                try await repository.publish(
                    partition: partition,
                    manifest: manifest(tiles(0..<2)),
                    meta: facts,
                    message: "Add"
                )
            }
            #expect(error?.code == .conflict)
            if partition == "photos" { try removeTree("\(path)/photos") }
        }
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
    }

    @Test("what is no repository is not joined")
    func nothing() async throws {
        let scratch = try Scratch()
        let error = await #expect(throws: DVCError.self) {
            try await DatasetRepository.open(at: scratch("nothing"), joins: true)
        }
        #expect(error?.code == .conflict)
        #expect(try fileInfo(scratch("nothing")) == nil)
    }

    @Test(
        "files are placed as cache.type says, in its order, and dvc is content",
        arguments: [("copy", 1), ("hardlink", 2), ("symlink", 1), ("reflink,hardlink,copy", 2), ("reflink,copy", 1)]
    )
    func cacheTypes(type: String, links: Int) async throws {
        let scratch = try Scratch()
        let repository = try await repository(scratch, [])
        try await Peer.dvc(["config", "--local", "cache.type", type], in: repository.path)
        let opened = try await DatasetRepository.open(at: repository.path)
        try store(tiles(0..<3), in: opened.cache)
        _ = try await opened.publish(partition: "p", manifest: manifest(tiles(0..<3)), message: "Add")
        let info = try #require(try fileInfo("\(repository.path)/p/\(tiles(0..<1)[0].path)"))
        #expect(info.kind == (type == "symlink" ? .symlink : .file))
        // Where the file system shares blocks, a reflink is a file of its own as well.
        #expect(info.links == links || type.hasPrefix("reflink") && info.links == 1)
        #expect(same(try read(below: "\(repository.path)/p"), tiles(0..<3)))
        #expect(try await Peer.dvc(["status"], in: repository.path).contains("up to date"))
    }

    @Test("an unknown cache type is said at the start")
    func unknownType() async throws {
        let scratch = try Scratch()
        try createDirectories(scratch("dataset/.dvc"))
        try writeAtomically(Array("[cache]\n    type = teleport\n".utf8), to: scratch("dataset/.dvc/config"))
        let error = await #expect(throws: DVCError.self) { try await DatasetRepository.open(at: scratch("dataset")) }
        #expect(error?.code == .badConfiguration)
    }

    @Test(
        "two repositories share a cache that dvc made theirs, and an unfinished file of one is no prey of the other's"
    )
    func sharedCache() async throws {
        let scratch = try Scratch()
        for name in ["one", "two"] {
            let path = scratch(name)
            _ = try await DatasetRepository.open(at: path)
            try await Peer.dvc(["cache", "dir", "--local", "../cache"], in: path)
            try await Peer.dvc(["config", "--local", "cache.shared", "group"], in: path)
        }
        let one = try await DatasetRepository.open(at: scratch("one"))
        let two = try await DatasetRepository.open(at: scratch("two"))
        #expect(one.cache.root == scratch("cache/files/md5") && two.cache.root == one.cache.root)
        let unfinished = try one.cache.batch()
        try unfinished.add(bytes: [7], md5: md5Text([7]))
        try two.cache.sweep()
        try unfinished.commit()
        #expect(try one.cache.contains(md5Text([7])))
        try store(tiles(0..<3), in: one.cache)
        for repository in [one, two] {
            _ = try await repository.publish(partition: "p", manifest: manifest(tiles(0..<3)), message: "Add")
            #expect(try await Peer.dvc(["status"], in: repository.path).contains("up to date"))
            #expect(try fileInfo("\(repository.path)/.dvc/cache/files") == nil)
        }
        #expect(try fileInfo("\(one.cache.root)/\(md5Text([7]).prefix(2))")?.mode == 0o2775)
    }

    @Test("what a commit, a stash entry or the work tree names is needed, and a pointer that can't be read stops all")
    func named() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        let repository = try #require(try await DatasetRepository.openForReading(at: path))
        func pointer(_ digit: Character) throws -> String {
            let id = String(repeating: digit, count: 32)
            try writeAtomically(Array("outs:\n- md5: \(id)\n  path: x\n".utf8), to: "\(path)/x.dvc")
            return id
        }
        var ids: [String] = []
        for digit in "123" {
            ids.append(try pointer(digit))
            try await Peer.git(["add", "x.dvc"], in: path)
            try await Peer.git(["stash", "--quiet"], in: path)
        }
        ids.append(try pointer("4"))
        try await Peer.git(["add", "x.dvc"], in: path)
        let last = try pointer("5")
        let named = try await repository.namedObjects()
        #expect(named.history.isSuperset(of: ids))
        #expect(named.tree.contains(last))
        try removeFile("\(path)/x.dvc")
        try createDirectories("\(path)/x.dvc")
        await #expect(throws: FileError.self) { try await repository.namedObjects() }
    }
}
