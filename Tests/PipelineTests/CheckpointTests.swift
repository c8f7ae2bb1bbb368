import Foundation
import TestSupport
import Testing

@Suite("Signed heads of the log, and proofs from it", .timeLimit(.minutes(15)))
struct CheckpointTests {
    private func key(of station: Station) async throws -> String {
        try await station.program().check(["audit", "key"]).text.trimmingCharacters(in: .newlines)
    }

    @Test(
        "the key is made with the store, for its owner alone, and its public half is told and stands beside the dataset"
    )
    func key() async throws {
        let station = try Station("key")
        try await station.draw("a/one.png")
        let outcome = try await station.program().check(["ingest", station.source])
        let key = try await key(of: station)
        #expect(outcome.allText.contains(key))
        let path = "\(station.store)/keys/log.key"
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let published = try await station.git("show", "HEAD:log.pub")
        #expect(published.split(separator: "\n").last.map(String.init) == key)
        // PRIVATE+KEY+<name>+<id>+<base64>, and base64 may have a + too.
        let parts = try String(contentsOfFile: path, encoding: .utf8).split(separator: "+", maxSplits: 4)
        let secret = try #require(parts.last.map(String.init))
        #expect(secret.count > 40)
        #expect(!outcome.allText.contains(secret) && !published.contains(secret))
        // The repository stays one that DVC finds nothing wrong with.
        #expect(try await station.dvc("status").text.contains("up to date"))
    }

