import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Signals end the agent, or have it read its configuration again", .timeLimit(.minutes(10)))
struct SignalTests {
    /// An endpoint whose program waits for a file, and says that it was started.
    private func slowEndpoint(in station: Station) throws -> (variables: [String: String], started: String) {
        let (script, started) = (station.scratch.file("wait.sh"), station.scratch.file("started"))
        try "touch \"$1\"; exec sleep 60".write(toFile: script, atomically: true, encoding: .utf8)
        let endpoint = #"{"name": "slow", "exec": ["/bin/sh", "\#(script)", "\#(started)"], "timeout": 600}"#
        return (["SWATHLOG_ENDPOINTS": "[\(endpoint)]"], started)
    }

    /// Runs an agent until its endpoint's program is under way.
    private func whileTelling(
        _ station: Station,
        _ more: [String: String],
        _ body: (RunningTool) async throws -> Void
    ) async throws {
        let (variables, started) = try slowEndpoint(in: station)
        try await station.draw("a/one.png")
        let arguments = ["run", "--source", station.source, "--commit-interval", "1"]
        try await station.program(variables.merging(more) { $1 }).whileRunning(arguments) { agent in
            try await eventually("it tells") { FileManager.default.fileExists(atPath: started) || !agent.isRunning }
            try await body(agent)
        }
    }

