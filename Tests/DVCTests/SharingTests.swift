import DVC
import Files
import Testing

/// A git remote that a person pushes to as well, from a clone of their own.
@Suite(.timeLimit(.minutes(10)))
struct SharingTests {
    private let scratch: Scratch
    private var remote: String { scratch("remote.git") }
    private var clone: String { scratch("clone") }
    private var path: String { scratch("dataset") }

    init() async throws {
        scratch = try Scratch()
        try await Peer.git(
            ["init", "--quiet", "--bare", "--initial-branch=main", scratch("remote.git")],
            in: scratch.path
        )
    }

    private func share(_ repository: DatasetRepository) async throws {
        while try await repository.push(repository.head(), to: remote, branch: "main") == .behind {
            #expect(try await repository.rebase(onto: "main", of: remote))
        }
    }

    /// A person's commit of these files in a clone of the remote, pushed.
    private func others(_ files: [(String, String)], message: String = "Mine") async throws {
        if try fileInfo(clone) == nil { try await Peer.git(["clone", "--quiet", remote, clone], in: scratch.path) }
        try await Peer.git(["pull", "--quiet", "--rebase"], in: clone)
        for (name, text) in files { try writeAtomically(Array(text.utf8), to: "\(clone)/\(name)") }
        try await Peer.git(["add", "--all"], in: clone)
        try await Peer.git(["commit", "--quiet", "-m", message], in: clone)
        try await Peer.git(["push", "--quiet"], in: clone)
    }

    private func change(_ repository: DatasetRepository, _ files: Tree, _ message: String) async throws -> String {
        try store(files, in: repository.cache)
        return try await repository.publish(
            partition: "p",
            manifest: manifest(files),
            message: message,
            trailers: [("Swathlog-Commit", String(message.prefix { $0 != "\n" }))]
        )
    }

    @Test(
        "others' commits stay, ours come after them with all that they say, and what others pushed is in the work tree"
    )
    func onTopOfOthers() async throws {
        let repository = try await repository(scratch, tiles(0..<3))
        try await share(repository)
        try await others([("README.md", "Read\n"), ("data.csv.dvc", "outs: []\n"), (".gitignore", "/data.csv\n/p\n")])
        let (one, two) = (
            try await change(repository, tiles(0..<4), "One"), try await change(repository, tiles(1..<5), "Two\n\nWhy.")
        )
        try await share(repository)
        #expect(try await Peer.git(["log", "--format=%s", "-3"], in: remote) == "Two\nOne\nMine\n")
        #expect(try await Peer.git(["rev-list", "--merges", "--count", "main"], in: remote) == "0\n")
        let moved = try await repository.commits(byTrailer: "Swathlog-Commit")
        #expect(moved.count == 2 && moved["One"] != one)
        for (old, new) in [(one, "HEAD~1"), (two, "HEAD")] {
            func asked(_ commit: String) async throws -> [String] {
                let said = try await Peer.git(["log", "-1", "--format=%B%an%ae%at", commit], in: path)
                return [said, try await Peer.git(["show", "\(commit):p.dvc"], in: path)]
            }
            #expect(try await asked(old) == asked(new))
        }
        #expect(try String(decoding: readFile("\(path)/README.md"), as: UTF8.self) == "Read\n")
        #expect(try String(decoding: readFile("\(path)/.gitignore"), as: UTF8.self) == "/data.csv\n/p\n")
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
        #expect(same(try read(below: "\(path)/p"), tiles(1..<5)))
        #expect(try await repository.rebase(onto: "main", of: remote) == false)
    }