    @Test("a lost key is followed by another, and what the first one signed stays good")
    func lostKey() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let first = try await key(of: station)
        try FileManager.default.removeItem(atPath: "\(station.store)/keys/log.key")
        #expect(try await station.run("audit", "key").status == 1)
        #expect(try await station.run("audit", "checkpoint").text.hasPrefix(String(first.prefix { $0 != "+" })))
        try await station.draw("east/new.png")
        try await station.ingest()
        let second = try await key(of: station)
        #expect(second != first)
        #expect(try await station.git("show", "HEAD:log.pub").hasSuffix("\(first)\n\(second)"))
        #expect(try await station.run("audit", "verify").status == 0)
        let alone = try await station.run("audit", "verify", "--key", second, "--json")
        #expect(alone.status == 1)
        #expect(try alone.parsed()["damage"].list.contains { $0["kind"].text == "checkpoint" }, "\(alone.text)")
    }

    @Test("a file of keys that somebody has broken stops no agent, and the audit tells of it")
    func brokenKeys() async throws {
        let station = try Station("broken")
        try await station.draw("a/one.png")
        try await station.ingest()
        let file = "\(station.dataset)/log.pub"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try (text + "swathlog/half+0011\n").write(toFile: file, atomically: false, encoding: .utf8)
        try await station.draw("a/two.png", "-negate")
        #expect(try await station.ingest()["commits"].list.count == 1)
        let outcome = try await station.run("audit", "verify", "--json")
        #expect(outcome.status == 1)
        let damage = try outcome.parsed()["damage"].list
        #expect(damage.map { $0["place"].text } == ["log.pub"], "\(outcome.text)")
        #expect(try await station.run("audit", "verify", "--key", key(of: station)).status == 0)
    }

    @Test("each dataset commit anchors the checkpoint that the log keeps, and OpenSSL finds its signature good")
    func trailer() async throws {
        let station = try await SharedStation.get()
        let message = try await station.git("log", "-1", "--format=%B")
        let checked = try await python("verify_trailer", try await key(of: station), message)
        #expect(checked.text.hasPrefix("good"))
        let size = checked.text.split(separator: " ").last?.trimmingCharacters(in: .newlines)
        let receipt = try await station.events("DatasetCommitted").last?["payload"]["log_size"].int
        #expect(receipt.map(String.init) == size)
        let kept = try await Tool("sqlite3").check([
            "-readonly", "\(station.store)/log.db", "SELECT count(*) FROM checkpoints WHERE size = \(size ?? "0")",
        ])
        #expect(kept.text == "1\n")
    }

    @Test("a proof of an event or a tile holds for us and for a verifier that shares no code with us")
    func proofs() async throws {
        let station = try await SharedStation.get()
        let key = try await key(of: station)
        let tile = "north/DJI_0001.JPG/0000_0000.png"
        let last = try await station.events().count
        for id in ["1", "#7", String(last), tile, "north/DJI_0001.JPG", "north.dvc"] {
            let file = station.scratch.file("proof")
            try await station.program().check(["audit", "prove", id, "--output", file])
            let ours = try await station.run("audit", "verify-proof", file, "--key", key, "--json")
            #expect(ours.status == 0, "\(id): \(ours.allText)")
            let theirs = try await Tool("\(Checkout.root)/tools/verify-proof").run([file, key])
            #expect(theirs.status == 0, "\(id): \(theirs.allText)")
            let event = try theirs.parsed()
            #expect(try ours.parsed()["envelope"]["event_id"].text == event["event_id"].text)
            if id == tile {
                #expect(event["type"].text == "TileWritten")
                for path in ["\(station.dataset)/\(tile)", "\(station.dataset)/north/DJI_0002.JPG/0000_0000.png"] {
                    let isRight = path.hasSuffix(tile)
                    let ours = try await station.run("audit", "verify-proof", file, "--key", key, "--tile", path)
                    let theirs = try await Tool("\(Checkout.root)/tools/verify-proof").run([file, key, path])
                    #expect((ours.status == 0) == isRight && (theirs.status == 0) == isRight)
                }
            }
        }
        #expect(try await station.run("audit", "prove", String(last + 1)).status == 1)
        #expect(try await station.run("audit", "prove", "nothing/of/this").status == 1)
    }

    @Test(
        "a proof that was tampered with is refused by both",
        arguments: ["payload", "index", "path", "root", "signature", "key"]
    )
    func forgedProofs(what: String) async throws {
        let station = try await SharedStation.get()
        let key = try await key(of: station)
        let proof = try await station.program().check(["audit", "prove", "5"]).text
        let file = station.scratch.file("forged-\(what)")
        try await python("forge_proof", what, file, proof)
        let other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        let used = what == "key" ? other : key
        let ours = try await station.run("audit", "verify-proof", file, "--key", used)
        #expect(ours.status == 1, "\(ours.allText)")
        let theirs = try await Tool("\(Checkout.root)/tools/verify-proof").run([file, used])
        #expect(theirs.status == 1 && theirs.allText.contains("REFUSED"), "\(theirs.allText)")
    }

    @Test("the verifier of proofs is short enough to be read, and needs Python alone")
    func verifierIsSmall() async throws {
        let path = "\(Checkout.root)/tools/verify-proof"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        #expect(lines.count <= 120)
        let station = try await SharedStation.get()
        let file = station.scratch.file("proof-alone")
        try await station.program().check(["audit", "prove", "1", "--output", file])
        // Isolated: nothing but the standard library is found.
        let python = try Tool("python3", install: "apt-get install python3")
        let outcome = try await python.run(["-I", "-S", path, file, try await key(of: station)])
        #expect(outcome.status == 0, "\(outcome.allText)")
    }

    @Test("a wrong key is told as one")
    func wrongKey() async throws {
        let station = try await SharedStation.get()
        let outcome = try await station.run("audit", "verify", "--key", "nonsense")
        #expect(outcome.status == 78 && outcome.allText.contains("nonsense"))
    }

    @Test("a whole new history that is signed with the stolen key fits itself, and not what git anchors")
    func stolenKey() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        try await python("tamper", "\(station.store)/log.db", "replace", "\(station.store)/keys/log.key")
        let outcome = try await station.run("audit", "verify", "--json")
        #expect(outcome.status == 1, "\(outcome.allText)")
        let damage = try outcome.parsed()["damage"].list
        #expect(Set(damage.map { $0["kind"].text }) == ["anchor"], "\(outcome.text)")
        #expect(damage.count == 2)
        for item in damage { #expect(item["message"].text.contains("are not those that it anchors")) }
        // A checkpoint that was kept elsewhere is as good as git.
        #expect(try await station.run("audit", "verify", "--since-anchor").status == 1)
    }

    @Test("a checkpoint that was changed, or is of another key, is damage")
    func changedCheckpoint() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        try await python("tamper", "\(station.store)/log.db", "checkpoint")
        let outcome = try await station.run("audit", "verify", "--json")
        #expect(outcome.status == 1)
        #expect(try outcome.parsed()["damage"].list.allSatisfy { $0["kind"].text == "checkpoint" }, "\(outcome.text)")
    }

    @Test("an audit since the anchor finds what was changed after it, and says what it takes as stored")
    func sinceAnchor() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let clean = try await station.run("audit", "verify", "--since-anchor", "--json")
        #expect(clean.status == 0, "\(clean.allText)")
        let report = try clean.parsed()
        let anchored = try #require(report["assumed_through"].int)
        #expect(anchored == report["anchored_through"].int && anchored > 0)
        #expect(report["files_checked"].int == 0)
        #expect(report["not_proved"].text.contains("unobserved"))
        let last = try await station.events().count
        #expect(last > anchored)
        let script = """
            import sqlite3, sys
            log = sqlite3.connect(sys.argv[1], isolation_level=None)
            log.execute("DROP TRIGGER events_no_update")
            log.execute("UPDATE events SET actor = 'x' WHERE position = ?", (int(sys.argv[2]),))
            """
        try await Tool(Checkout.peer("python")).check(["-c", script, "\(station.store)/log.db", String(last)])
        let outcome = try await station.run("audit", "verify", "--since-anchor")
        #expect(outcome.status == 1 && outcome.text.contains("position \(last)"), "\(outcome.allText)")
    }

    @Test("what was pushed is hashed on the remote: a changed or missing object is damage", arguments: [true, false])
    func remote(isChanged: Bool) async throws {
        let station = try Station("remote")
        try await station.draw("a/one.png")
        try await station.ingest("--dvc-remote", station.scratch.file("remote"))
        let clean = try await station.run("audit", "verify", "--remote", "--no-artifacts", "--json")
        #expect(clean.status == 0, "\(clean.allText)")
        #expect(try clean.parsed()["remote_files_checked"].int ?? 0 > 2)
        let objects = "\(station.scratch.file("remote"))/files/md5"
        let object = "\(objects)/\(try files(below: objects)[0])"
        let content = try Data(contentsOf: URL(filePath: object))
        try FileManager.default.removeItem(atPath: object)
        if isChanged { try Data(content.map { $0 ^ 1 }).write(to: URL(filePath: object)) }
        #expect(try await station.run("audit", "verify").status == 0)
        let outcome = try await station.run("audit", "verify", "--remote")
        #expect(outcome.status == 1 && outcome.text.contains(object), "\(outcome.allText)")
    }

    @Test("a running agent signs the head again after the interval")
    func interval() async throws {
        let station = try Station("interval")
        try await station.draw("a/one.png")
        let agent = try station.program().start([
            "run", "--source", station.source, "--commit-interval", "86400", "--checkpoint-interval", "1",
        ])
        let query = ["-readonly", "\(station.store)/log.db", "SELECT max(size) FROM checkpoints"]
        func newest() async throws -> Int {
            Int(try await Tool("sqlite3").run(query).text.trimmingCharacters(in: .newlines)) ?? 0
        }
        try await eventually("a checkpoint is kept") { try await newest() > 0 || !agent.isRunning }
        let first = try await newest()
        try await station.draw("a/two.png", "-negate")
        try await eventually("another one is kept") { try await newest() > first || !agent.isRunning }
        agent.signal(SIGTERM)
        #expect(try await agent.outcome().status == 0)
        // The stop is signed as well.
        #expect(try await newest() == station.events().count)
        #expect(try await station.run("audit", "verify").status == 0)
    }
}
