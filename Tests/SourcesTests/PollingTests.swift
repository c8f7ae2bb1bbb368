import Foundation
import TestSupport
import Testing

@Suite("A bucket that is listed", .timeLimit(.minutes(10)))
struct PollingTests {
    @Test("goes from PUT to a DVC commit, once, and nothing of it is missing", arguments: S3Peer.allCases)
    func endToEnd(kind: S3Peer) async throws {
        try await BucketServer.run(kind) { server in
            let station = try await BucketStation(server)
            let (one, two) = (try await station.draw(1), try await station.draw(2))
            let keys = ["north/1.png", "north/odd name+ü%.png", "south/1.png"]
            try await station.put([(keys[0], one), (keys[1], two), (keys[2], one)])
            if kind == .moto {
                try await server.call(("s3", "put_object", ["Bucket": BucketStation.bucket, "Key": "north/empty/"]))
            }
            let report = try await station.ingest()
            #expect(report["objects_observed"].int == 3)
            // The same content under two keys is cut once.
            #expect(report["derivations"].int == 2)
            #expect(report["commits"].list.count == 2)
            let observed = try await station.events("ObjectObserved").map { $0["payload"] }
            #expect(Set(observed.map { $0["key"].text }) == Set(keys))
            #expect(observed.allSatisfy { $0["announced_by"].text == "listing" && !$0["etag"].text.isEmpty })
            #expect(try await station.ingest()["objects_observed"].int == 0)
            let reconciled = try await station.run("reconcile", "--source", station.source, "--json")
            #expect(reconciled.status == 0, "\(reconciled.allText)")
            let found = try reconciled.parsed()
            #expect(found["missing"].int == 0 && found["known"].int == 3 && found["removed"].int == 0)
            #expect(found["list_requests"].int == 1)
            let dvc = try await Tool(Checkout.peer("dvc"), in: station.dataset).check(["status", "--json"])
            #expect(try dvc.parsed().keys.isEmpty)
            #expect(try await station.run("audit", "verify").status == 0)
        }
    }

    @Test("whose prefix would make it one partition is told so at the first start, and what to say")
    func prefixed() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            try await station.put("site/north/1.png", station.draw(1))
            let starts: [(Int, [String])] = [(1, ["--partition", "{2}"]), (1, []), (2, [])]
            for (start, options) in starts {
                let store = station.scratch.file("store-\(options.count)")
                let program = try station.program(["SWATHLOG_STORE": store])
                let outcome = try await program.run(["ingest", "\(station.source)/site/"] + options)
                let isTold = outcome.errorText.contains("come into one partition")
                #expect(outcome.status == 0 && isTold == (start == 1 && options.isEmpty), "\(outcome.allText)")
                if isTold { #expect(outcome.errorText.contains("{2}")) }
                let name = options.isEmpty ? "site" : "north"
                #expect(FileManager.default.fileExists(atPath: "\(store)/dataset/\(name).dvc"))
            }
        }
    }

    @Test("is watched: what is new, replaced and gone is found, and tiles leave with their key")
    func watched() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            let (one, two) = (try await station.draw(1), try await station.draw(2, size: "300x200"))
            try await station.put("north/1.png", one)
            let options = [
                "--poll-interval", "1", "--look-back", "0", "--sweep-interval", "1", "--on-remove", "withdraw",
            ]
            try await station.whileWatching(options) { agent in
                try await station.wait("the first tiles", agent) { station.tiles().count == 4 }
                try await station.put("north/2.png", two)
                try await station.wait("a new key", agent) { station.tiles().count == 10 }
                try await station.put("north/1.png", two)
                try await station.wait("a replaced object", agent) { station.tiles().count == 12 }
                try await station.delete("north/2.png")
                try await station.wait("a key that is gone", agent) { station.tiles().count == 6 }
                let status = try await station.status()
                #expect(status["sources"]["s3://flights/"]["state"].text == "watching")
            }
            #expect(try await station.events("ObjectObserved").count == 3)
            #expect(try await station.events("ObjectRemoved").map { $0["payload"]["announced_by"].text } == ["listing"])
        }
    }

    @Test("what was put behind the log's back is missing, until it is taken in")
    func reconcile() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            let (one, two) = (try await station.draw(1), try await station.draw(2))
            try await station.put([("a/1.png", one), ("a/2.png", one), ("a/3.png", one)])
            try await station.ingest()
            try await station.put([("a/4.png", one), ("a/5.png", two), ("a/1.png", two)])
            try await station.delete("a/2.png")
            let behind = try await station.run("reconcile", "--source", station.source, "--json")
            #expect(behind.status == 1)
            let found = try behind.parsed()
            #expect(found["listed"].int == 4 && found["known"].int == 1)
            #expect(found["missing_keys"].list.map(\.text) == ["a/4.png", "a/5.png"])
            #expect(found["changed_keys"].list.map(\.text) == ["a/1.png"])
            #expect(found["removed_keys"].list.map(\.text) == ["a/2.png"])
            try await station.ingest()
            #expect(try await station.run("reconcile", "--source", station.source).status == 0)
        }
    }

    @Test("a quarantined object is tried again when it is uploaded again, good or as bad as before")
    func afterQuarantine() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            let bad = station.scratch.file("bad")
            try Data("no image at all".utf8).write(to: URL(fileURLWithPath: bad))
            try await station.put("a/1.png", bad)
            #expect(try await station.run("ingest", station.source).status == 3)
            #expect(try await station.run("ingest", station.source).status == 0)
            // A listing's times are whole seconds.
            let first = try await station.events("ObjectObserved")[0]["payload"]["modified_at"].int ?? 0
            try await eventually("another second") { Date().timeIntervalSince1970 * 1e6 > Double(first) + 1e6 }
            try await station.put("a/1.png", bad)
            #expect(try await station.run("ingest", station.source).status == 3)
            try await station.put("a/1.png", try await station.draw(1))
            #expect(try await station.run("ingest", station.source).status == 0)
            #expect(station.tiles().count == 4)
            #expect(try await station.events("ObjectObserved").count == 3)
        }
    }
}
