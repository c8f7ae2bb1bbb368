import DVC
import Files
import TestSupport
import Testing

/// Caches and repositories that a person set up with the real dvc and git.
@Suite(.timeLimit(.minutes(10)))
struct JoinedRepositoryTests {
    /// Writes x.dvc, which names an object of 32 equal digits; returns that name.
    private func pointer(_ digit: Character, in path: String) throws -> String {
        let id = String(repeating: digit, count: 32)
        try writeAtomically(Array("outs:\n- md5: \(id)\n  path: x\n".utf8), to: "\(path)/x.dvc")
        return id
    }

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

    @Test(
        "what is no repository is not joined, and why not is said",
        arguments: [
            ("nothing", "git init"), ("file", "is a file"), ("bare", "clone it"), ("work/photos", "inside the one at"),
        ]
    )
    func nothing(place: String, word: String) async throws {
        let scratch = try Scratch()
        _ = try await personal(scratch)
        try writeAtomically([], to: scratch("file"))
        try await Peer.git(["init", "--quiet", "--bare", "bare"], in: scratch.path)
        let before = try fileInfo(scratch(place))
        let error = await #expect(throws: DVCError.self) {
            try await DatasetRepository.open(at: scratch(place), joins: true)
        }
        #expect(error?.code == .conflict && error?.message.contains(word) == true, "\(String(describing: error))")
        #expect(try fileInfo(scratch(place)) == before)
    }

    @Test("nothing is committed on no branch, at the start or later, and the branch to go back to is named")
    func detached() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        try await Peer.git(["branch", "newer"], in: path)
        try await Peer.git(["checkout", "--quiet", "--detach"], in: path)
        let head = try await Peer.git(["rev-parse", "HEAD"], in: path)
        let files = ["log.pub": "key\n"]
        let refused = await #expect(throws: DVCError.self) {
            try await DatasetRepository.open(at: path, joins: true, files: files)
        }
        #expect(refused?.code == .gitDetached && refused?.message.contains("switch trunk`") == true)
        #expect(try await Peer.git(["rev-parse", "HEAD"], in: path) == head)
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
        try await Peer.git(["switch", "--quiet", "trunk"], in: path)
        let repository = try await DatasetRepository.open(at: path, joins: true, files: files)
        #expect(try await Peer.git(["show", "trunk:log.pub"], in: path) == "key\n")
        // Where nothing is to be set up, the agent may start, and its versions wait.
        try await Peer.git(["checkout", "--quiet", "--detach"], in: path)
        _ = try await DatasetRepository.open(at: path, joins: true, files: files)
        let later = await #expect(throws: DVCError.self) { try await repository.branch() }
        #expect(later?.code == .gitDetached && later?.message.contains("switch trunk`") == true)
    }

    @Test(
        "what a stage or another pointer writes is never a partition as well",
        arguments: [
            ("    outs:\n    - tiles\n", "the stage make"),
            ("    outs:\n    - tiles/a:\n        cache: false\n", "the stage make"),
            ("    wdir: tiles\n    metrics: [m.json]\n", "the stage make"), ("", "other.dvc"),
        ]
    )
    func twoWriters(fields: String, word: String) async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        let stage = "stages:\n  make:\n    cmd: python train.py\n    deps: [fine]\n\(fields)"
        try writeAtomically(Array(stage.utf8), to: "\(path)/dvc.yaml")
        if fields.isEmpty {
            let other = "outs:\n- md5: \(md5Text([1]))\n  size: 1\n  hash: md5\n  path: tiles\n"
            try writeAtomically(Array(other.utf8), to: "\(path)/other.dvc")
        }
        try await Peer.git(["add", "--all"], in: path)
        try await Peer.git(["commit", "--quiet", "--message=A stage"], in: path)
        let repository = try await DatasetRepository.open(at: path, joins: true)
        try store(tiles(0..<2), in: repository.cache)
        func publish(_ partition: String) async throws {
            let manifest = try manifest(tiles(0..<2))
            _ = try await repository.publish(partition: partition, manifest: manifest, meta: facts, message: "Add")
        }
        let error = await #expect(throws: DVCError.self) { try await publish("tiles") }
        #expect(error?.code == .conflict && error?.message.contains(word) == true, "\(String(describing: error))")
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
        // What a stage reads may be a partition.
        try await publish("fine")
    }

    @Test("a pointer that a person has renamed is asked for by its name, and renamed back it goes on")
    func renamedPointer() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        let repository = try await DatasetRepository.open(at: path, joins: true)
        try store(tiles(0..<3), in: repository.cache)
        func publish(_ count: Int) async throws {
            let manifest = try manifest(tiles(0..<count))
            _ = try await repository.publish(partition: "tiles", manifest: manifest, meta: facts, message: "Add")
        }
        try await publish(2)
        try await Peer.git(["mv", "tiles.dvc", "renamed.dvc"], in: path)
        try await Peer.git(["commit", "--quiet", "--message=Rename"], in: path)
        // Also where its files are not checked out.
        for _ in 0..<2 {
            let error = await #expect(throws: DVCError.self) { try await publish(3) }
            #expect(error?.message.contains("`git mv renamed.dvc tiles.dvc`") == true, "\(String(describing: error))")
            try removeTree("\(path)/tiles")
        }
        try await Peer.git(["mv", "renamed.dvc", "tiles.dvc"], in: path)
        try await Peer.git(["commit", "--quiet", "--message=Rename back"], in: path)
        try await publish(3)
        #expect(same(try read(below: "\(path)/tiles"), tiles(0..<3)))
        #expect(try await Peer.dvc(["data", "status"], in: path).contains("No changes"))
    }

    @Test(
        "a file that .dvcignore keeps from dvc is said, with the line, and what a later line takes back is fine",
        arguments: [
            ("tiles\n", true), ("*.png\n", true), ("# tiles\n\n*.raw\n", false), ("*.png\n!/tiles/**/*.png\n", false),
            ("tiles/*/DJI_0/1_*\n", true),
        ]
    )
    func ignoredTiles(patterns: String, isRefused: Bool) async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        try writeAtomically(Array(patterns.utf8), to: "\(path)/.dvcignore")
        try await Peer.git(["commit", "--quiet", "--all", "--message=Ignore"], in: path)
        let repository = try await DatasetRepository.open(at: path, joins: true)
        try store(tiles(0..<2), in: repository.cache)
        func publish() async throws {
            let manifest = try manifest(tiles(0..<2))
            _ = try await repository.publish(partition: "tiles", manifest: manifest, meta: facts, message: "Add")
        }
        if isRefused {
            let error = await #expect(throws: DVCError.self) { try await publish() }
            #expect(
                error?.code == .conflict && error?.message.contains("line 1") == true,
                "\(String(describing: error))"
            )
            #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
            try writeAtomically(Array("*.raw\n".utf8), to: "\(path)/.dvcignore")
            try await Peer.git(["commit", "--quiet", "--all", "--message=Ignore less"], in: path)
        }
        try await publish()
        #expect(try await Peer.dvc(["data", "status"], in: path).contains("No changes"))
    }

    @Test("a .gitignore that a person is changing keeps a new partition out before anything of it is written")
    func dirtyIgnoreFile() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        let repository = try await DatasetRepository.open(at: path, joins: true)
        try store(tiles(0..<2), in: repository.cache)
        try writeAtomically(try readFile("\(path)/.gitignore") + Array("/mine\n".utf8), to: "\(path)/.gitignore")
        let error = await #expect(throws: DVCError.self) {
            try await repository.publish(
                partition: "tiles",
                manifest: manifest(tiles(0..<2)),
                meta: facts,
                params: ["tile_size": "512"],
                message: "Add"
            )
        }
        #expect(error?.code == .localChanges)
        #expect(try await Peer.git(["status", "--porcelain"], in: path) == " M .gitignore\n")
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
        var ids: [String] = []
        for digit in "123" {
            ids.append(try pointer(digit, in: path))
            try await Peer.git(["add", "x.dvc"], in: path)
            try await Peer.git(["stash", "--quiet"], in: path)
        }
        ids.append(try pointer("4", in: path))
        try await Peer.git(["add", "x.dvc"], in: path)
        let last = try pointer("5", in: path)
        let named = try await repository.namedObjects()
        #expect(named.history.isSuperset(of: ids))
        #expect(named.tree.contains(last))
        try removeFile("\(path)/x.dvc")
        try createDirectories("\(path)/x.dvc")
        await #expect(throws: FileError.self) { try await repository.namedObjects() }
    }

    @Test(
        "what a person has changed in the settings and not committed is never committed, with and without an edit of ours"
    )
    func uncommittedSettings() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        _ = try await DatasetRepository.open(at: path, joins: true)
        try await Peer.dvc(["remote", "add", "bucket", "s3://b/p"], in: path)
        try await Peer.dvc(["remote", "modify", "bucket", "secret_access_key", "SECRET"], in: path)
        try writeAtomically(Array("/private\n".utf8), to: "\(path)/.dvcignore")
        let theirs = try readFile("\(path)/.dvc/config")
        let head = try await Peer.git(["rev-parse", "HEAD"], in: path)
        let status = " M .dvc/config\n M .dvcignore\n"
        #expect(try await Peer.git(["status", "--porcelain"], in: path) == status)
        _ = try await DatasetRepository.open(at: path, joins: true)
        let ours = RemoteSettings(url: scratch("ours"))
        let refused = await #expect(throws: DVCError.self) {
            try await DatasetRepository.open(at: path, remote: ours, joins: true)
        }
        #expect(refused?.code == .localChanges && refused?.message.contains(".dvc/config") == true)
        #expect(try await Peer.git(["rev-parse", "HEAD"], in: path) == head)
        #expect(try await Peer.git(["status", "--porcelain"], in: path) == status)
        #expect(try readFile("\(path)/.dvc/config") == theirs)
        // What is staged is no more ours than what is not.
        try await Peer.git(["add", ".dvc/config"], in: path)
        let staged = await #expect(throws: DVCError.self) { try await DatasetRepository.open(at: path, joins: true) }
        #expect(staged?.code == .indexDirty)
        try await Peer.git(["restore", "--staged", "."], in: path)
        try await Peer.git(["stash", "--quiet"], in: path)
        _ = try await DatasetRepository.open(at: path, remote: ours, joins: true)
        #expect(try await Peer.git(["show", "--format=", "--name-only", "HEAD"], in: path) == ".dvc/config\n")
        #expect(try await !Peer.git(["log", "--branches", "--patch"], in: path).contains("SECRET"))
    }

    @Test("a killed start that has written and staged the settings is taken up")
    func killedStart() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        let remote = RemoteSettings(url: scratch("ours"))
        _ = try await DatasetRepository.open(at: path, remote: remote, joins: true)
        let head = try await Peer.git(["rev-parse", "HEAD^{tree}"], in: path)
        try await Peer.git(["reset", "--quiet", "--soft", "HEAD~1"], in: path)
        #expect(try await !Peer.git(["diff", "--cached", "--name-only"], in: path).isEmpty)
        _ = try await DatasetRepository.open(at: path, remote: remote, joins: true)
        #expect(try await Peer.git(["rev-parse", "HEAD^{tree}"], in: path) == head)
    }

    @Test(
        "a person's lines in .gitignore that are in no commit stay so, and hold up only what needs a line beside them"
    )
    func uncommittedIgnoreLines() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        let repository = try await DatasetRepository.open(at: path, joins: true)
        func publish(_ partition: String, _ count: Int) async throws -> String {
            try store(tiles(0..<count), in: repository.cache)
            return try await repository.publish(
                partition: partition,
                manifest: manifest(tiles(0..<count)),
                meta: facts,
                message: "Add tiles"
            )
        }
        _ = try await publish("north", 2)
        let lines = String(decoding: try readFile("\(path)/.gitignore"), as: UTF8.self)
        try writeAtomically(Array((lines + "/secret-plan\n").utf8), to: "\(path)/.gitignore")
        let second = try await publish("north", 3)
        #expect(try await Peer.git(["show", "--format=", "--name-only", second], in: path) == "north.dvc\n")
        let refused = await #expect(throws: DVCError.self) { try await publish("south", 2) }
        #expect(refused?.code == .localChanges && refused?.message.contains(".gitignore") == true)
        // Another partition's unfinished publication is in nobody's way.
        _ = try await publish("north", 4)
        #expect(try await !Peer.git(["log", "--patch"], in: path).contains("secret-plan"))
        try await Peer.git(["commit", "--quiet", "-m", "Plans", "--", ".gitignore"], in: path)
        _ = try await publish("south", 2)
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
    }

    @Test("lines that end as on Windows are read and kept")
    func windowsLines() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        try writeAtomically(Array("*.log\r\n/venv\r\n/photos\r\n/data.csv\r\n".utf8), to: "\(path)/.gitignore")
        try await Peer.git(["commit", "--quiet", "-am", "Lines"], in: path)
        let repository = try await DatasetRepository.open(at: path, joins: true)
        try store(tiles(0..<3), in: repository.cache)
        for count in 2...3 {
            _ = try await repository.publish(
                partition: "north",
                manifest: manifest(tiles(0..<count)),
                meta: facts,
                message: "Add tiles"
            )
        }
        let ignored = String(decoding: try readFile("\(path)/.gitignore"), as: UTF8.self)
        #expect(ignored == "*.log\r\n/venv\r\n/photos\r\n/data.csv\r\n/north\r\n")
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
    }

    @Test("all entries of the stashes of dvc's experiments count, and a pointer whose blob has another name too")
    func namedByOthers() async throws {
        let scratch = try Scratch()
        let path = try await personal(scratch)
        let repository = try #require(try await DatasetRepository.openForReading(at: path))
        var ids: [String] = []
        for (digit, name) in [("1", "stash"), ("2", "stash"), ("3", "failed"), ("4", "failed")] {
            ids.append(try pointer(Character(digit), in: path))
            try await Peer.git(["add", "x.dvc"], in: path)
            let entry = try await Peer.git(["stash", "create"], in: path).dropLast()
            let reference = "refs/exps/celery/\(name)"
            try await Peer.git(["update-ref", "--create-reflog", "-m", digit, reference, String(entry)], in: path)
        }
        ids.append(try pointer("5", in: path))
        try await Peer.git(["add", "x.dvc"], in: path)
        for name in ["a.bak", "z.bak"] {
            try writeAtomically(try readFile("\(path)/x.dvc"), to: "\(path)/\(name)")
            try await Peer.git(["add", name], in: path)
        }
        try await Peer.git(["commit", "--quiet", "-m", "Both"], in: path)
        try await Peer.git(["rm", "--quiet", "--force", "x.dvc"], in: path)
        try await Peer.git(["commit", "--quiet", "-m", "Gone"], in: path)
        let named = try await repository.namedObjects()
        #expect(named.history.isSuperset(of: ids), "\(named.history)")
        #expect(named.tree.isDisjoint(with: ids))
    }
}
