import Foundation
import TestSupport
import Testing

@Suite("Intake does not run ahead", .timeLimit(.minutes(10)))
struct FlowTests {
    @Test("with more objects than the work list may hold it waits, also for work from before, and ends all the same")
    func backlog() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            let file = try await station.draw(1)
            try await station.put((1...5).map { ("a/\($0).png", file) })
            // What a killed agent leaves on the list counts too.
            let killed = try station.program().start(["ingest", station.source])
            try await eventually("objects are observed") {
                try await station.events("ObjectObserved").count == 5 || !killed.isRunning
            }
            killed.signal(SIGKILL)
            _ = try await killed.outcome()
            try await station.put((6...9).map { ("b/\($0).png", file) })
            let report = try await station.ingest("--backlog-limit", "1")
            #expect(report["finished"] == .bool(true))
            #expect(try await station.status()["objects"]["derived"].int == 9)
            #expect(try await station.events("DerivationCompleted").count == 1)
        }
    }
}
