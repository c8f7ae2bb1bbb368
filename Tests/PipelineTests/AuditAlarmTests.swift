import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Damage of the record is told of", .timeLimit(.minutes(10)))
struct AuditAlarmTests {
    /// An endpoint that gets what audits find.
    private func endpoint(in station: Station) -> (file: String, variables: [String: String]) {
        let file = station.scratch.file("alarms.jsonl")
        let endpoints = #"[{"name": "alarm", "file": "\#(file)", "types": ["swathlog.audit.failed"]}]"#
        return (file, ["SWATHLOG_ENDPOINTS": endpoints, "SWATHLOG_AUDIT_INTERVAL": "1"])
    }

    private func audits(of station: Station) async throws -> [JSON] {
        try await station.events("AuditCompleted").map { $0["payload"] }
    }

    @Test("the agent audits the record by itself, records that it holds, and tells when it does not any more")
    func agent() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let (file, variables) = endpoint(in: station)
        let arguments = ["run", "--source", try station.scratch.directory("empty")]
        try await station.program(variables).whileRunning(arguments) { agent in
            try await eventually("two audits") { try await audits(of: station).count >= 2 }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        let clean = try await audits(of: station)
        #expect(clean.allSatisfy { $0["damages"].int == 0 && $0["damage"].list.isEmpty })
        #expect(!FileManager.default.fileExists(atPath: file))

        try await python("tamper", "\(station.store)/log.db", "payload")
        try await station.program(variables).whileRunning(arguments) { agent in
            try await eventually("it is told") { FileManager.default.fileExists(atPath: file) }
            agent.signal(SIGTERM)
            let outcome = try await agent.outcome()
            #expect(outcome.status == 0 && outcome.errorText.contains("The record does not hold."))
        }
        let alarm = try #require(try JSON.lines(String(contentsOfFile: file, encoding: .utf8)).first)
        #expect(alarm["type"].text == "swathlog.audit.failed")
        let recorded = try await audits(of: station)
        let found = try #require(recorded.first { ($0["damages"].int ?? 0) > 0 })
        #expect(alarm["data"]["damages"] == found["damages"] && alarm["data"]["damage"] == found["damage"])
        #expect(found["damage"][0]["place"].text == "position 9", "\(found)")
    }

    @Test("a command records what it found where it is asked to, also while an agent runs; else it writes nothing")
    func command() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let (file, more) = endpoint(in: station)
        let variables = more.merging(["SWATHLOG_AUDIT_INTERVAL": "0"]) { $1 }
        #expect(try await station.run("audit", "verify", variables: variables).status == 0)
        #expect(try await audits(of: station).isEmpty)
        #expect(try await station.run("audit", "verify", "--record", variables: variables).status == 0)
        let one = try #require(try await audits(of: station).first)
        #expect(one["artifacts"] == .bool(true) && one["damages"].int == 0)
        let tile = "\(station.dataset)/north/DJI_0001.JPG/0000_0000.png"
        try FileManager.default.removeItem(atPath: tile)
        try "another".write(toFile: tile, atomically: false, encoding: .utf8)
        let arguments = ["run", "--source", try station.scratch.directory("empty")]
        try await station.program(variables).whileRunning(arguments) { agent in
            try await eventually("the agent watches") { agent.errorsSoFar.contains("Watching") }
            #expect(try await station.run("audit", "verify", "--record", variables: variables).status == 1)
            try await eventually("it is told") { FileManager.default.fileExists(atPath: file) }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        let alarm = try #require(try JSON.lines(String(contentsOfFile: file, encoding: .utf8)).first)
        #expect(alarm["data"]["damage"][0]["kind"].text == "tile" && alarm["data"]["artifacts"] == .bool(true))
    }
}