    @Test("what does not end within the grace period is abandoned, and the log is closed")
    func grace() async throws {
        let station = try Station("grace")
        try await whileTelling(station, ["SWATHLOG_GRACE_PERIOD": "1"]) { agent in
            agent.signal(SIGTERM)
            let outcome = try await agent.outcome()
            #expect(outcome.status == 0 && !outcome.wasSignalled, "\(outcome.allText)")
        }
        #expect(try await station.events("AgentStopped").count == 1)
        #expect(try await station.events("NotificationDelivered").isEmpty)
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("a second signal ends it at once, and the next agent goes on", arguments: [SIGTERM, SIGINT])
    func twice(signal: Int32) async throws {
        let station = try Station("twice")
        try await whileTelling(station, ["SWATHLOG_GRACE_PERIOD": "3600"]) { agent in
            agent.signal(signal)
            try await eventually("it has heard") { agent.errorsSoFar.contains("asked to stop") || !agent.isRunning }
            #expect(agent.isRunning)
            agent.signal(signal)
            let outcome = try await agent.outcome()
            #expect(outcome.status == 128 + signal && !outcome.wasSignalled, "\(outcome.allText)")
        }
        #expect(try await station.events("AgentStopped").isEmpty)
        try await station.ingest()
        #expect(try await station.run("audit", "verify").status == 0)
    }

    @Test("what was in flight when somebody ended it at once is not blamed")
    func notToBlame() async throws {
        let station = try Station("blame", variables: ["SWATHLOG_WORKERS": "1"])
        // Large enough that there is time to stop the agent while it is cut.
        try await station.draw("a/large.png", size: "4000x3000", "-depth", "8")
        func inFlight() -> [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: "\(station.store)/in-flight")) ?? []
        }
        try await station.program().whileRunning(["ingest", station.source]) { agent in
            try await eventually("it is cut") {
                guard agent.isRunning else { throw ToolError("the agent ended: \(agent.errorsSoFar)") }
                guard inFlight().contains(where: { $0.hasPrefix("tiling ") }) else { return false }
                agent.signal(SIGSTOP)
                return true
            }
            // Both wait until it goes on, and then come at once.
            for signal in [SIGTERM, SIGINT, SIGCONT] { agent.signal(signal) }
            let outcome = try await agent.outcome()
            #expect([128 + SIGTERM, 128 + SIGINT].contains(outcome.status), "\(outcome.allText)")
        }
        #expect(inFlight().contains { $0.hasPrefix("tiling ") })
        try await station.ingest()
        #expect(try await station.events("StageFailed").isEmpty)
    }

    @Test("SIGHUP takes over what may change, says what may not, and keeps what holds where the new is wrong")
    func hangUp() async throws {
        let station = try Station("hangup")
        let (settings, told) = (station.scratch.file("settings.yaml"), station.scratch.file("told.jsonl"))
        func set(_ text: String) throws { try text.write(toFile: settings, atomically: true, encoding: .utf8) }
        let endpoints = "endpoints: [{name: file, file: \(told)}]"
        try set("tile_size: 128\nlog_level: notice\n")
        try await station.draw("a/one.png")
        let arguments = ["run", "--source", station.source, "--commit-interval", "1", "--config", settings]
        try await station.program().whileRunning(arguments) { agent in
            try await eventually("the first version") {
                // There is no log yet where the agent has just started.
                let log = try await station.run("log", "--type", "DatasetCommitted")
                return log.text.contains("DatasetCommitted") || !agent.isRunning
            }
            func heard(_ what: String, _ text: String) async throws {
                try await eventually(what) { agent.errorsSoFar.contains(text) || !agent.isRunning }
            }
            try set("tile_size: 256\nlog_level: info\n\(endpoints)\n")
            agent.signal(SIGHUP)
            try await heard("it says what takes a restart", "take a restart")
            let lines = try agent.messages()
            let taken = lines.first { $0["message"].text == "The configuration was read again." }
            #expect(taken?["metadata"]["changed"].text == "endpoints, log_level")
            let refused = lines.first { $0["message"].text.contains("take a restart") }
            #expect(refused?["metadata"]["settings"].text == "tile_size" && refused?["severity"].text == "warning")
            try await station.draw("a/two.png", "-negate")
            try await eventually("the new endpoint is told") { FileManager.default.fileExists(atPath: told) }
            #expect(try station.tiles(of: "a/one.png").count > 2, "cut by 128 pixels as before")

            try set("tile_sice: 256\n")
            agent.signal(SIGHUP)
            try await heard("it says what is wrong", "tile_sice")
            try set("tile_size: 128\nlog_level: trace\n")
            agent.signal(SIGHUP)
            try await eventually("the endpoint is gone") { try await !station.events("EndpointDisabled").isEmpty }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
    }

    @Test("what a re-derivation adopted is no change of the configuration; a shorter checkpoint interval holds at once")
    func rederived() async throws {
        let station = try Station("hangup-rederived")
        let settings = station.scratch.file("settings.yaml")
        try "checkpoint_interval: 86400\n".write(toFile: settings, atomically: true, encoding: .utf8)
        try await station.draw("a/one.png")
        let arguments = ["run", "--source", station.source, "--commit-policy", "hand", "--config", settings]
        try await station.program().whileRunning(arguments) { agent in
            try await eventually("the tiles are cut") {
                let log = try await station.run("log", "--type", "DerivationCompleted")
                return log.text.contains("DerivationCompleted") || !agent.isRunning
            }
            // It waits for versions, which nobody asks for here.
            let reprocess = ["reprocess", "--apply", "--tile-size", "96", "--tile-overlap", "0"]
            try await station.program().whileRunning(reprocess) { _ in
                try await eventually("it is cut over") { try await station.events("GenerationCutOver").count == 1 }
            }
            let head = try #require(try await station.run("status", "--json").parsed()["events"].int)
            func signed() async throws -> Int {
                let sql = "SELECT ifnull(max(size), 0) FROM checkpoints"
                let text = try await Tool("sqlite3").check(["-readonly", "\(station.store)/log.db", sql]).text
                return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
            }
            #expect(try await signed() < head)
            try "checkpoint_interval: 1\n".write(toFile: settings, atomically: true, encoding: .utf8)
            agent.signal(SIGHUP)
            try await eventually("the head is signed") { try await signed() >= head }
            let messages = try agent.messages()
            #expect(!messages.contains { $0["message"].text.contains("take a restart") })
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
    }

    @Test("an endpoint that was left alone is asked at once when its address is put right")
    func mended() async throws {
        let station = try Station("mended")
        let receiver = try await Receiver.start(in: station.scratch)
        let settings = station.scratch.file("settings.yaml")
        // Its own schedule would try again in an hour.
        func set(_ url: String) throws {
            let text = "endpoints:\n  - {name: mended, url: '\(url)', retry: [3600, 3600, 3600, 3600, 3600, 3600]}\n"
            try text.write(toFile: settings, atomically: true, encoding: .utf8)
        }
        let nobody = try await Receiver.start(in: station.scratch)
        try await nobody.stop()
        try set(nobody.url)
        for name in ["a", "b", "c", "d", "e"] { try await station.draw("\(name)/one.png") }
        let arguments = ["run", "--source", station.source, "--commit-interval", "1", "--config", settings]
        try await station.program().whileRunning(arguments) { agent in
            try await eventually("it is left alone") {
                agent.errorsSoFar.contains("An endpoint is left alone") || !agent.isRunning
            }
            #expect(try receiver.requests().isEmpty)
            try set(receiver.url)
            agent.signal(SIGHUP)
            try await eventually("all is told", within: .seconds(60)) { try receiver.requests().count >= 5 }
            try await eventually("it is known to be back") { try await !station.events("StageResumed").isEmpty }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        try await receiver.stop()
    }
}
