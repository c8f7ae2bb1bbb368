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

    @Test("while the disk is low it waits and says so, from the low water mark on until the high one")
    func lowDisk() async throws {
        try await BucketServer.run(.moto) { server in
            try await SmallDisk.run(in: try Scratch("low-disk"), megabytes: 200) { disk in
                let station = try await BucketStation(server, store: "\(disk.path)/store")
                let files = try await station.draw(many: 2)
                try await station.put("a/1.png", files[0])
                try await station.whileWatching(["--poll-interval", "1", "--sweep-interval", "1"]) { agent in
                    try await waitForShortage(station, agent) { $0 < 200 }
                    // Above the mark at which it stops, and below the one at which it goes on.
                    try await disk.resize(megabytes: 400)
                    try await waitForShortage(station, agent) { (300..<400).contains($0) }
                    #expect(try await station.events("ObjectObserved").isEmpty)
                    try await disk.resize(megabytes: 700)
                    try await waitUntilDerived(1, station, agent)
                    // It is enough for intake that has not stopped.
                    try await disk.resize(megabytes: 400)
                    try await station.put("a/2.png", files[1])
                    try await waitUntilDerived(2, station, agent)
                    try await disk.resize(megabytes: 200)
                    try await waitForShortage(station, agent) { $0 < 200 }
                    try await station.put("a/3.png", files[0])
                    try await disk.resize(megabytes: 700)
                    try await waitUntilDerived(3, station, agent)
                }
                #expect(try await station.events("ObjectQuarantined").isEmpty)
                #expect(try await station.run("reconcile", "--source", station.source).status == 0)
            }
        }
    }

    private func waitForShortage(
        _ station: BucketStation,
        _ agent: RunningTool,
        _ isSo: (_ megabytes: Int) -> Bool
    ) async throws {
        try await station.wait("the status says how little room there is", agent) {
            let status = try await station.run("status", "--json")
            guard status.status == 0 else { return false }
            let source = try status.parsed()["sources"]["s3://flights/"]
            guard source["state"].text == "waiting" else { return false }
            let free = source["message"].text.firstMatch(of: /has (\d+) MiB free/).flatMap { Int($0.output.1) }
            return free.map(isSo) ?? false
        }
    }

    private func waitUntilDerived(_ count: Int, _ station: BucketStation, _ agent: RunningTool) async throws {
        try await station.wait("\(count) objects are derived", agent) {
            try await station.status()["objects"]["derived"].int == count
        }
    }
}
