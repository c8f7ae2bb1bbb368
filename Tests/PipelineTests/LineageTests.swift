import Foundation
import TestSupport
import Testing

@Suite("Anything can be asked where it came from and what became of it", .timeLimit(.minutes(15)))
struct LineageTests {
    private static let whole = [
        "observed", "fetched", "derivation", "validated", "tile", "derived", "dataset", "commit", "push",
        "notification",
    ]

    /// What is a number, of which steps.
    private static let numbers = [
        "observed": ["bytes"], "derivation": ["engine_revision"], "tile": ["bytes"],
        "derived": ["tiles", "width", "height"],
        "dataset": ["files", "bytes"], "commit": ["log_size"], "notification": ["attempts", "status"],
    ]

    /// Push and notification go on at the same time, so either may be first.
    private func expectWhole(_ answer: JSON, _ whole: [String], _ name: String) {
        let steps = answer["steps"].list.map { $0["step"].text }
        #expect(steps.dropLast(2) == whole.dropLast(2), "\(name)")
        #expect(Set(steps.suffix(2)) == Set(whole.suffix(2)), "\(name)")
    }

    private func answer(_ identifier: String) async throws -> JSON {
        let outcome = try await SharedStation.get().run("lineage", identifier, "--json")
        #expect(outcome.status == 0, "\(identifier): \(outcome.allText)")
        return try outcome.parsed()
    }

    private func steps(_ identifier: String) async throws -> [String] {
        try await answer(identifier)["steps"].list.map { $0["step"].text }
    }

    @Test("a tile, by path, digest or position, shows the whole way from the source to the webhook")
    func tile() async throws {
        let station = try await SharedStation.get()
        let path = "north/DJI_0001.JPG/0000_0000.png"
        let tile = try station.tiles(of: "north/DJI_0001.JPG")[0]
        let event = try await station.events("TileWritten").first { $0["payload"]["sha256"] == tile["sha256"] }
        let position = try #require(event?["position"].int)
        let names = [
            path, "dataset/\(path)", "\(station.dataset)/\(path)", tile["sha256"].text, tile["md5"].text,
            String(tile["sha256"].text.prefix(12)), String(position),
        ]
        for name in names {
            let answer = try await answer(name)
            #expect(answer["subject"]["kind"].text == "tile", "\(name)")
            expectWhole(answer, Self.whole, name)
        }
        let step = try #require(try await answer(path)["steps"].list.first { $0["step"].text == "tile" })
        #expect(step["path"].text == path)
        #expect(step["sha256"] == tile["sha256"])
        #expect(step["window"].text == "512x\(tile["window"]["height"].int ?? 0)+0+0")
        #expect(step["position"].int == position)
        #expect(step["bytes"] == tile["bytes"] && step["row"].int == 0 && step["col"].int == 0)
        let steps = try await answer(path)["steps"].list
        for (name, facts) in Self.numbers {
            let step = try #require(steps.first { $0["step"].text == name })
            for fact in facts { #expect((step[fact].int ?? 0) > 0, "\(fact) of \(name): \(step[fact])") }
        }
    }

    @Test(
        "what an object, a tile or a version led to can be listed tile by tile",
        arguments: ["object", "tile", "version"]
    )
    func tiles(kind: String) async throws {
        let station = try await SharedStation.get()
        let image = "north/DJI_0001.JPG"
        let known = try station.tiles(of: image).map { "\(image)/\($0["name"].text)" }
        let commits = try await station.events("DatasetCommitted").filter { $0["payload"]["partition"].text == "north" }
        let id = ["object": image, "tile": known[0], "version": commits[0]["payload"]["git_commit"].text][kind] ?? ""
        let listed = try await station.program().check(["lineage", id, "--tiles", "--json"]).parsed()["tiles"].list
        let paths = listed.map(\.["path"].text)
        switch kind {
        case "object": #expect(paths == known.sorted())
        case "tile": #expect(paths == [known[0]])
        default:
            #expect(
                Set(known).isSubset(of: paths) && paths.count > known.count
                    && paths.allSatisfy { $0.hasPrefix("north/") }
            )
        }
    }

