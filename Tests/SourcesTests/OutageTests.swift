import Foundation
import TestSupport
import Testing

@Suite("A source or an agent that goes down", .timeLimit(.minutes(10)))
struct OutageTests {
    @Test("the agent is killed while it fetches: the next one ends as if nothing had been")
    func killedAgent() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            var objects: [(String, String)] = []
            for number in 1...24 {
                objects.append(("a/\(number).png", try await station.draw(number, size: "\(200 + number)x150")))
            }
            try await station.put(objects)
            var kills = 0
            while try await station.events("ObjectFetched").count < 24, kills < 12 {
                let before = try await station.events("ObjectFetched").count
                let agent = try station.program().start(["ingest", station.source, "--downloads", "2"])
                try await eventually("some more are fetched") {
                    try await station.events("ObjectFetched").count > before || !agent.isRunning
                }
                agent.signal(SIGKILL)
                _ = try await agent.outcome()
                kills += 1
            }
            #expect(kills > 0)
            try await station.ingest()
            #expect(try await station.events("ObjectObserved").count == 24)
            #expect(try await station.status()["objects"]["derived"].int == 24)
            #expect(try await station.run("reconcile", "--source", station.source).status == 0)
            #expect(try await station.run("audit", "verify").status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(station.store)/spool").isEmpty)
        }
    }

    @Test("the server is killed: the agent waits, says why, loses nothing, and goes on when it is back")
    func killedServer() async throws {
        let root = try Scratch("rclone-root")
        var station: BucketStation?
        var port = 0
        try await BucketServer.run(.rclone, root: root) { server in
            port = server.port
            let made = try await BucketStation(server)
            try await made.put("a/1.png", try await made.draw(1))
            station = made
        }
        let made = try #require(station)
        // The server is down now.
        let options = ["--poll-interval", "1", "--sweep-interval", "1"]
        let told = made.scratch.file("told.jsonl")
        let endpoints = ["SWATHLOG_ENDPOINTS": #"[{"name": "file", "file": "\#(told)", "types": \#(Self.outages)}]"#]
        try await made.whileWatching(options, endpoints) { agent in
            try await made.wait("it is told", agent) { FileManager.default.fileExists(atPath: told) }
            try await made.wait("the status says so", agent) {
                let status = try await made.run("status", "--json")
                guard status.status == 0 else { return false }
                return try status.parsed()["sources"]["s3://flights/"]["state"].text == "failing"
            }
            try await BucketServer.run(.rclone, root: root, port: port) { server in
                try await made.wait("its tiles", agent) { made.tiles().count == 4 }
                try await made.put("a/2.png", try await made.draw(2))
                try await made.wait("what came after", agent) { made.tiles().count == 8 }
                try await made.wait("its return is told", agent) {
                    try String(contentsOfFile: told, encoding: .utf8).contains("swathlog.source.recovered")
                }
            }
        }
        let outage = try JSON.lines(try String(contentsOfFile: told, encoding: .utf8))
        #expect(outage.map { $0["type"].text } == ["swathlog.source.down", "swathlog.source.recovered"])
        #expect(outage.allSatisfy { $0["data"]["source"].text == "s3://flights/" })
        #expect(try await made.events("ObjectRemoved").isEmpty)
        #expect(try await made.events("ObjectQuarantined").isEmpty)
    }

    private static let outages = #"["swathlog.source.down", "swathlog.source.recovered"]"#

    @Test("the server and the agent are killed in turns, in the middle of it: nothing is lost and nothing taken twice")
    func killedInTurns() async throws {
        let root = try Scratch("rclone-root")
        let bucket = try root.directory(BucketStation.bucket)
        var station: BucketStation?
        var port = 0
        let count = 60
        try await BucketServer.run(.rclone, root: root) { server in
            port = server.port
            let made = try await BucketStation(server, isNew: false)
            for (number, image) in try await made.draw(many: count).enumerated() {
                try FileManager.default.copyItem(atPath: image, toPath: "\(bucket)/\(number).png")
            }
            station = made
        }
        let made = try #require(station)
        let options = ["--poll-interval", "1", "--sweep-interval", "1", "--downloads", "1", "--commit-interval", "2"]
        try await FaultProxy.run(before: port) { proxy in
            // Slow enough to be killed in the middle.
            try await proxy.order([["kind": "cut", "parts": 1, "of": "object", "every": 1, "delay": 0.2]])
            for round in 1...3 {
                let agent = try made.program(proxy.environment).start(["run", "--source", made.source] + options)
                let before = try await made.events("ObjectFetched").count
                try await BucketServer.run(.rclone, root: root, port: port) { _ in
                    try await made.wait("some more are fetched", agent) {
                        try await made.events("ObjectFetched").count >= min(before + 5, count)
                    }
                }
                // The server is dead, and the agent finds that out.
                try await made.wait("the status says so", agent) {
                    try await made.status()["sources"]["s3://flights/"]["state"].text == "failing"
                }
                agent.signal(SIGKILL)
                #expect(try await agent.outcome().wasSignalled)
                if round == 1 { #expect(try await made.events("ObjectFetched").count < count) }
            }
        }
        try await BucketServer.run(.rclone, root: root, port: port) { _ in
            try await made.ingest()
            #expect(try await made.run("reconcile", "--source", made.source).status == 0)
        }
        #expect(try await made.events("ObjectObserved").count == count)
        #expect(try await made.events("ObjectFetched").count == count)
        #expect(try await made.status()["objects"]["derived"].int == count)
        #expect(try await made.events("ObjectQuarantined").isEmpty)
        #expect(try await made.events("ObjectRemoved").isEmpty)
        #expect(try await made.run("audit", "verify").status == 0)
    }

    @Test("doctor says what works, and what to do about the rest")
    func doctor() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            let well = try await station.run("doctor", "--source", station.source, "--json")
            #expect(well.status == 0, "\(well.allText)")
            let subjects = try well.parsed()["findings"].list.map { $0["subject"].text }
            #expect(Set(subjects).isSuperset(of: ["disk", "source", "clock"]))
            try await server.makeBucket("datasets")
            let place = ["--dvc-remote-options", "endpointurl=\(server.endpoint) region=us-east-1"]
            let written = try await station.program().run(
                ["doctor", "--source", station.source, "--json", "--dvc-remote", "s3://datasets/tiles"] + place
            )
            let remote = try written.parsed()["findings"].list.first { $0["subject"].text == "remote" }
            #expect(written.status == 0 && remote?["verdict"].text == "well", "\(written.allText)")
            let left = try await server.call(("s3", "list_objects_v2", ["Bucket": "datasets"]))
            #expect(!"\(left)".contains("swathlog-probe"))
            let refused = try await station.program().run(
                ["doctor", "--source", station.source, "--json", "--dvc-remote", "s3://none-of-this-name/tiles"] + place
            )
            #expect(refused.status == 1 && refused.text.contains("none-of-this-name"), "\(refused.allText)")
            let wrong = try await station.run("doctor", "--source", "s3://no-such-bucket-here")
            #expect(wrong.status == 1)
            #expect(wrong.text.contains("no-such-bucket"))
        }
    }
}
