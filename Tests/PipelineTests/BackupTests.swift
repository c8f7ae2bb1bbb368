import Foundation
import TestSupport
import Testing

@Suite("A log that was lost comes back", .timeLimit(.minutes(15)))
struct BackupTests {
    /// Loses the log and what was made of it, as a broken disk would; the dataset is on another one.
    private func loseLog(of station: Station) throws {
        for name in [
            "log.db", "log.db-wal", "log.db-shm", "projections.db", "projections.db-wal", "projections.db-shm",
        ] {
            try? FileManager.default.removeItem(atPath: "\(station.store)/\(name)")
        }
    }

    @Test("a backup of the newest state is restored, and nothing is made again")
    func newest() async throws {
        let station = try Station("newest")
        try await station.draw("a/one.png")
        try await station.ingest()
        let backup = station.scratch.file("backup.db")
        let written = try await station.program().check(["backup", backup, "--json"]).parsed()
        let events = try await station.events()
        #expect(written["events"].int == events.count)
        // One file, that a reader without the right to write beside it can read.
        #expect(!FileManager.default.fileExists(atPath: backup + "-wal"))
        try loseLog(of: station)
        let restored = try await station.program().check(["restore", backup, "--json"]).parsed()
        #expect(restored["root"].text == written["root"].text)
        #expect(restored["signatures_checked"] == .bool(true))
        #expect(try await station.events() == events)
        let report = try await station.ingest()
        #expect(report["commits"].list.isEmpty && report["derivations"].int == 0)
        #expect(try await station.events("LogRestored").isEmpty)
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("a backup that is older than the world: what git has beyond it is recorded, and not repeated")
    func older() async throws {
        let station = try Station("older")
        try await station.fly("north")
        let receiver = try await Receiver.start(in: station.scratch)
        let options = ["--dvc-remote", station.scratch.file("remote"), "--webhook-url", receiver.url]
        func ingest() async throws -> JSON {
            try await station.program().check(["ingest", station.source, "--json"] + options).parsed()
        }
        _ = try await ingest()
        let backup = station.scratch.file("backup.db")
        try await station.program().check(["backup", backup])
        try await station.fly("south", images: 1, seed: 2)
        try await station.draw("north/more.png")
        #expect(try await ingest()["commits"].list.count == 2)
        let history = try await station.git("log", "--format=%H")
        let versions = try await station.events("DatasetCommitted").map { $0["payload"]["commit_id"].text }
        #expect(versions.count == 3)

        try loseLog(of: station)
        try await station.program().check(["restore", backup])
        let report = try await ingest()
        #expect(report["objects_observed"].int == 2)
        #expect(try await station.git("log", "--format=%H") == history, "no commit is made again")
        let restored = try #require(try await station.events("LogRestored").first)
        let forgotten = restored["payload"]["commits"].list
        #expect(Set(forgotten.map { $0["partition"].text }) == ["north", "south"])
        let receipts = try await station.events("DatasetCommitted").map { $0["payload"]["git_commit"].text }
        #expect(Set(receipts).count == 3 && receipts.allSatisfy { history.contains($0) })
        let told = try await station.events("DatasetCommitted").map { $0["payload"]["commit_id"].text }
        #expect(Set(told) == Set(versions), "a receiver sees by the version's id that it was told of it")
        #expect(try await station.dvc("status").text.contains("up to date"))

        // Another start tells it no second time.
        _ = try await ingest()
        #expect(try await station.events("LogRestored").count == 1)

        // What was taken over once is not taken over again: the same content later is a version of its own.
        for turn in ["-flip", "+repage"] {
            try await station.draw("north/more.png", turn)
            #expect(try await ingest()["commits"].list.count == 1)
        }
        let later = try await station.git("log", "--format=%H")
        #expect(
            later.hasSuffix(history) && later.split(separator: "\n").count == history.split(separator: "\n").count + 2
        )
        #expect(try await Set(station.events("DatasetCommitted").map { $0["payload"]["commit_id"].text }).count == 5)

        // Only somebody who knows of the restore can tell it from a log whose end was cut off.
        let audit = try await station.run("audit", "verify", "--json")
        #expect(audit.status == 1)
        let position = try #require(restored["position"].int)
        #expect(try audit.parsed()["restores"].list.map(\.int) == [position])
        let accepted = try await station.run("audit", "verify", "--accept-restore", String(position), "--json")
        #expect(accepted.status == 0, "\(accepted.allText)")
        #expect(try accepted.parsed()["forgotten"].int == 2)
        #expect(try await station.run("audit", "verify", "--accept-restore", "1").status == 1)
        try await receiver.stop()
    }

