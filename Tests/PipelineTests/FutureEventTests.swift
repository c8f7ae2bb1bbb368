import EventLog
import Events
import Foundation
import TestSupport
import Testing

@Suite("What a newer program recorded is kept as it is", .timeLimit(.minutes(10)))
struct FutureEventTests {
    @Test("events of unknown types and versions pass through replay, export, audit and backup, and the agent goes on")
    func unknown() async throws {
        let station = try Station("future")
        try await station.draw("a/one.png")
        try await station.ingest()
        let payload = #"{"deep":{"list":[1,2.5,"ü",null]},"number":1e3}"#
        let strange = [("ObjectDreamt", 1), ("ObjectDreamt", 7), ("TileWritten", 99), ("GenerationCutOver", 2)]
        let log = try EventLog.open(path: "\(station.store)/log.db", actor: "swathlog/9.0.0")
        try await log.append(
            strange.map {
                ProposedEvent(type: $0.0, schemaVersion: $0.1, payload: Array(payload.utf8), stream: "agent")
            }
        )
        try log.close()

        try await station.draw("a/two.png", "-negate")
        #expect(try await station.ingest()["commits"].list.count == 1)
        #expect(try await station.run("replay").status == 0)
        let lines = try await station.program().check(["export", "events"]).text.split(separator: "\n")
        let kept = lines.filter { $0.contains("swathlog/9.0.0") }
        #expect(kept.count == strange.count && kept.allSatisfy { $0.contains("\"payload\":\(payload)") }, "\(kept)")
        #expect(try await station.run("audit", "verify").status == 0)
        #expect(try await station.run("lineage", "--gaps").status == 0)
        let verifier = try Tool("\(Checkout.root)/tools/verify-log")
        let other = try await verifier.run(["\(station.store)/log.db", station.dataset])
        #expect(other.status == 0, "\(other.allText)")
        let status = try await station.program().check(["status"]).text
        #expect(status.contains("ObjectDreamt"), "\(status)")

        let backup = station.scratch.file("backup.db")
        try await station.program().check(["backup", backup])
        let copy = try Station("restored")
        try await copy.program().check(["restore", backup])
        #expect(try await copy.program().check(["export", "events"]).text.split(separator: "\n") == lines)
    }
}