    @Test("a remote that began with a history of its own gets ours on top")
    func unrelated() async throws {
        try await Peer.git(["clone", "--quiet", remote, clone], in: scratch.path)
        try writeAtomically(Array("Hello\n".utf8), to: "\(clone)/README.md")
        try await Peer.git(["add", "README.md"], in: clone)
        try await Peer.git(["commit", "--quiet", "-m", "Begin"], in: clone)
        try await Peer.git(["push", "--quiet", "origin", "HEAD:main"], in: clone)
        let repository = try await repository(scratch, tiles(0..<3))
        try await share(repository)
        #expect(
            try await Peer.git(["log", "--reverse", "--format=%s", "main"], in: remote)
                == "Begin\nSet up the dataset\nAdd p\n"
        )
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
        #expect(try fileInfo("\(path)/README.md") != nil)
    }

    @Test("what both changed is a person's to resolve: nothing is lost here or there, and it goes on after that")
    func conflict() async throws {
        let repository = try await repository(scratch, tiles(0..<3))
        try await share(repository)
        let pointer = String(decoding: try readFile("\(path)/p.dvc"), as: UTF8.self)
        try await others([("p.dvc", pointer + "meta:\n  mine: yes\n")])
        let ours = try await change(repository, tiles(0..<4), "Ours")
        let error = await #expect(throws: DVCError.self) { try await share(repository) }
        #expect(error?.code == .diverged && error?.message.contains("p.dvc") == true)
        #expect(try await repository.head() == ours)
        #expect(try await Peer.git(["log", "-1", "--format=%s", "main"], in: remote) == "Mine\n")
        #expect(try await Peer.git(["status", "--porcelain"], in: path).isEmpty)
        try await others([("p.dvc", pointer)], message: "Take it back")
        try await share(repository)
        #expect(try await Peer.git(["log", "-3", "--format=%s", "main"], in: remote) == "Ours\nTake it back\nMine\n")
    }

    @Test("a person's own commits and uncommitted changes here are left alone, with the reason")
    func ofAPerson() async throws {
        let repository = try await repository(scratch, tiles(0..<3))
        try await share(repository)
        try await others([("notes.md", "theirs\n")])
        try writeAtomically(Array("mine\n".utf8), to: "\(path)/notes.md")
        _ = try await change(repository, tiles(0..<4), "Ours")
        let local = await #expect(throws: DVCError.self) { try await share(repository) }
        #expect(local?.code == .localChanges)
        #expect(try String(decoding: readFile("\(path)/notes.md"), as: UTF8.self) == "mine\n")
        try removeFile("\(path)/notes.md")
        try writeAtomically(Array("print()\n".utf8), to: "\(path)/train.py")
        try await Peer.git(["add", "train.py"], in: path)
        try await Peer.git(["commit", "--quiet", "-m", "Code", "--", "train.py"], in: path)
        let code = await #expect(throws: DVCError.self) { try await share(repository) }
        #expect(code?.code == .diverged && code?.message.contains("train.py") == true)
        try await Peer.git(["pull", "--quiet", "--rebase", remote, "main"], in: path)
        try await share(repository)
        #expect(try await Peer.git(["log", "-3", "--format=%s", "main"], in: remote) == "Code\nOurs\nMine\n")
    }

    @Test("killed after the branch has moved, the work tree follows at the next start; a person's change since stays")
    func killed() async throws {
        let repository = try await repository(scratch, tiles(0..<3))
        try await share(repository)
        try await others([("a.md", "new\n"), ("b.md", "new\n")])
        let before = try await repository.head()
        try await share(repository)
        _ = try await repository.rebase(onto: "main", of: remote)
        // As it was before index and work tree were brought to the new branch.
        try await Peer.git(["read-tree", before], in: path)
        try removeFile("\(path)/a.md")
        try writeAtomically(Array("changed\n".utf8), to: "\(path)/b.md")
        try await Peer.git(["update-ref", "refs/swathlog/before-rebase", before], in: path)
        _ = try await DatasetRepository.open(at: path)
        #expect(try await Peer.git(["status", "--porcelain"], in: path) == " M b.md\n")
        #expect(try String(decoding: readFile("\(path)/b.md"), as: UTF8.self) == "changed\n")
        #expect(try await Peer.git(["for-each-ref", "refs/swathlog/before-rebase"], in: path).isEmpty)
    }

    @Test("a remote that refuses or is not there says so, and nothing is forced")
    func refused() async throws {
        let repository = try await repository(scratch, tiles(0..<3))
        let hook = "\(remote)/hooks/pre-receive"
        try writeNew(
            Array("#!/bin/sh\necho 'no pushes on Fridays' >&2\nexit 1\n".utf8),
            to: hook,
            mode: 0o755,
            synchronized: false
        )
        let refused = await #expect(throws: DVCError.self) { try await share(repository) }
        #expect(refused?.code == .pushRefused && refused?.message.contains("no pushes on Fridays") == true)
        let away = await #expect(throws: DVCError.self) {
            try await repository.push(repository.head(), to: scratch("away.git"), branch: "main")
        }
        #expect(away?.code == .remoteUnreachable && away?.message.contains("`git push`") == true)
    }

    @Test("a tag is made once, and one on another commit stays")
    func tags() async throws {
        let repository = try await repository(scratch, tiles(0..<3))
        let first = try await repository.head()
        for _ in 0..<2 { #expect(try await repository.tag("p/v1", commit: first, message: "One")) }
        try await repository.push(tag: "p/v1", to: remote)
        let second = try await change(repository, tiles(0..<4), "Two")
        let taken = await #expect(throws: DVCError.self) {
            _ = try await repository.tag("p/v1", commit: second, message: "Two")
        }
        #expect(taken?.code == .tagTaken)
        try await Peer.git(["tag", "--delete", "p/v1"], in: path)
        #expect(try await repository.tag("p/v1", commit: second, message: "Two"))
        let there = await #expect(throws: DVCError.self) { try await repository.push(tag: "p/v1", to: remote) }
        #expect(there?.code == .tagTaken)
        #expect(try await Peer.git(["rev-parse", "p/v1^{commit}"], in: remote) == first + "\n")
    }

    @Test("a file where others pushed a directory stays, before the branch moves and after", arguments: [false, true])
    func aFileInTheWay(isKilled: Bool) async throws {
        let repository = try await repository(scratch, tiles(0..<3))
        try await share(repository)
        let before = try await repository.head()
        try await Peer.git(["clone", "--quiet", remote, clone], in: scratch.path)
        try createDirectories("\(clone)/notes/more")
        try await others([("notes/x", "theirs\n"), ("notes/more/y", "theirs\n"), ("z", "theirs\n")])
        if isKilled {
            // As it is when the branch has moved and nothing else.
            _ = try await repository.rebase(onto: "main", of: remote)
            try await Peer.git(["read-tree", before], in: path)
            try await Peer.git(["update-ref", "refs/swathlog/before-rebase", before], in: path)
            for name in ["notes", "z"] { try removeTree("\(path)/\(name)") }
        }
        try writeAtomically(Array("mine\n".utf8), to: "\(path)/notes")
        if isKilled {
            _ = try await DatasetRepository.open(at: path)
            #expect(try await Peer.git(["for-each-ref", "refs/swathlog/before-rebase"], in: path).isEmpty)
        } else {
            let error = await #expect(throws: DVCError.self) { try await repository.rebase(onto: "main", of: remote) }
            #expect(error?.code == .localChanges && error?.message.contains("notes") == true)
            #expect(try await repository.head() == before)
        }
        #expect(try String(decoding: readFile("\(path)/notes"), as: UTF8.self) == "mine\n")
        #expect(try (fileInfo("\(path)/z") != nil) == isKilled)
    }

    @Test("while another branch is checked out nothing is committed and nothing moves")
    func anotherBranch() async throws {
        let repository = try await repository(scratch, tiles(0..<3))
        try await share(repository)
        try await others([("README.md", "Read\n")])
        #expect(try await repository.branch(sharedAs: "main") == "main")
        #expect(try await repository.branch(sharedAs: "elsewhere") == "main")
        try await Peer.git(["switch", "--quiet", "--create", "my-wip"], in: path)
        #expect(try await repository.branch(sharedAs: "main") == "main")
        let before = try await Peer.git(["for-each-ref", "refs/heads"], in: path)
        try store(tiles(0..<4), in: repository.cache)
        let attempts: [() async throws -> Void] = [
            { try await repository.require(branch: "main") },
            { _ = try await repository.rebase(onto: "main", of: remote, on: "main") },
            {
                let files = try manifest(tiles(0..<4))
                _ = try await repository.publish(partition: "p", manifest: files, message: "Add", branch: "main")
            },
        ]
        for attempt in attempts {
            let error = await #expect(throws: DVCError.self) { try await attempt() }
            #expect(error?.code == .otherBranch && error?.message.contains("my-wip") == true)
        }
        #expect(try await Peer.git(["for-each-ref", "refs/heads"], in: path) == before)
        #expect(same(try read(below: "\(path)/p"), tiles(0..<3)))
    }

    @Test("a tag's name that git refuses is escaped, and two never become one")
    func tagNames() async throws {
        let repository = try await repository(scratch, tiles(0..<1))
        let texts = [
            "site..a/1", "site.a/1", "a./1", "a.lock/1", "a.lockx/1", "v 1", ".a", "a/.b", "a.", "//a", "a@{1}", "-a",
            "a~^:?*[b",
        ]
        var names: Set<String> = []
        for text in texts {
            let name = try #require(try await repository.tagName(for: text), "\(text)")
            #expect(names.insert(name).inserted)
            let isFine = try await repository.isTagName(text)
            #expect((name == text) == isFine, "\(text)")
            #expect(try await repository.tag(name, commit: repository.head(), message: "One"))
        }
        #expect(names.contains("site.%2Ea/1") && names.contains("site.a/1"))
        #expect(try await repository.tag("site..a/1", commit: repository.head(), message: "One") == false)
    }
}