    @Test("an object, by key, path, id or digest, leads to its tiles and versions")
    func object() async throws {
        let station = try await SharedStation.get()
        let observed = try #require(
            try await station.events("ObjectObserved").first {
                $0["payload"]["key"].text == "north/DJI_0001.JPG"
            }
        )
        let id = String(observed["stream"].text.dropFirst("object/".count))
        let fetched = try #require(
            try await station.events("ObjectFetched").first { $0["stream"] == observed["stream"] }
        )
        let names = [
            "north/DJI_0001.JPG", "\(station.source)/north/DJI_0001.JPG", id, fetched["payload"]["sha256"].text,
            String(fetched["payload"]["sha256"].text.prefix(10)), String(observed["position"].int ?? 0),
        ]
        for name in names {
            let answer = try await answer(name)
            #expect(answer["subject"]["id"].text == id, "\(name)")
            expectWhole(answer, Self.whole.filter { $0 != "tile" }, name)
        }
    }

    @Test("a dataset version, by manifest, pointer, commit or notification, leads back to its sources")
    func version() async throws {
        let station = try await SharedStation.get()
        let committed = try #require(
            try await station.events("DatasetCommitted").first {
                $0["payload"]["partition"].text == "north"
            }
        )
        let queued = try #require(
            try await station.events("NotificationQueued").first {
                $0["payload"]["subject"] == committed["payload"]["commit_id"]
            }
        )
        let git = committed["payload"]["git_commit"].text
        let names = [
            committed["payload"]["manifest"].text, "north.dvc", git, String(git.prefix(8)),
            committed["payload"]["commit_id"].text, String(committed["position"].int ?? 0),
            queued["payload"]["id"].text,
        ]
        for name in names {
            let steps = try await steps(name)
            #expect(steps.filter { $0 == "observed" }.count == 2, "\(name)")
            #expect(steps.suffix(4).prefix(2) == ["dataset", "commit"], "\(name)")
            #expect(Set(steps.suffix(2)) == ["push", "notification"], "\(name)")
        }
    }

    @Test("what nothing is called is said, and what several are called is listed")
    func unknown() async throws {
        let station = try await SharedStation.get()
        let unknown = try await station.run("lineage", "no-such-thing")
        #expect(unknown.status == 1)
        #expect(unknown.errorText.contains("no-such-thing"))
        let json = try await station.run("lineage", "no-such-thing", "--json")
        #expect(json.status == 1)
        #expect(try json.parsed()["error"].text == "id-not-found")

        let twins = try Station("twins")
        try await twins.draw("a/one.png")
        try twins.copy("a/one.png", to: "b/x/one.png")
        try await twins.ingest()
        #expect(try await twins.run("ingest", "\(twins.source)/b/x").status == 0)
        #expect(try await twins.run("ingest", "\(twins.source)/a").status == 0)
        let ambiguous = try await twins.run("lineage", "one.png")
        #expect(ambiguous.status == 1)
        #expect(ambiguous.errorText.contains("could be"), "\(ambiguous.allText)")
    }

    @Test("the path of a tile that only older versions have leads to it; where several were there, all are listed")
    func olderTile() async throws {
        let station = try Station("older")
        try await station.draw("a/one.png", size: "700x300")
        try await station.ingest()
        let old = try #require(try station.tiles(of: "a/one.png").first { $0["col"].int == 1 })
        let path = "a/one.png/\(old["name"].text)"
        try await station.draw("a/one.png", size: "300x200", "-negate")
        try await station.ingest()
        let found = try await station.run("lineage", path, "--json")
        #expect(found.status == 0, "\(found.allText)")
        let steps = try found.parsed()["steps"].list
        #expect(steps.contains { $0["step"].text == "tile" && $0["sha256"] == old["sha256"] }, "\(found.text)")
        #expect(steps.contains { $0["step"].text == "commit" })

        try await station.draw("a/one.png", size: "700x300", "-flip")
        try await station.ingest()
        try await station.draw("a/one.png", size: "300x200", "-flop")
        try await station.ingest()
        let several = try await station.run("lineage", path, "--json")
        #expect(several.status == 1)
        #expect(try several.parsed()["error"].text == "id-ambiguous")
        let derivations = try await station.events("TileWritten").filter { $0["payload"]["sha256"] != old["sha256"] }
        #expect(!derivations.isEmpty)
    }

    @Test("of content under many names the one that was asked for is shown, and how many there are")
    func manyNames() async throws {
        let station = try Station("many-names")
        try await station.draw("d/0.png")
        for number in 1..<8 { try station.copy("d/0.png", to: "d/\(number).png") }
        try await station.ingest()
        for number in [0, 3, 7] {
            let path = "d/\(number).png/0000_0000.png"
            let steps = try await station.program().check(["lineage", path, "--json"]).parsed()["steps"].list
            let observed = steps.filter { $0["step"].text == "observed" }
            #expect(observed.count == 5 && observed.contains { $0["key"].text == "d/\(number).png" }, "\(path)")
            #expect(steps.first { $0["step"].text == "sources" }?["objects"].int == 8, "\(path)")
            #expect(steps.first { $0["step"].text == "tile" }?["path"].text == path)
        }
        let alone = try await SharedStation.get().program().check([
            "lineage", "north/DJI_0001.JPG/0000_0000.png", "--json",
        ])
        #expect(try !alone.parsed()["steps"].list.contains { $0["step"].text == "sources" })
    }

    @Test("what told of an object leads to it, and it to what told of it; of anything else the telling is shown")
    func told() async throws {
        let told = #"[{"name": "file", "file": "/dev/null"}]"#
        let station = try Station("told", variables: ["SWATHLOG_ENDPOINTS": told])
        try await station.draw("a/one.png")
        try "no image".write(toFile: "\(station.source)/a/bad.jpg", atomically: true, encoding: .utf8)
        try station.age("\(station.source)/a/bad.jpg")
        #expect(try await station.run("ingest", station.source).status == 3)
        func queued(_ kind: String) async throws -> String {
            let all = try await station.events("NotificationQueued")
            return all.first { $0["payload"]["kind"].text == "swathlog.\(kind)" }?["payload"]["id"].text ?? ""
        }
        func steps(_ identifier: String) async throws -> [String] {
            let answer = try await station.program().check(["lineage", identifier, "--json"]).parsed()
            return answer["steps"].list.map { $0["step"].text }
        }
        let ofObject = try await steps(queued("object.quarantined"))
        #expect(ofObject == ["observed", "fetched", "quarantined", "notification"])
        // What was tried with its content is its own.
        #expect(try await steps("a/bad.jpg").filter { $0 != "derivation" } == ofObject)
        #expect(try await steps(queued("dataset.committed")).first == "sources")
        // The bad one can't be cut by this recipe either.
        #expect(try await station.run("reprocess", "--apply", "--tile-size", "64", "--tile-overlap", "0").status == 3)
        #expect(try await steps(queued("generation.cut_over")) == ["notification"])
    }

    @Test("a name of digits alone may be a position and something else: then both are named")
    func digits() async throws {
        let station = try Station("digits")
        try await station.draw("x.png")
        try station.copy("x.png", to: "1")
        try await station.draw("y.png", "-negate")
        try station.copy("y.png", to: "3")
        try await station.ingest()
        let events = try await station.events()
        #expect(events[0]["type"].text == "AgentStarted" && events[2]["type"].text == "ObjectObserved")
        #expect(events[2]["payload"]["key"].text == "1")
        // Position 1 belongs to no object, so only the key is meant.
        #expect(try await station.run("lineage", "1").text.contains("key  "))
        let both = try await station.run("lineage", "3")
        #expect(both.status == 1)
        #expect(both.errorText.contains("could be") && both.errorText.contains("#N"), "\(both.allText)")
        let position = try await station.run("lineage", "#3", "--json").parsed()
        #expect("object/\(position["subject"]["id"].text)" == events[2]["stream"].text)
    }
}

