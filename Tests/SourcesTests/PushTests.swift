import Foundation
import TestSupport
import Testing

@Suite("Objects that pushes tell of", .timeLimit(.minutes(10)))
struct PushTests {
    private static let token = "a secret"
    private static let rare = ["--poll-interval", "86400", "--sweep-interval", "86400", "--http-port", "0"]
    private static let secrets = ["SWATHLOG_HTTP_TOKEN": token]

    @Test("are taken once, however often and by whomever they are told")
    func once() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            try await station.put("a/1.png", try await station.draw(1))
            try await station.whileWatching(Self.rare, Self.secrets) { agent in
                let port = try await agent.pushPort()
                try await station.wait("the first tiles", agent) { station.tiles().count == 4 }
                let two = try await station.draw(2)
                try await station.put("a/2.png", two)
                let record = try await self.created("a/2.png", station, sequencer: "01")
                let first = try await station.push([record, record], to: port, token: Self.token)
                #expect(first.0 == 200 && first.1["observed"].int == 1 && first.1["repeated"].int == 1)
                let again = try await station.push([record], to: port, token: Self.token)
                #expect(again.1["observed"].int == 0 && again.1["repeated"].int == 1)
                try await station.wait("its tiles", agent) { station.tiles().count == 8 }
            }
            // What a push told, a listing only repeats.
            #expect(try await station.ingest()["objects_observed"].int == 0)
            let observed = try await station.events("ObjectObserved").map { $0["payload"]["announced_by"].text }
            #expect(observed == ["listing", "push"])
        }
    }

    @Test("as the example in tools/examples tells them are followed by it to their dataset version")
    func example() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            try await station.whileWatching(Self.rare, Self.secrets) { agent in
                let port = try await agent.pushPort()
                try await station.put("a/1 ü.png", try await station.draw(1))
                var example = try Tool(Checkout.file("tools/examples/ingest-one-event"))
                example.environment = try station.program(Self.secrets).environment
                let programs = URL(fileURLWithPath: Checkout.swathlog).deletingLastPathComponent().path
                example.environment["PATH"] = "\(programs):\(example.environment["PATH"] ?? "")"
                example.environment["AGENT_URL"] = "http://127.0.0.1:\(port)"
                let said = try JSON.lines(try await example.check([BucketStation.bucket, "a/1 ü.png"]).text)
                #expect(said[0]["observed"].int == 1)
                #expect(said[1]["type"].text == "ObjectObserved" && said[1]["payload"]["key"].text == "a/1 ü.png")
                #expect(said[2]["type"].text == "DatasetCommitted" && said[2]["payload"]["partition"].text == "a")
            }
        }
    }

    @Test("out of order: the greatest sequencer is what the key holds, removals among them")
    func order() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            try await station.put("a/1.png", try await station.draw(1))
            let one = try await created("a/1.png", station, sequencer: "01")
            try await station.put("a/1.png", try await station.draw(2, size: "300x200"))
            let two = try await created("a/1.png", station, sequencer: "03")
            let gone = BucketStation.record("ObjectRemoved:Delete", "a/1.png", sequencer: "02")
            try await station.whileWatching(Self.rare, Self.secrets) { agent in
                let port = try await agent.pushPort()
                try await station.wait("the tiles of what is there", agent) { station.tiles().count == 6 }
                let answer = try await station.push([two, gone, one], to: port, token: Self.token)
                #expect(answer.0 == 200 && answer.1["removed"].int == 0 && answer.1["late"].int == 1)
            }
            #expect(station.tiles().count == 6)
        }
    }

    @Test("that are gone before they are read are quarantined with the reason, and not tried for ever")
    func vanished() async throws {
        try await BucketServer.run(.moto) { server in
            let station = try await BucketStation(server)
            try await station.put("a/1.png", try await station.draw(1))
            try await station.whileWatching(Self.rare, Self.secrets) { agent in
                let port = try await agent.pushPort()
                let etag = "0123456789abcdef0123456789abcdef"
                let record = BucketStation.record("ObjectCreated:Put", "a/2.png", etag: etag, size: 9, sequencer: "01")
                let other = BucketStation.record(
                    "ObjectCreated:Put",
                    "a/1.png",
                    etag: etag,
                    size: 9,
                    sequencer: "09",
                    at: "2099-01-01T00:00:00Z"
                )
                try await station.wait("the first tiles", agent) { station.tiles().count == 4 }
                #expect(try await station.push([record, other], to: port, token: Self.token).0 == 200)
                try await station.wait("both are quarantined", agent) {
                    try await station.status()["objects"]["quarantined"].int == 2
                }
            }
            let reasons = try await station.events("ObjectQuarantined").map { $0["payload"]["reason"].text }
            #expect(Set(reasons) == ["object-gone", "object-changed"])
            #expect(try await station.events("StageFailed").isEmpty)
        }
    }

    /// A record of the object that the key holds now.
    private func created(
        _ key: String,
        _ station: BucketStation,
        sequencer: String
    ) async throws -> [String: any Sendable] {
        let arguments = ["Bucket": BucketStation.bucket, "Key": key]
        let head = try await station.server.call(("s3", "head_object", arguments))[0]
        return BucketStation.record(
            "ObjectCreated:Put",
            key,
            etag: head["ETag"].text.replacing("\"", with: ""),
            size: head["ContentLength"].int ?? 0,
            sequencer: sequencer
        )
    }
}
