import Foundation
import TestSupport
import Testing

@Suite("Nobody changes the record in silence", .timeLimit(.minutes(15)))
struct AuditTests {
    @Test("a store that nobody touched is clean, and an independent verifier agrees")
    func clean() async throws {
        let station = try await SharedStation.get()
        let report = try await station.run("audit", "verify", "--json")
        #expect(report.status == 0, "\(report.allText)")
        let json = try report.parsed()
        let events = try await station.events().count
        #expect(json["events"].int == events)
        #expect(json["anchors"].int == 2)
        #expect(json["dataset_versions"].int == 2)
        let anchored = try #require(json["anchored_through"].int)
        #expect(anchored > 0 && anchored + (json["unanchored"].int ?? 0) == events)
        #expect((json["files_checked"].int ?? 0) > 10)
        let other = try await Tool("\(Checkout.root)/tools/verify-log").run([
            "\(station.store)/log.db", station.dataset,
        ])
        #expect(other.status == 0, "\(other.allText)")
    }

    @Test(
        "an edited log is damage, with the place named",
        arguments: [
            ("payload", "position 9"), ("time", "position 5"), ("actor", "position 4"), ("delete", "position 7"),
            ("swap", "position 9"), ("leaf", "position 3"), ("tail", "git commit"), ("insert", "position 9"),
            ("renumber", "position 7"), ("tail", "checkpoint of"), ("cut-checkpoints", "git commit"),
        ]
    )
    func editedLog(kind: String, place: String) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let changes = try await python("tamper", "\(station.store)/log.db", kind).text
        #expect((Int(changes.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 0)
        let outcome = try await station.run("audit", "verify", "--json")
        #expect(outcome.status == 1, "\(outcome.allText)")
        let damage = try outcome.parsed()["damage"].list
        #expect(damage.contains { $0["place"].text.hasPrefix(place) }, "\(outcome.text)")
        if kind != "leaf" {
            let other = try await Tool("\(Checkout.root)/tools/verify-log").run([
                "\(station.store)/log.db", station.dataset,
            ])
            #expect(other.status == 1, "\(other.allText)")
        }
    }

    @Test("an auditor who is not the owner is told how to let git read the dataset, and can")
    func otherOwner() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        try await Tool("chown").check(["-R", "65534:65534", station.dataset])
        let home = try station.scratch.directory("home")
        let refused = try await station.run("audit", "verify", "--json", variables: ["HOME": home])
        #expect(refused.status == 70)
        #expect(try refused.parsed()["error"].text == "git-unsafe-directory")
        let advice = try refused.parsed()["message"].text
        let command = try #require(advice.split(separator: "`").first { $0.hasPrefix("git config") })
        var shell = try Tool("bash", in: station.scratch.path)
        shell.environment["HOME"] = home
        try await shell.check(["-c", String(command)])
        #expect(try await station.run("audit", "verify", variables: ["HOME": home]).status == 0)
    }

    @Test("an event that was forged with its leaf no longer fits what git anchors")
    func forgedEvent() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let changes = try await python("tamper", "\(station.store)/log.db", "forge").text
        #expect(changes.hasPrefix("2"))
        let outcome = try await station.run("audit", "verify", "--json")
        #expect(outcome.status == 1, "\(outcome.allText)")
        let damage = try outcome.parsed()["damage"].list
        #expect(Set(damage.map { $0["kind"].text }) == ["anchor", "checkpoint"], "\(outcome.text)")
        for commit in try await station.events("DatasetCommitted").map({ $0["payload"]["git_commit"].text }) {
            #expect(damage.contains { $0["place"].text.contains(commit) }, "\(outcome.text)")
        }
        let other = try await Tool("\(Checkout.root)/tools/verify-log").run([
            "\(station.store)/log.db", station.dataset,
        ])
        #expect(other.status == 1, "\(other.allText)")
    }

    @Test("a commit whose trailer names no head of a log is told, and ends neither audit")
    func unreadableHead() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let identity = ["-c", "user.name=Ines", "-c", "user.email=ines@example.org"]
        let message = "Say something\n\nSwathlog-Log-Head: something"
        try await Tool("git", in: station.dataset).check(identity + ["commit", "-q", "--allow-empty", "-m", message])
        let commit = try await station.git("rev-parse", "HEAD").trimmingCharacters(in: .newlines)
        let own = try await station.run("audit", "verify")
        #expect(own.status == 1 && own.text.contains(commit), "\(own.allText)")
        let other = try await Tool("\(Checkout.root)/tools/verify-log").run([
            "\(station.store)/log.db", station.dataset,
        ])
        #expect(other.status == 1, "\(other.allText)")
        #expect(other.text.contains("commit \(commit): its Swathlog-Log-Head can't be read"), "\(other.allText)")
    }

    @Test("a stored node of the tree that was changed is damage")
    func treeNode() async throws {
        let station = try Station("node")
        // Nodes are stored for every 256 events.
        try await station.draw("a/one.png", size: "500x300")
        try await station.ingest("--tile-size", "32", "--tile-overlap", "8")
        #expect(try await station.events().count > 256)
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await python("tamper", "\(station.store)/log.db", "node").text.hasPrefix("1"))
        let outcome = try await station.run("audit", "verify")
        #expect(outcome.status == 1, "\(outcome.allText)")
        #expect(outcome.text.contains("the stored tree node over events 1 to 256"), "\(outcome.text)")
    }

    @Test(
        "a changed file is damage, and is named",
        arguments: ["dataset/north/DJI_0001.JPG/0000_0000.png", "originals", "manifest"]
    )
    func changedFile(which: String) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let path: String
        switch which {
        case "originals":
            path = "\(station.store)/originals/" + (try files(below: "\(station.store)/originals")[0])
        case "manifest":
            let manifest = try #require(try await station.manifests()["north"])
            path = "\(station.dataset)/.dvc/cache/files/md5/\(manifest.prefix(2))/\(manifest.dropFirst(2))"
        default:
            path = "\(station.store)/\(which)"
        }
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[bytes.count / 2] ^= 1
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: bytes)
        try file.close()
        let outcome = try await station.run("audit", "verify")
        #expect(outcome.status == 1, "\(outcome.allText)")
        // A tile of the tree is its object of the cache under a second name, and is named by either.
        let object = which.hasPrefix("dataset/") ? try station.tiles(of: "north/DJI_0001.JPG")[0]["md5"].text : ""
        let names = [URL(filePath: path).lastPathComponent, String(object.dropFirst(2))].filter { !$0.isEmpty }
        #expect(names.contains { outcome.text.contains($0) }, "\(outcome.text)")
    }

    @Test("a rewritten git history is damage")
    func rewrittenHistory() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let last = try await station.git("rev-parse", "HEAD")
        try await station.git("reset", "--hard", "--quiet", "HEAD~1")
        let cut = try await station.run("audit", "verify")
        #expect(cut.status == 1)
        #expect(cut.text.contains(last))
        try await station.git("reset", "--hard", "--quiet", last)
        let message = try await station.git("log", "-1", "--format=%B")
        let root = try #require(message.split(separator: "\n").last { $0.hasPrefix("Swathlog-Log-Head") })
        let forged = message.replacing(root, with: "Swathlog-Log-Head: 3 " + String(repeating: "0", count: 64))
        try await station.git(
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@localhost",
            "commit",
            "--amend",
            "--quiet",
            "-m",
            forged
        )
        let amended = try await station.run("audit", "verify")
        #expect(amended.status == 1)
        #expect(amended.text.contains("the first 3 events are not those that it anchors"), "\(amended.text)")
    }

    @Test("an old revision may be checked out, detached or as a branch, and what is truly lost is told all the same")
    func oldRevision() async throws {
        let station = try Station("old-revision")
        try await station.draw("a/one.png")
        try await station.ingest()
        try await station.draw("a/one.png", "-negate")
        try await station.ingest()
        try await station.draw("a/one.png", "-flip")
        try await station.ingest()
        let last = try await station.git("rev-parse", "HEAD")
        func audit() async throws -> JSON { try await station.run("audit", "verify", "--json").parsed() }
        for command in [["checkout", "--quiet", "HEAD~2"], ["switch", "--quiet", "--create", "mine"]] {
            try await Tool("git", in: station.dataset).check(command)
            // The tree is still the newest version's, then the old one's.
            #expect(try await audit()["clean"] == .bool(true))
            try await station.dvc("checkout")
            let old = try await audit()
            #expect(old["clean"] == .bool(true) && old["dataset_versions"].int == 3, "\(old)")
        }
        try await station.git("switch", "--quiet", "main")
        try await station.dvc("checkout")
        // A branch that never had the log's key.
        try await station.git("switch", "--quiet", "--orphan", "empty")
        #expect(try await audit()["clean"] == .bool(true))
        // Only a reflog has it.
        try await station.git("branch", "--quiet", "--force", "main", "main~1")
        let lost = try await audit()
        #expect(lost["damage"].list.contains { $0["message"].text.contains(last) }, "\(lost)")
        try await station.git("tag", "kept", last)
        #expect(try await audit()["clean"] == .bool(true), "a tag holds it")
    }

    @Test("a file of the tree that is of no checked-out version is damage, whatever is checked out")
    func changedFileOfOldRevision() async throws {
        let station = try Station("old-file")
        try await station.draw("a/one.png")
        try await station.ingest()
        try await station.draw("a/one.png", "-negate")
        try await station.ingest()
        try await station.git("checkout", "--quiet", "HEAD~1")
        let tile = "\(station.dataset)/a/one.png/0000_0000.png"
        try FileManager.default.removeItem(atPath: tile)
        try "another".write(toFile: tile, atomically: false, encoding: .utf8)
        #expect(try await station.run("audit", "verify").status == 1)
    }

    @Test("a store that joins a dataset of another one's answers for its own versions alone")
    func ofTwoLogs() async throws {
        let (one, two) = (try Station("log-one"), try Station("log-two"))
        try await one.draw("north/1.png")
        try await one.draw("north/2.png", "-flip")
        try await one.ingest()
        let clone = two.scratch.file("clone")
        try await one.git("clone", "--quiet", one.dataset, clone, in: one.scratch.path)
        let joins = ["SWATHLOG_DATASET_REPO": clone]
        func verify(_ store: Station) async throws -> JSON {
            try await store.run("audit", "verify", "--json").parsed()
        }
        func verifyLog() async throws -> Outcome {
            try await Tool("\(Checkout.root)/tools/verify-log").run(["\(two.store)/log.db", clone])
        }
        // Before the second store has a version of its own, and after.
        for images in 0...1 {
            if images > 0 { try await two.draw("south/1.png") }
            try await two.ingest(variables: joins)
            #expect(try await two.events("LogRestored").isEmpty)
            let report = try await verify(two)
            #expect(report["clean"] == .bool(true), "\(report)")
            #expect(report["of_other_logs"].int == 1 && report["dataset_versions"].int == images)
            #expect(report["anchors"].int == images)
            let other = try await verifyLog()
            #expect(other.status == 0 && other.text.contains("1 commits are of other logs"), "\(other.allText)")
        }
        let words = try await two.program().check(["audit", "verify"]).text
        let name = try await one.program().check(["audit", "key"]).text.prefix { $0 != "+" }
        #expect(words.contains("1 git commit, not checked here: signed by \(name)"), "\(words)")

        // The first goes on, and gets what the second has made: neither answers for the other.
        try await one.draw("north/3.png", "-negate")
        try await one.ingest()
        try await one.git("fetch", "--quiet", clone, "main:theirs")
        let first = try await verify(one)
        #expect(first["clean"] == .bool(true) && first["of_other_logs"].int == 1, "\(first)")
        let merger = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
        try await Tool("git", in: clone).check(
            merger + ["pull", "--quiet", "--no-rebase", "--no-edit", one.dataset, "main"]
        )
        try await two.ingest(variables: joins)
        #expect(try await two.events("LogRestored").isEmpty)
        #expect(try await verify(two)["of_other_logs"].int == 2)

        // What is the store's own is damage as ever: a lost end, and a log that another key has signed anew.
        try await python("tamper", "\(two.store)/log.db", "cut-checkpoints")
        let cut = try await verify(two)
        #expect(cut["damage"].list.contains { $0["kind"].text == "anchor" }, "\(cut)")
        #expect(try await verifyLog().status == 1)
    }

    @Test("a log that was written anew with a key of one's own does not fit the key that an auditor has kept")
    func otherKey() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let key = try await station.program().check(["audit", "key"]).text.trimmingCharacters(in: .newlines)
        for name in ["log.db", "log.db-wal", "log.db-shm", "projections.db", "keys/log.key"] {
            try? FileManager.default.removeItem(atPath: "\(station.store)/\(name)")
        }
        try await station.ingest()
        let own = try await station.run("audit", "verify", "--json").parsed()
        #expect((own["of_other_logs"].int ?? 0) > 0, "it tells of the versions of the log that was there")
        let kept = try await station.run("audit", "verify", "--key", key, "--json")
        #expect(kept.status == 1, "\(kept.allText)")
        #expect(try kept.parsed()["damage"].list.contains { $0["kind"].text == "anchor" }, "\(kept.text)")
    }

    @Test("a page of the log that was overwritten is damage, with the first event named that it hides")
    func damagedPage() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let events = try await station.events().count
        let pages = Int(try await python("tamper", "\(station.store)/log.db", "page").text.prefix { $0.isNumber }) ?? 0
        try #require(pages > 2)
        let outcome = try await station.run("audit", "verify", "--json")
        #expect(outcome.status == 1, "\(outcome.allText)")
        let damage = try outcome.parsed()["damage"].list.first { $0["message"].text.contains("can't be read") }
        let position = Int(try #require(damage)["place"].text.dropFirst("position ".count)) ?? 0
        #expect(position > 1 && position < events, "\(outcome.text)")
    }

    @Test("what the views say is not trusted: a damaged tile that they do not know any more is found")
    func doctoredViews() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let md5 = try station.tiles(of: "north/DJI_0001.JPG")[0]["md5"].text
        let path = "\(station.dataset)/.dvc/cache/files/md5/\(md5.prefix(2))/\(md5.dropFirst(2))"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: Data([1, 2, 3]))
        try file.close()
        let script = """
            import sqlite3, sys
            views = sqlite3.connect(sys.argv[1], isolation_level=None)
            for table in ("entries", "tiles", "commits"): views.execute(f"DELETE FROM {table}")
            """
        try await Tool(Checkout.peer("python")).check(["-c", script, "\(station.store)/projections.db"])
        let outcome = try await station.run("audit", "verify")
        #expect(outcome.status == 1, "\(outcome.allText)")
        #expect(outcome.text.contains(String(md5.dropFirst(2))), "\(outcome.text)")
    }

    @Test(
        "each trailer of a dataset version is compared with the log",
        arguments: [
            "Swathlog-Recipe", "Swathlog-Positions", "Swathlog-Log-Head", "Swathlog-Commit", "Swathlog-Log-Signature",
        ],
        [true, false]
    )
    func trailers(name: String, isRemoved: Bool) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let message = try await station.git("log", "-1", "--format=%B")
        let line = try #require(message.split(separator: "\n").last { $0.hasPrefix(name) })
        let digit = line.last == "0" ? "1" : "0"
        let forged = message.replacing(isRemoved ? line + "\n" : line, with: isRemoved ? "" : line.dropLast() + digit)
        try #require(forged != message || line == message.split(separator: "\n").last)
        let text = forged == message ? String(message.dropLast(line.count)) : forged
        try await station.git(
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@localhost",
            "commit",
            "--amend",
            "--quiet",
            "-m",
            text
        )
        let outcome = try await station.run("audit", "verify")
        #expect(outcome.status == 1)
        let changed =
            switch name {
            case "Swathlog-Log-Head": "are not those that it anchors"
            case "Swathlog-Commit": "the log knows no dataset version"
            case "Swathlog-Log-Signature": "the signature of its log head is not one of the log's key"
            default: "says \(name): "
            }
        let missing =
            name == "Swathlog-Log-Signature" ? "its log head is not signed" : "its trailer \(name) is missing"
        let says = isRemoved ? missing : changed
        #expect(outcome.text.contains(says), "\(outcome.text)")
    }

    @Test("a receipt that names another head of the log than its commit is damage, though its leaf was forged too")
    func forgedReceipt() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        try await python("tamper", "\(station.store)/log.db", "forged-receipt")
        let outcome = try await station.run("audit", "verify")
        #expect(outcome.status == 1, "\(outcome.allText)")
        #expect(outcome.text.contains("anchors 3 events"), "\(outcome.text)")
    }

    @Test("a tree that was brought to a version whose receipt is still to come is sound")
    func withoutReceipt() async throws {
        let station = try Station("receipt")
        try await station.draw("a/one.png")
        try await station.draw("a/two.png", "-negate")
        try await station.ingest()
        try await station.draw("a/one.png", "-flip")
        try await station.ingest()
        try await python("tamper", "\(station.store)/log.db", "receipt")
        let outcome = try await station.run("audit", "verify")
        #expect(outcome.status == 0, "\(outcome.allText)")
        let tile = "\(station.dataset)/a/one.png/0000_0000.png"
        try FileManager.default.removeItem(atPath: tile)
        try "another".write(toFile: tile, atomically: false, encoding: .utf8)
        #expect(try await station.run("audit", "verify").status == 1)
    }

    @Test("while the agent replaces what it holds, audit after audit is clean")
    func besideTheAgent() async throws {
        let station = try Station("beside")
        for number in 0..<6 { try await station.draw("a/\(number).png", "-rotate", "\(number)") }
        let agent = try station.program().start(["run", "--source", station.source, "--commit-interval", "1"])
        try await eventually("the first version is committed") {
            try await station.run("log", "--type", "DatasetCommitted").text.contains("DatasetCommitted")
                || !agent.isRunning
        }
        for round in 1...16 {
            for number in 0..<6 { try await station.draw("a/\(number).png", "-rotate", "\(round * 10 + number)") }
            let outcome = try await station.run("audit", "verify")
            #expect(outcome.status == 0, "\(round): \(outcome.allText)")
        }
        agent.signal(SIGTERM)
        #expect(try await agent.outcome().status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("an audit writes nothing, removes nobody's lock file, and waits for nobody's lock")
    func changesNothing() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let index = "\(station.dataset)/.git/index.lock"
        try "".write(toFile: index, atomically: false, encoding: .utf8)
        try "".write(toFile: "\(station.dataset)/.dvc/tmp/lock", atomically: false, encoding: .utf8)
        let script = """
            import fcntl, sys, time
            lock = open(sys.argv[1], "r+")
            fcntl.flock(lock, fcntl.LOCK_EX)
            print("held", flush=True)
            time.sleep(600)
            """
        let holder = try Tool(Checkout.peer("python")).start(["-c", script, "\(station.dataset)/.dvc/tmp/lock"])
        try await eventually("DVC's lock is held") { holder.outputSoFar.contains("held") || !holder.isRunning }
        let before = try listing(station.store)
        let outcome = try await station.run("audit", "verify")
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(try listing(station.store) == before)
        #expect(FileManager.default.fileExists(atPath: index))
        holder.signal(SIGTERM)
        _ = try await holder.outcome()
    }

    /// Every file with its size and time, but for those that SQLite makes to read.
    private func listing(_ directory: String) throws -> [String] {
        try files(below: directory).filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.map { name in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            return "\(name) \(attributes[.size] ?? 0) \(attributes[.modificationDate] ?? "")"
        }
    }
}