    /// A store whose log was restored from a backup before the newest of its two versions; returns the LogRestored's position.
    private func restored(_ station: Station) async throws -> Int {
        try await station.draw("a/one.png")
        try await station.ingest()
        let backup = station.scratch.file("backup.db")
        try await station.program().check(["backup", backup])
        try await station.draw("a/two.png", "-negate")
        try await station.ingest()
        try loseLog(of: station)
        try await station.program().check(["restore", backup])
        try await station.ingest()
        return try #require(try await station.events("LogRestored").first?["position"].int)
    }

    private func verifyLog(_ station: Station) async throws -> Outcome {
        try await Tool("\(Checkout.root)/tools/verify-log").run(["\(station.store)/log.db", station.dataset])
    }

    @Test("a restore that somebody accepts for good is no damage to any audit after that, and is told by each")
    func accepted() async throws {
        let station = try Station("accepted")
        let position = try await restored(station)
        #expect(try await station.run("audit", "verify", "--accept-restore", String(position)).status == 0)
        #expect(try await station.run("audit", "verify").status == 1, "without --record it is for that one audit")
        #expect(try await verifyLog(station).status == 1)

        let options = ["audit", "verify", "--record", "--accept-restore", String(position)]
        for _ in 0..<2 { try await station.program().check(options) }
        let acceptances = try await station.events("RestoreAccepted")
        #expect(acceptances.count == 1, "what is accepted is not accepted again")
        #expect(acceptances[0]["payload"]["restored"].int == position)
        #expect(acceptances[0]["payload"]["by"].text.contains("@"))

        let later = try await station.run("audit", "verify", "--json")
        #expect(later.status == 0, "\(later.allText)")
        let json = try later.parsed()
        #expect(json["forgotten"].int == 1)
        #expect(json["accepted_restores"].list.map { $0["restored"].int } == [position])
        #expect(try await station.run("audit", "verify", "--since-anchor").status == 0)
        let words = try await station.program().check(["audit", "verify"]).text
        let by = acceptances[0]["payload"]["by"].text
        #expect(words.contains("the restore at position \(position), by \(by)"), "\(words)")
        let other = try await verifyLog(station)
        #expect(other.status == 0 && other.text.contains("1 commits are of what a restored log has forgotten"))

        // The agent's own audit as well.
        let audits = try await station.events("AuditCompleted").count
        let variables = ["SWATHLOG_AUDIT_INTERVAL": "1"]
        let arguments = ["run", "--source", try station.scratch.directory("empty")]
        try await station.program(variables).whileRunning(arguments) { agent in
            try await eventually("an audit") { try await station.events("AuditCompleted").count > audits }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        let newest = try #require(try await station.events("AuditCompleted").last)["payload"]
        #expect(newest["damages"].int == 0 && newest["forgotten"].int == 1, "\(newest)")
    }

    @Test("an accepted restore hides nothing else", arguments: ["payload", "rewritten", "unknown"])
    func acceptedHidesNothing(kind: String) async throws {
        let station = try Station("accepted-\(kind)")
        let position = try await restored(station)
        try await station.program().check(["audit", "verify", "--record", "--accept-restore", String(position)])
        switch kind {
        case "payload": try await python("tamper", "\(station.store)/log.db", "payload")
        case "rewritten":
            // The forgotten commit itself, with a head of another log.
            let forgotten = try #require(try await station.events("LogRestored").first)["payload"]["commits"][0]
            let message = try await station.git("log", "-1", "--format=%B", forgotten["git_commit"].text)
            let head = try #require(message.split(separator: "\n").first { $0.hasPrefix("Swathlog-Log-Head: ") })
            let forged = message.replacing(head, with: "Swathlog-Log-Head: 3 " + String(repeating: "0", count: 64))
            let author = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
            try await Tool("git", in: station.dataset).check(author + ["commit", "--allow-empty", "-q", "-m", forged])
        default:
            // A version that no restore tells of, made of another one's message.
            let message = try await station.git("log", "-1", "--format=%B")
            let id = try #require(message.split(separator: "\n").first { $0.hasPrefix("Swathlog-Commit: ") })
            let forged = message.replacing(id, with: "Swathlog-Commit: 018f0000-0000-7000-8000-000000000001")
            let author = ["-c", "user.name=x", "-c", "user.email=x@localhost"]
            try await Tool("git", in: station.dataset).check(author + ["commit", "--allow-empty", "-q", "-m", forged])
        }
        let outcome = try await station.run("audit", "verify", "--json")
        #expect(outcome.status == 1, "\(outcome.allText)")
        let report = try outcome.parsed()
        #expect(report["accepted_restores"].list.count == 1 && report["restores"].list.isEmpty, "\(report)")
        #expect(try await verifyLog(station).status == 1)
    }

    @Test("a backup that does not hold is not restored")
    func damaged() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let backup = station.scratch.file("backup.db")
        try await station.program().check(["backup", backup])
        try await python("tamper", backup, "payload")
        try loseLog(of: station)
        let outcome = try await station.run("restore", backup)
        #expect(outcome.status == 1 && outcome.text.contains("position 9"), "\(outcome.allText)")
        #expect(!FileManager.default.fileExists(atPath: "\(station.store)/log.db"))
    }

