import Foundation
import TestSupport
import Testing

@Suite("Objects that a queue tells of", .timeLimit(.minutes(10)))
struct QueueSourceTests {
    private static let rare = ["--poll-interval", "86400", "--sweep-interval", "86400"]

    @Test("go from PUT to a DVC commit, and are observed once though the queue, a push and a listing tell of them")
    func endToEnd() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            let queue = try await server.makeTellingQueue()
            let options = Self.rare + ["--sqs-queue-url", queue, "--http-port", "0", "--on-remove", "withdraw"]
            try await station.whileWatching(options, ["SWATHLOG_HTTP_TOKEN": "t"]) { agent in
                try await station.wait("the first look", agent) {
                    let status = try await station.run("status", "--json")
                    return try status.status == 0
                        && !status.parsed()["sources"]["s3://flights/"]["last_sweep"].text.isEmpty
                }
                try await station.put("a/1.png", try await station.draw(1))
                try await station.wait("its tiles", agent) { station.tiles().count == 4 }
                let body = try await Self.message(of: server, about: "a/1.png")
                for _ in 1...2 {
                    let message: [String: any Sendable] = ["QueueUrl": queue, "MessageBody": body]
                    try await server.call(("sqs", "send_message", message))
                }
                let port = try await agent.pushPort()
                let record = try await Self.record(of: server, about: "a/1.png")
                let answer = try await station.push([record], to: port, token: "t")
                #expect(answer.1["repeated"].int == 1)
                let broken: [String: any Sendable] = ["QueueUrl": queue, "MessageBody": "{\"Records\": [{\"s3\": 1}]}"]
                try await server.call(("sqs", "send_message", broken))
                try await station.wait("what can't be read is kept", agent) {
                    try await station.status()["quarantine"]["malformed-notice"].int == 1
                }
                try await station.wait("all messages are deleted", agent) {
                    try await server.messageCount(in: queue) == 0
                }
                try await station.delete("a/1.png")
                // moto tells nobody of it.
                let gone = BucketStation.record(
                    "ObjectRemoved:Delete",
                    "a/1.png",
                    sequencer: "ff",
                    at: "2099-01-01T00:00:00Z"
                )
                let text = String(
                    decoding: try JSONSerialization.data(withJSONObject: ["Records": [gone]]),
                    as: UTF8.self
                )
                try await server.call(("sqs", "send_message", ["QueueUrl": queue, "MessageBody": text]))
                try await station.wait("its tiles leave", agent) { station.tiles().isEmpty }
            }
            #expect(try await station.events("ObjectObserved").map { $0["payload"]["announced_by"].text } == ["sqs"])
            #expect(try await station.events("ObjectRemoved").map { $0["payload"]["announced_by"].text } == ["sqs"])
            // The next look finds nothing else to say.
            let report = try await station.ingest()
            #expect(report["objects_observed"].int == 0 && report["objects_removed"].int == 0)
            #expect(try await station.run("reconcile", "--source", station.source).status == 0)
        }
    }

    @Test("are shared by two agents that list nothing: each object is taken by one of them, and none by both")
    func shards() async throws {
        try await BucketServer.run(.moto) { server in
            let first = try await BucketStation(server)
            let second = try await BucketStation(server, isNew: false)
            // What nobody tells of is not looked for.
            try await first.put("untold.png", try await first.draw(99))
            let queue = try await server.makeTellingQueue()
            let options = ["--polling", "off", "--sqs-queue-url", queue, "--sqs-pollers", "1"]
            let keys = try await first.draw(many: 40).enumerated().map { ("a/\($0).png", $1) }
            try await first.whileWatching(options) { one in
                try await second.whileWatching(options) { other in
                    try await first.put(keys)
                    try await first.wait("all messages are deleted", one) {
                        guard other.isRunning else { throw ToolError(other.errorsSoFar) }
                        let taken = try await first.events("ObjectObserved") + second.events("ObjectObserved")
                        let left = try await server.messageCount(in: queue)
                        return taken.count >= keys.count && left == 0
                    }
                    try await first.wait("their tiles are committed", one) {
                        first.tiles().count + second.tiles().count == keys.count
                    }
                }
            }
            let shares = (try await Self.observed(first), try await Self.observed(second))
            #expect(shares.0.isDisjoint(with: shares.1))
            #expect(shares.0.union(shares.1) == Set(keys.map(\.0)))
        }
    }

    @Test("doctor says when a queue has no dead-letter queue")
    func doctor() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            let queue = try await server.makeTellingQueue()
            let outcome = try await station.run(
                "doctor",
                "--source",
                station.source,
                "--sqs-queue-url",
                queue,
                "--json"
            )
            #expect(outcome.status == 0, "\(outcome.allText)")
            let findings = try outcome.parsed()["findings"].list.filter { $0["subject"].text == "queue" }
            #expect(findings.contains { $0["message"].text.contains("queue-no-dead-letter-queue") })
        }
    }

    private static func observed(_ station: BucketStation) async throws -> Set<String> {
        Set(try await station.events("ObjectObserved").map { $0["payload"]["key"].text })
    }

    private static func record(of server: BucketServer, about key: String) async throws -> [String: any Sendable] {
        let arguments = ["Bucket": BucketStation.bucket, "Key": key]
        let head = try await server.call(("s3", "head_object", arguments))[0]
        return BucketStation.record(
            "ObjectCreated:Put",
            key,
            etag: head["ETag"].text.replacing("\"", with: ""),
            size: head["ContentLength"].int ?? 0,
            sequencer: "01"
        )
    }

    private static func message(
        of server: BucketServer,
        about key: String
    ) async throws -> String {
        let record = try await record(of: server, about: key)
        return String(decoding: try JSONSerialization.data(withJSONObject: ["Records": [record]]), as: UTF8.self)
    }
}
