import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("What is in quarantine is shown, tried again, or laid aside", .timeLimit(.minutes(15)))
struct QuarantineTests {
    /// A folder with two images, a file that is no image, and half an image.
    private func station(_ name: String) async throws -> Station {
        let station = try Station(name)
        try await station.draw("north/one.png")
        try await station.draw("north/two.png", "-negate")
        try await station.draw("north/half.png", size: "600x400")
        let half = "\(station.source)/north/half.png"
        let bytes = try Data(contentsOf: URL(filePath: half))
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: half))
        try "not an image".write(toFile: "\(station.source)/north/text.jpg", atomically: true, encoding: .utf8)
        for file in ["half.png", "text.jpg"] { try station.age("\(station.source)/north/\(file)") }
        #expect(try await station.run("ingest", station.source).status == 3)
        return station
    }

    private func list(_ station: Station, _ more: String...) async throws -> JSON {
        try await station.program().check(["quarantine", "list", "--json"] + more).parsed()
    }

    @Test("list counts by reason, show says all of one, in words and in JSON")
    func shown() async throws {
        let station = try await station("quarantine-list")
        let found = try await list(station)
        #expect(found["total"].int == 2)
        #expect(found["reasons"]["truncated"].int == 1 && found["reasons"]["not-an-image"].int == 1)
        let half = try #require(try await list(station, "--reason", "truncated")["objects"].list.first)
        #expect(half["key"].text == "north/half.png" && half["stage"].text == "tiling")
        let shown = try await station.program().check(["quarantine", "show", half["id"].text, "--json"]).parsed()
        #expect(shown["event"]["type"].text == "ObjectQuarantined" && shown["message"] == half["message"])
        let words = try await station.run("quarantine").text
        #expect(words.contains("truncated") && words.contains("north/text.jpg"), "\(words)")
        let unknown = try await station.run("quarantine", "show", "nonsense")
        #expect(unknown.status == 1 && unknown.errorText.contains("nonsense"))
        for wrong in [["release"], ["release", "x", "--all"], ["dismiss", "--all", "--reason", "x"]] {
            #expect(try await station.program().run(["quarantine"] + wrong).status == 64)
        }
        #expect(try await station.run("quarantine", "release", "--reason", "no-such-code").status == 1)
    }

    @Test("what is released without an agent is tried by the next one; what is dismissed stays out, and may come back")
    func withoutAgent() async throws {
        let station = try await station("quarantine-release")
        let released = try await station.program().check(["quarantine", "release", "--all", "--json"]).parsed()
        #expect(released["released"].int == 2)
        #expect(try await list(station)["total"].int == 0)
        for command in ["release", "dismiss"] {
            let nothing = try await station.run("quarantine", command, "--all", "--json")
            #expect(try nothing.status == 1 && nothing.parsed()["error"].text == "id-not-found")
        }
        // Nothing has changed about the files: both are given up again.
        #expect(try await station.run("ingest", station.source).status == 3)
        #expect(try await list(station)["total"].int == 2)
        #expect(try await station.events("ObjectQuarantined").count == 4)

        try await station.program().check(["quarantine", "dismiss", "--reason", "not-an-image"])
        #expect(try await list(station)["total"].int == 1)
        let dismissed = try await list(station, "--dismissed")["objects"][0]
        #expect(dismissed["key"].text == "north/text.jpg" && dismissed["dismissed"] == .bool(true))
        let status = try await station.program().check(["status", "--json"]).parsed()
        #expect(status["quarantine"]["not-an-image"] == .null && status["objects"]["dismissed"].int == 1)
        #expect(try await station.run("ingest", station.source).status == 0, "it is no trouble of a later run")
        #expect(try await station.events("ObjectQuarantined").count == 4, "and is not tried by itself")
        try await station.program().check(["quarantine", "release", dismissed["id"].text])
        #expect(try await station.run("ingest", station.source).status == 3)
        #expect(try await station.events("ObjectQuarantined").count == 5)
        #expect(try await station.run("replay").status == 0)
        #expect(try await list(station)["total"].int == 2)
    }

    @Test("a running agent takes the request, and what it can't understand it refuses")
    func besideAgent() async throws {
        let station = try await station("quarantine-beside")
        try await station.program().whileRunning(["run", "--source", station.source]) { agent in
            try await eventually("the agent owns the store") {
                try await station.run("status", "--json").parsed()["agent"]["pid"].int == Int(agent.pid)
            }
            let half = try #require(try await list(station, "--reason", "truncated")["objects"].list.first)
            // Nobody can read a directory as a request: it holds up no other.
            let unreadable = "\(station.store)/requests/0.request"
            try FileManager.default.createDirectory(atPath: unreadable, withIntermediateDirectories: true)
            try await station.program().check(["quarantine", "release", half["id"].text])
            #expect(try agent.messages().filter { $0["message"].text == "A request could not be taken." }.count == 1)
            try FileManager.default.removeItem(atPath: unreadable)
            try await eventually("it was tried again") { try await station.events("ObjectQuarantined").count == 3 }
            let events = try await station.events("ObjectReleased")
            #expect(events.count == 1 && events[0]["stream"].text == "object/\(half["id"].text)")

            let requests = "\(station.store)/requests"
            let lines = [
                #"{"payload":{"reason":"asked-to-stop"},"stream":"agent","type":"AgentStopped"}"#,
                #"{"payload":{"reason":"x"},"stream":"object/ffff","type":"ObjectReleased"}"#,
                #"{"payload":{"reason":"x"},"stream":"agent","type":"ObjectReleased"}"#, "no JSON",
            ]
            for (index, line) in lines.enumerated() {
                let path = "\(requests)/\(index).request"
                try line.write(toFile: path, atomically: true, encoding: .utf8)
                try await eventually("request \(index) is refused") {
                    FileManager.default.fileExists(atPath: path + ".refused")
                        && !FileManager.default.fileExists(atPath: path)
                }
            }
            #expect(try await station.events("ObjectReleased").count == 1)
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
    }

    @Test("an object that was in flight when three agents died is given up; its neighbours are made")
    func crashLoop() async throws {
        let station = try Station("crash-loop", variables: ["SWATHLOG_WORKERS": "1"])
        for name in ["a", "b", "c"] { try await station.draw("north/\(name).png") }
        // Large enough that there is time to kill the agent while it is cut.
        try await station.draw("north/poison.png", size: "4000x3000", "-depth", "8")
        let bytes = try Data(contentsOf: URL(filePath: "\(station.source)/north/poison.png"))
        let digest = try await sha256(bytes, in: station.scratch)
        for round in 1...3 {
            try await station.program().whileRunning(["ingest", station.source]) { agent in
                // The agent before left its marks. And one that is stopped as it starts may have the file locked that counts the
                // lines of every program.
                try await eventually("the agent owns the store") {
                    guard agent.isRunning else { throw ToolError("the agent ended: \(agent.errorsSoFar)") }
                    let status = try await station.program().run(["status", "--json"])
                    return try status.status == 0 && status.parsed()["agent"]["pid"].int == Int(agent.pid)
                }
                try await eventually("the object is cut, round \(round)") {
                    guard agent.isRunning else { throw ToolError("the agent ended: \(agent.errorsSoFar)") }
                    let names =
                        (try? FileManager.default.contentsOfDirectory(atPath: "\(station.store)/in-flight")) ?? []
                    guard let name = names.first(where: { $0.hasPrefix("tiling ") }) else { return false }
                    agent.signal(SIGSTOP)
                    let derivation = String(name.dropFirst("tiling ".count))
                    // Stopped while it has the log locked, it lets nobody read: then it is stopped once more, later.
                    let derivations = try? await station.events("DerivationStarted")
                    let failures = try? await station.events("StageFailed")
                    let started = derivations?.contains {
                        $0["stream"].text == "derivation/\(derivation)" && $0["payload"]["source_sha256"].text == digest
                    }
                    // The name that the agent before left is crossed off before its death is recorded.
                    let deaths = failures?.count { $0["payload"]["item"].text == derivation }
                    let isIt = started == true && deaths == round - 1
                    if !isIt { agent.signal(SIGCONT) }
                    return isIt
                }
                agent.signal(SIGKILL)
                #expect(try await agent.outcome().wasSignalled)
            }
        }
        #expect(try await station.run("ingest", station.source).status == 3)
        let quarantined = try await list(station)
        #expect(quarantined["reasons"]["crash-loop"].int == 1 && quarantined["total"].int == 1)
        #expect(quarantined["objects"][0]["key"].text == "north/poison.png")
        let deaths = try await station.events("StageFailed").filter { $0["payload"]["reason"].text == "agent-died" }
        #expect(deaths.compactMap { $0["payload"]["attempt"].int }.max() == 3)
        let objects = try await station.program().check(["status", "--json"]).parsed()["objects"]
        #expect(objects["derived"].int == 3)

        // It was not its fault.
        try await station.program().check(["quarantine", "release", "--reason", "crash-loop"])
        #expect(try await station.run("ingest", station.source).status == 0)
        let after = try await station.program().check(["status", "--json"]).parsed()["objects"]
        #expect(after["derived"].int == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(station.store)/in-flight").isEmpty)
    }

    private func sha256(_ bytes: Data, in scratch: Scratch) async throws -> String {
        let path = scratch.file("digest")
        try bytes.write(to: URL(filePath: path))
        return try await String(Tool("sha256sum").check([path]).text.prefix(64))
    }
}
