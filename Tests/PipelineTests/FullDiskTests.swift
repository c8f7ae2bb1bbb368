import Foundation
import TestSupport
import Testing

@Suite("A full disk pauses the work and harms nothing", .serialized, .timeLimit(.minutes(15)))
struct FullDiskTests {
    private static let images = 8

    /// Runs `body` with a flight that is too large for the disk that the store is on.
    private func withFullDisk(_ body: (Station, String, SmallDisk) async throws -> Void) async throws {
        let station = try Station("disk")
        try await station.program().check([
            "sample-flight", "\(station.source)/a", "--images", "\(Self.images)", "--megapixels", "2",
        ])
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(station.source)/a") {
            try station.age("\(station.source)/a/\(name)")
        }
        try await SmallDisk.run(in: station.scratch, megabytes: 24) { disk in
            try await body(station, "\(disk.path)/store", disk)
        }
    }

    private func expectWhole(_ station: Station, _ store: String) async throws {
        let status = try await station.run("status", "--store", store, "--json").parsed()
        #expect(status["objects"]["derived"].int == Self.images)
        #expect(status["pauses"].list.isEmpty)
        #expect(status["work"].list.isEmpty)
        let audit = try await station.run("audit", "verify", "--store", store)
        #expect(audit.status == 0, "\(audit.allText)")
        #expect(try await station.dvc("status", "--json", in: "\(store)/dataset").parsed().keys.isEmpty)
    }

    @Test("the agent says so, waits, and goes on by itself when there is room")
    func goesOn() async throws {
        try await withFullDisk { station, store, disk in
            let running = try station.program().start(["ingest", station.source, "--store", store, "--json"])
            try await eventually("the agent says that the disk is full") {
                running.errorsSoFar.contains("paused") || !running.isRunning
            }
            #expect(running.isRunning)
            #expect(running.errorsSoFar.contains("disk"))
            try await disk.resize(megabytes: 400)
            let outcome = try await running.outcome()
            #expect(outcome.status == 0, "\(outcome.allText)")
            try await expectWhole(station, store)
        }
    }

    @Test("killed while it waits, it goes on from the log when there is room")
    func killedWhilePaused() async throws {
        try await withFullDisk { station, store, disk in
            let running = try station.program().start(["ingest", station.source, "--store", store, "--json"])
            try await eventually("the agent says that the disk is full") {
                running.errorsSoFar.contains("paused") || !running.isRunning
            }
            running.signal(SIGKILL)
            #expect(try await running.outcome().wasSignalled)
            try await disk.resize(megabytes: 400)
            let outcome = try await station.run("ingest", station.source, "--store", store)
            #expect(outcome.status == 0, "\(outcome.allText)")
            try await expectWhole(station, store)
        }
    }
}