    @Test("neither takes the place of what it should not")
    func keepsWhatIsThere() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let backup = station.scratch.file("backup.db")
        try await station.program().check(["backup", backup])
        let refused = try await station.run("restore", backup)
        #expect(refused.status != 0 && refused.allText.contains("move it away"))
        let text = station.scratch.file("notes.txt")
        try "mine".write(toFile: text, atomically: false, encoding: .utf8)
        #expect(try await station.run("backup", text).status != 0)
        #expect(try String(contentsOfFile: text, encoding: .utf8) == "mine")
        // Yesterday's backup is replaced.
        try await station.program().check(["backup", backup])
    }

    @Test("backups that are taken while the agent writes are whole, each a beginning of the log")
    func besideTheAgent() async throws {
        let station = try Station("writing")
        for number in 0..<12 { try await station.draw("a/\(number).png", "-rotate", "\(number)") }
        let agent = try station.program().start([
            "run", "--source", station.source, "--commit-interval", "1", "--tile-size", "64", "--tile-overlap", "8",
        ])
        try await eventually("the log exists") {
            try await station.run("log", "--limit", "1").status == 0 || !agent.isRunning
        }
        for number in 0..<4 {
            let backup = station.scratch.file("\(number).db")
            try await station.program().check(["backup", backup])
            let verified = try await Tool("\(Checkout.root)/tools/verify-log").run([backup])
            #expect(verified.status == 0, "\(verified.allText)")
        }
        agent.signal(SIGTERM)
        #expect(try await agent.outcome().status == 0)
    }

    @Test("no log of a store is replaced, by whatever name it goes")
    func keepsLogs() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let other = try await Station(copyOf: SharedStation.get())
        let manager = FileManager.default
        let (link, hardLink) = (station.scratch.file("link.db"), station.scratch.file("same.db"))
        try manager.createSymbolicLink(atPath: link, withDestinationPath: "\(station.store)/log.db")
        try manager.linkItem(atPath: "\(station.store)/log.db", toPath: hardLink)
        // A database that somebody has open.
        let open = station.scratch.file("open.db")
        try manager.copyItem(atPath: "\(station.store)/log.db", toPath: open)
        #expect(manager.createFile(atPath: "\(open)-wal", contents: nil))
        let logs = ["\(station.store)/log.db", link, hardLink, "\(other.store)/log.db", open]
        func inodes() throws -> [Int] {
            try logs.map { try manager.attributesOfItem(atPath: $0)[.systemFileNumber] as? Int ?? 0 }
        }
        let before = try inodes()
        for log in logs {
            let refused = try await station.run("backup", log)
            #expect(refused.status == 70 && refused.errorText.contains("is the log of a store"), "\(refused.allText)")
        }
        #expect(try inodes() == before)
    }

    @Test(
        "what is wrong with a backup is said of the backup",
        arguments: [
            ("nothing", "there is no backup"), ("text", "damaged or cut short"), ("empty", "is no backup"),
            ("cut", "damaged or cut short"), ("other", "is no backup"),
        ]
    )
    func badBackup(kind: String, words: String) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let backup = station.scratch.file("backup.db")
        try await station.program().check(["backup", backup])
        try loseLog(of: station)
        let bytes = try Data(contentsOf: URL(filePath: backup))
        try FileManager.default.removeItem(atPath: backup)
        switch kind {
        case "text": try Data(repeating: 0x20, count: 9_000).write(to: URL(filePath: backup))
        case "empty": try Data().write(to: URL(filePath: backup))
        case "cut": try bytes.prefix(bytes.count / 2).write(to: URL(filePath: backup))
        case "other":
            let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE notes (a)')"
            try await Tool(Checkout.peer("python")).check(["-c", script, backup])
        default: break
        }
        let outcome = try await station.run("restore", backup)
        #expect(outcome.status == 1 && outcome.errorText.contains(words), "\(outcome.allText)")
        #expect(!FileManager.default.fileExists(atPath: "\(station.store)/log.db"))
    }

    @Test("a log that is damaged or empty is said with what to do")
    func damagedLog() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let log = "\(station.store)/log.db"
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: log + suffix) }
        try Data(repeating: 0x20, count: 9_000).write(to: URL(filePath: log))
        let damaged = try await station.run("status")
        #expect(damaged.status == 70 && damaged.errorText.contains("move it away"), "\(damaged.allText)")
        #expect(damaged.errorText.contains("swathlog restore"))
        try Data().write(to: URL(filePath: log))
        let empty = try await station.run("status")
        #expect(empty.status == 70 && empty.errorText.contains("is empty"), "\(empty.allText)")
        #expect(empty.errorText.contains("swathlog restore"))
    }
}