@Suite("No tile is without a way, and the past can be asked", .timeLimit(.minutes(15)))
struct LineageGapTests {
    @Test("a sound store has no gaps, whatever was copied, replaced or re-derived")
    func none() async throws {
        let station = try Station("gaps")
        try await station.draw("a/one.png")
        try await station.draw("b/two.png", "-negate")
        try station.copy("a/one.png", to: "a/same.png")
        try await station.ingest()
        // What is known by its bytes when it comes: a copy, in a partition of its own too, and a file that was touched.
        try station.copy("a/one.png", to: "a/later.png")
        try station.copy("a/one.png", to: "c/elsewhere.png")
        try station.age("\(station.source)/b/two.png", seconds: 30)
        try await station.ingest()
        try await station.draw("a/one.png", "-flip")
        try await station.ingest("--tile-size", "128")
        let outcome = try await station.run("lineage", "--gaps", "--json")
        #expect(outcome.status == 0, "\(outcome.allText)")
        let found = try outcome.parsed()
        #expect(found["gaps"].list.isEmpty)
        let commits = try await station.events("DatasetCommitted").count
        #expect(found["versions"].int == commits && commits > 2)
        #expect((found["images"].int ?? 0) >= 6 && (found["tiles"].int ?? 0) > 20)
    }

