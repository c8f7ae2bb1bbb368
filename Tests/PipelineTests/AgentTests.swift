import Foundation
import TestSupport
import Testing

@Suite("The agent watches, owns its store, and stops when asked", .timeLimit(.minutes(15)))
struct AgentTests {
    @Test("files that come, change and go are noticed as they do")
    func watches() async throws {
        let station = try Station("watch")
        try await station.draw("a/early.png")
        let agent = try station.program().start([
            "run", "--source", station.source, "--on-remove", "withdraw", "--commit-interval", "5",
        ])
        func waitForTiles(_ count: Int, _ what: String) async throws {
            try await eventually(what) {
                // There is no dataset yet when the agent has just started.
                let paths = (try? files(below: station.dataset, suffix: ".png")) ?? []
                return paths.filter { !$0.hasPrefix(".") }.count == count || !agent.isRunning
            }
            #expect(agent.isRunning, "\(agent.errorsSoFar)")
        }
        try await waitForTiles(1, "what was there before")
        try await station.draw("../moved.png", "-negate")
        try FileManager.default.moveItem(
            atPath: station.scratch.file("moved.png"),
            toPath: "\(station.source)/a/moved.png"
        )
        try await waitForTiles(2, "a file that was moved in")
        try await station.draw("b/c/deep.png", "-flip")
        try await waitForTiles(3, "a file in new directories")
        try FileManager.default.removeItem(atPath: "\(station.source)/a/moved.png")
        try await waitForTiles(2, "a file that was removed")
        let first = try station.tiles(of: "a/early.png")[0]["sha256"].text
        try await station.draw("a/early.png", size: "310x210", "-flop")
        try await eventually("a file that was replaced") {
            try station.tiles(of: "a/early.png").first.map { $0["sha256"].text != first } ?? false
        }
        agent.signal(SIGTERM)
        let outcome = try await agent.outcome()
        #expect(outcome.status == 0, "\(outcome.allText)")
        #expect(try await station.events("AgentStopped").count == 1)
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
    }

    @Test("what the kernel gives no notice of, a look at the whole folder finds")
    func sweeps() async throws {
        let station = try Station("sweep", variables: ["SWATHLOG_SWEEP_INTERVAL": "1"])
        // The file lies outside, so nothing in the watched folder changes with it.
        try await station.draw("../outside.png")
        try await station.draw("a/inside.png", "-flip")
        let link = "\(station.source)/a/link.png"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: station.scratch.file("outside.png")
        )
        let agent = try station.program().start(["run", "--source", station.source])
        func hasTile(otherThan known: String) -> Bool {
            guard let tile = try? station.tiles(of: "a/link.png").first else { return false }
            return tile["sha256"].text != known
        }
        try await eventually("the linked file is cut") { hasTile(otherThan: "") || !agent.isRunning }
        let first = try station.tiles(of: "a/link.png")[0]["sha256"].text
        // Whole and at rest from its first moment under this name.
        try await station.draw("../next.png", size: "320x210", "-negate")
        #expect(rename(station.scratch.file("next.png"), station.scratch.file("outside.png")) == 0)
        try await eventually("its change is found") { hasTile(otherThan: first) || !agent.isRunning }
        agent.signal(SIGTERM)
        #expect(try await agent.outcome().status == 0)
        let keys = try await station.events("ObjectObserved").map { $0["payload"]["key"].text }
        #expect(keys.sorted() == ["a/inside.png", "a/link.png", "a/link.png"])
    }

    @Test("one process writes a store; others are told who, and may read")
    func oneWriter() async throws {
        let station = try Station("owner")
        try await station.draw("a/one.png")
        let agent = try station.program().start(["run", "--source", station.source])
        try await eventually("the first version is committed") {
            let log = try await station.run("log", "--type", "DatasetCommitted")
            return log.status == 0 && log.text.contains("DatasetCommitted")
        }
        for command in [["ingest", station.source], ["run", "--source", station.source], ["replay"]] {
            let second = try await station.program().run(command)
            #expect(second.status == 75, "\(command) \(second.allText)")
            #expect(second.errorText.contains("process \(agent.pid) on "), "\(second.errorText)")
        }
        let status = try await station.run("status", "--json").parsed()
        #expect(status["agent"]["pid"].int == Int(agent.pid))
        #expect(try await station.run("lineage", "a/one.png").status == 0)
        #expect(try await station.run("audit", "verify").status == 0)
        agent.signal(SIGKILL)
        _ = try await agent.outcome()
        #expect(try await station.run("status", "--json").parsed()["agent"].keys.isEmpty)
        try await station.ingest()
    }

    @Test("an ingest that is interrupted stops cleanly, and the next one goes on", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        let station = try Station("interrupted")
        try await station.fly("a", images: 60)
        let running = try station.program().start(["ingest", station.source, "--json", "--workers", "1"])
        try await eventually("some of it is done") {
            let log = try await station.run("log", "--type", "DerivationCompleted", "--limit", "2")
            return log.text.contains("DerivationCompleted") || !running.isRunning
        }
        running.signal(signal)
        let outcome = try await running.outcome()
        #expect(outcome.status == 130, "\(outcome.allText)")
        #expect(try outcome.parsed()["finished"] == .bool(false))
        let stopped = try await station.events("AgentStopped")
        #expect(stopped.map { $0["payload"]["reason"].text } == ["asked-to-stop"])
        let done = try await station.events("DerivationCompleted").count
        #expect(done < 60)
        let next = try await station.ingest()
        #expect(next["derivations"].int == 60 - done)
        #expect(next["commits"].list.count == 1)
    }
}
