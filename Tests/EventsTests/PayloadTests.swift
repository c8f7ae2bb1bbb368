import Events
import Foundation
import TestSupport
import Testing

@Suite("Payloads keep the shape of their first release")
struct PayloadTests {
    @Test("every type of event has a sample and a fixture", arguments: EventType.allCases)
    func isCovered(type: EventType) throws {
        #expect(PayloadSamples.all.filter { Swift.type(of: $0).type == type }.count == 1)
        #expect(try !Self.fixture(type).isEmpty)
    }

    @Test("no fixture is left of a type that is gone")
    func noneIsLeft() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(names) == Set(EventType.allCases.map { "\($0.rawValue).json" }))
    }

    @Test("the reference shows a payload of each type as its fixture has it", arguments: EventType.allCases)
    func isShown(type: EventType) throws {
        let path = Checkout.file("Sources/Events/Events.docc/Events.md")
        let reference = try String(contentsOfFile: path, encoding: .utf8)
        let section = try #require(reference.components(separatedBy: "### \(type.rawValue)\n").dropFirst().first)
        let block = section.components(separatedBy: "```json\n").dropFirst().first
        let example = block?.components(separatedBy: "\n```")[0]
        #expect(try example == String(decoding: Self.fixture(type), as: UTF8.self))
    }

    @Test(
        "a payload is written as its fixture, and the fixture reads back as the payload",
        arguments: EventType.allCases
    )
    func isStable(type: EventType) throws {
        let sample = try #require(PayloadSamples.all.first { Swift.type(of: $0).type == type })
        try check(sample)
    }

    private func check<Payload: EventPayload>(_ sample: Payload) throws {
        let text = try Self.fixture(Payload.type)
        #expect(CanonicalJSON { sample.encode(into: &$0) }.text == String(decoding: text, as: UTF8.self))
        #expect(try Payload(from: try JSONObject(text)) == sample)
        #expect(Payload.schemaVersion == 1)
    }

    @Test("fields that may be absent have no key, and read back as absent")
    func absentFields() throws {
        let observed = ObjectObserved(
            source: "s",
            bucket: "b",
            key: "k",
            version: "1",
            size: 0,
            modifiedAt: nil
        )
        try roundTrip(observed, #"{"bucket":"b","key":"k","size":0,"source":"s","version":"1"}"#)
        try roundTrip(ObjectRemoved(onRemove: "keep"), #"{"on_remove":"keep"}"#)
        let pushed = DatasetPushed(
            commitID: "c",
            partition: "p",
            manifest: "m",
            remote: "r",
            objectsSent: 2,
            bytesSent: nil
        )
        try roundTrip(pushed, #"{"commit_id":"c","manifest":"m","objects_sent":2,"partition":"p","remote":"r"}"#)
        let attempt = NotificationAttempted(attempt: 1, status: nil, error: nil, seconds: 0)
        try roundTrip(attempt, #"{"attempt":1,"seconds":0}"#)
        let failed = StageFailed(
            stage: "s",
            item: nil,
            attempt: 1,
            reason: "r",
            message: "",
            nextAttemptAt: Timestamp(microseconds: -1)
        )
        try roundTrip(failed, #"{"attempt":1,"message":"","next_attempt_at":-1,"reason":"r","stage":"s"}"#)
    }

    @Test("that tiles are lost is written where they are")
    func lostTiles() throws {
        let failed = DerivationFailed(
            sourceSHA256: PayloadSamples.photograph,
            recipe: PayloadSamples.photograph,
            reason: "object-gone",
            message: "m",
            isLost: true
        )
        let digest = PayloadSamples.photograph
        try roundTrip(
            failed,
            #"{"lost":true,"message":"m","reason":"object-gone","recipe":"\#(digest)","source_sha256":"\#(digest)"}"#
        )
    }

    @Test("how a version is tagged and shared is written where it is wished")
    func commitFields() throws {
        let started = DatasetCommitStarted(
            commitID: "c",
            partition: "p",
            recipe: PayloadSamples.photograph,
            manifest: "m",
            previous: nil,
            files: 1,
            bytes: 2,
            added: 1,
            changed: 0,
            removed: 0,
            fromPosition: 3,
            throughPosition: 4,
            remote: nil,
            tag: "p/1",
            gitRemote: "origin",
            gitBranch: "main"
        )
        let text =
            #"{"added":1,"bytes":2,"changed":0,"commit_id":"c","files":1,"from_position":3,"git_branch":"main","#
            + #""git_remote":"origin","manifest":"m","partition":"p","recipe":"\#(PayloadSamples.photograph)","#
            + #""removed":0,"tag":"p/1","through_position":4}"#
        try roundTrip(started, text)
    }

    @Test("what only buckets tell is written where it is known")
    func bucketFields() throws {
        let observed = ObjectObserved(
            source: "s3",
            bucket: "flights",
            key: "north/1.jpg",
            version: "d41d8",
            size: 8,
            modifiedAt: Timestamp(microseconds: 5),
            etag: "d41d8",
            versionID: "096f",
            sequencer: "0055AE",
            announcedBy: "sqs",
            isLate: true
        )
        let text =
            #"{"announced_by":"sqs","bucket":"flights","etag":"d41d8","key":"north/1.jpg","late":true,"modified_at":5,"#
            + #""sequencer":"0055AE","size":8,"source":"s3","version":"d41d8","version_id":"096f"}"#
        try roundTrip(observed, text)
        let removed = ObjectRemoved(
            onRemove: "withdraw",
            removedAt: Timestamp(microseconds: 6),
            sequencer: "0056",
            announcedBy: "push"
        )
        try roundTrip(
            removed,
            #"{"announced_by":"push","on_remove":"withdraw","removed_at":6,"sequencer":"0056"}"#
        )
        let notice = ObjectQuarantined(stage: "intake", reason: "malformed-notice", message: "m", raw: "{\u{7}")
        try roundTrip(
            notice,
            #"{"message":"m","raw":"{\u0007","reason":"malformed-notice","stage":"intake"}"#
        )
    }

    private func roundTrip<Payload: EventPayload>(_ payload: Payload, _ text: String) throws {
        #expect(CanonicalJSON { payload.encode(into: &$0) }.text == text)
        #expect(try Payload(from: try JSONObject(Array(text.utf8))) == payload)
    }

    @Test("a field that a newer version added is no obstacle")
    func unknownField() throws {
        let text = #"{"attempt":3,"latency":{"dns":[1,2]}}"#
        #expect(
            try NotificationDelivered(from: try JSONObject(Array(text.utf8)))
                == NotificationDelivered(attempt: 3)
        )
    }

    @Test("an event of another type or a newer version does not decode")
    func unknownEvents() {
        for (type, version) in [("AgentStopped", 2), ("AgentVanished", 1)] {
            let event = RecordedEvent(
                position: 1,
                id: EventID(derivedFrom: "x"),
                stream: "agent",
                revision: 1,
                type: type,
                schemaVersion: version,
                recordedAt: Timestamp(microseconds: 0),
                actor: "test",
                causation: nil,
                correlation: nil,
                payload: Array(#"{"reason":"finished"}"#.utf8)
            )
            #expect { try event.decode(AgentStopped.self) } throws: {
                ($0 as? EventError)?.code == .unknownEvent
            }
        }
    }

    @Test("mutated payloads decode or throw, and never crash")
    func mutations() throws {
        var random = SeededGenerator(seed: 7)
        for type in EventType.allCases {
            let original = try Self.fixture(type)
            let sample = try #require(PayloadSamples.all.first { Swift.type(of: $0).type == type })
            for _ in 0..<2_000 { Self.decode(like: sample, random.mutated(original)) }
        }
    }

    private static func decode<Payload: EventPayload>(like _: Payload, _ text: [UInt8]) {
        guard let json = try? JSONObject(text), let payload = try? Payload(from: json) else { return }
        _ = CanonicalJSON { payload.encode(into: &$0) }.text
    }

    @Test(
        "numbers that no pixel has do not crash a tile's decoding",
        arguments: ["1e999", "1e300", "0.5", "\"1\"", "[1]"]
    )
    func hugeWindow(number: String) throws {
        let text = String(decoding: try Self.fixture(.tileWritten), as: UTF8.self)
            .replacing("\"x\":3136", with: "\"x\":\(number)")
        #expect { try TileWritten(from: try JSONObject(Array(text.utf8))) } throws: {
            ($0 as? EventError)?.code == .badField
        }
    }

    @Test("what is read of a tile alone is what reading all of it says, and is refused for the same reasons")
    func writtenTile() throws {
        let text = String(decoding: try Self.fixture(.tileWritten), as: UTF8.self)
        let whole = try TileWritten(from: try JSONObject(Array(text.utf8)))
        // The first of two members counts, and white space does not.
        let alike = [
            " \(text)\n", text.replacing("\"name\":", with: "\"name\" : "), text.dropLast() + #","name":"x"}"#,
        ]
        for text in [text] + alike {
            let tile = try Self.writtenTile(text)
            #expect(tile.name == whole.name && tile.bytes == whole.bytes)
            #expect(tile.sha256 == whole.sha256 && tile.md5 == UInt128(whole.md5, radix: 16))
        }
        for text in [String(text.dropLast()), text + "}", text.replacing("\"edge\":", with: "\"edge\"")] {
            #expect { try Self.writtenTile(text) } throws: { ($0 as? EventError)?.code == .malformedJSON }
        }
        for key in ["name", "bytes", "sha256", "md5"] {
            for other in ["\"\(key)x\":", "\"\(key)\":null,\"y\":", "\"\(key)\":{},\"y\":"] {
                #expect { try Self.writtenTile(text.replacing("\"\(key)\":", with: other)) } throws: {
                    ($0 as? EventError)?.code == .badField
                }
            }
        }
    }

    private static func writtenTile(_ payload: String, version: Int = 1) throws -> WrittenTile {
        try WrittenTile(
            RecordedEvent(
                position: 1,
                id: EventID(high: 1, low: 2),
                stream: "derivation/x",
                revision: 1,
                type: "TileWritten",
                schemaVersion: version,
                recordedAt: Timestamp(microseconds: 0),
                actor: "test",
                causation: nil,
                correlation: nil,
                payload: Array(payload.utf8)
            )
        )
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Fixtures"
    )

    private static func fixture(_ type: EventType) throws -> [UInt8] {
        try Array(Data(contentsOf: folder.appending(path: "\(type.rawValue).json")))
    }
}