    @Test(
        "what is missing on the way is named",
        arguments: [
            (
                "UPDATE objects SET fetched_position = NULL WHERE id IN (SELECT object FROM entries LIMIT 1)",
                "never fetched"
            ),
            ("DELETE FROM tiles WHERE name = (SELECT min(name) FROM tiles)", "tiles that it was completed with"),
            ("UPDATE derivations SET started_position = NULL", "never started"),
            ("DELETE FROM recipes", "never adopted"),
            ("UPDATE derivations SET sha256 = zeroblob(32)", "another content"),
            ("UPDATE commits SET files = files + 1", "have a way that is known"),
            ("UPDATE keys SET path = 'same', partition = (SELECT min(name) FROM partitions)", "share their place"),
        ]
    )
    func named(change: String, reason: String) async throws {
        let station = try await Station(copyOf: SharedStation.get())
        try await Tool("sqlite3").check(["\(station.store)/projections.db", "PRAGMA foreign_keys = OFF; \(change)"])
        let outcome = try await station.run("lineage", "--gaps")
        #expect(outcome.status == 1 && outcome.text.contains(reason), "\(outcome.allText)")
    }

    @Test("the answer as of a position, a time or a git revision knows what was known then, and no more")
    func asOf() async throws {
        let station = try await SharedStation.get()
        let tile = "north/DJI_0001.JPG/0000_0000.png"
        let now = try await station.program().check(["lineage", tile, "--json"]).parsed()
        let commit = try #require(now["steps"].list.first { $0["step"].text == "commit" })
        let (position, hash) = (try #require(commit["position"].int), commit["git_commit"].text)
        func steps(at moment: String) async throws -> [String] {
            let answer = try await station.program().check(["lineage", tile, "--at", moment, "--json"]).parsed()
            return answer["steps"].list.map { $0["step"].text }
        }
        let then = try await steps(at: String(position))
        #expect(then.last == "commit" && then.contains("tile"))
        #expect(try await steps(at: "#\(position)") == then)
        #expect(try await steps(at: hash) == then)
        #expect(try await steps(at: String(hash.prefix(12))) == then)
        #expect(try await steps(at: commit["recorded_at"].text).contains("commit"))
        #expect(try await !steps(at: String(position - 1)).contains("commit"))
        #expect(try await steps(at: "2100-01-01T00:00:00Z") == now["steps"].list.map { $0["step"].text })
        for moment in ["0", "1000000", "1999-01-01T00:00:00Z", "nonsense", "--all"] {
            let outcome = try await station.program().run(["lineage", tile, "--at=\(moment)"])
            #expect(outcome.status == 1, "\(moment): \(outcome.allText)")
        }
        let empty = try await Station(copyOf: station)
        try await Tool("sqlite3").check([
            "\(empty.store)/log.db",
            """
            DROP TRIGGER events_no_delete; DROP TRIGGER merkle_nodes_no_delete; PRAGMA foreign_keys = OFF;
            DELETE FROM events; DELETE FROM merkle_nodes
            """,
        ])
        try FileManager.default.removeItem(atPath: "\(empty.store)/projections.db")
        let nothing = try await empty.run("lineage", tile, "--at", "1")
        #expect(nothing.status == 1 && nothing.errorText.contains("ends at position 0"), "\(nothing.allText)")
        // What was not there then is not found.
        #expect(try await station.run("lineage", tile, "--at", "1").status == 1)
        #expect(try await station.run("lineage", "--gaps", "--at", hash).status == 0)
        #expect(try await station.run("lineage").status == 64)
    }
}
