import Foundation
import TestSupport
import Testing

@Suite("A queue that repeats, reorders and loses", .timeLimit(.minutes(10)))
struct GapTests {
    @Test("takes nothing twice, and what it never told a listing finds", arguments: [1, 2])
    func gaps(seed: UInt64) async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            // The bucket tells the one, the agent reads the other: between them stands this test.
            let (changes, told) = (try await server.makeTellingQueue(), try await server.makeQueue("told"))
            let files = try await station.draw(many: 50)
            // Every fifth key is written twice.
            let first = files[..<40].enumerated().map { (String(format: "a/%02d.png", $0.offset), $0.element) }
            let second = files[40...].enumerated().map { (first[$0.offset * 4].0, $0.element) }
            var dice = SeededGenerator(seed: seed)
            var kept: Set<String> = []
            let rare = ["--poll-interval", "86400", "--sweep-interval", "86400", "--sqs-queue-url", told]
            try await station.whileWatching(rare) { agent in
                try await station.wait("the first look", agent) {
                    let status = try await station.run("status", "--json")
                    return try status.status == 0
                        && !status.parsed()["sources"]["s3://flights/"]["last_sweep"].text.isEmpty
                }
                try await station.put(first + second)
                var messages = try await server.takeMessages(files.count, from: changes)
                messages.shuffle(using: &dice)
                messages.removeFirst(files.count / 5)
                kept = Set(try messages.map(version))
                messages += messages.filter { _ in Bool.random(using: &dice) }
                messages.shuffle(using: &dice)
                try await server.send(messages, to: told)
                try await station.wait("the queue is empty", agent) {
                    try await server.messageCount(in: told) == 0
                }
            }
            let bySQS = try await station.events("ObjectObserved").map { $0["payload"] }
            #expect(Set(bySQS.map { "\($0["key"].text) \($0["etag"].text)" }) == kept && bySQS.count == kept.count)
            #expect(bySQS.allSatisfy { $0["announced_by"].text == "sqs" })
            // What was lost, or was the older one of two, is told by a listing.
            #expect([0, 3].contains(try await station.run("ingest", station.source).status))
            let versions = try await station.events("ObjectObserved").map {
                "\($0["payload"]["key"].text) \($0["payload"]["etag"].text)"
            }
            #expect(Set(versions).count == versions.count)
            #expect(Set(versions).isSuperset(of: try await current(server)))
            let reconciled = try await station.run("reconcile", "--source", station.source, "--json")
            #expect(reconciled.status == 0, "\(reconciled.allText)")
            #expect(try reconciled.parsed()["known"].int == first.count)
            #expect(try await station.status()["objects"]["derived"].int ?? 0 >= first.count)
            // Only what had been replaced before it was told could not be fetched.
            let reasons = try await station.events("ObjectQuarantined").map { $0["payload"]["reason"].text }
            #expect(reasons.count <= second.count && reasons.allSatisfy { $0 == "object-changed" })
            #expect(try await station.ingest()["objects_observed"].int == 0)
        }
    }

    /// The key and the ETag that a message tells of.
    private func version(_ message: String) throws -> String {
        let object = try JSON.lines(message).first?["Records"].list.first?["s3"]["object"]
        return "\(object?["key"].text.removingPercentEncoding ?? "") \(object?["eTag"].text ?? "")"
    }

    /// What the bucket holds, by key and ETag.
    private func current(_ server: BucketServer) async throws -> Set<String> {
        let page = try await server.call(("s3", "list_objects_v2", ["Bucket": BucketStation.bucket]))[0]
        return Set(
            page["Contents"].list.map { "\($0["Key"].text) \($0["ETag"].text.replacing("\"", with: ""))" }
        )
    }
}
