import Events
import Intake
import Testing

@Suite("Messages of every form that is promised")
struct NoticeFormTests {
    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    private func parse(_ text: String) -> NoticeBatch { NoticeParser.parse(Array(text.utf8)) }

    private func only(_ name: String) throws -> ObjectNotice {
        let batch = NoticeParser.parse(try Fixture.bytes(name))
        #expect(batch.records.count == 1 && batch.ignored == 0)
        return try #require(batch.notices.first)
    }

    @Test("S3's own message")
    func s3() throws {
        let expected = ObjectNotice(
            kind: .created,
            bucket: "amzn-s3-demo-bucket",
            key: "HappyFace.jpg",
            size: 1024,
            etag: "d41d8cd98f00b204e9800998ecf8427e",
            versionID: "096fKKXTRTtl3on89fVO.nfljtsv6qko",
            sequencer: "0055AED6DCD90281E5",
            eventTime: try time("1970-01-01T00:00:00Z")
        )
        #expect(try only("s3-put") == expected)
    }

    @Test("each record of a message stands for itself, whatever its neighbours are")
    func several() throws {
        let batch = NoticeParser.parse(try Fixture.bytes("s3-several"))
        #expect(
            batch.notices.map { "\($0.kind) \($0.key)" } == [
                "created 2026-03-01/red flower + été.jpg", "removed old.jpg", "removed hidden.jpg",
                "removed expired.jpg",
            ]
        )
        #expect(batch.notices[0].eventTime == (try time("2026-03-01T09:30:00.125Z")))
        // The id of a delete marker is not an object's.
        #expect(batch.notices[2].versionID == nil)
        #expect(batch.ignored == 1)
        let malformed = try #require(batch.malformed.first)
        #expect(batch.malformed.count == 1)
        #expect(malformed.code == .badField && malformed.bucket == "flights" && malformed.key == nil)
        #expect(malformed.raw.hasPrefix("{") && malformed.raw.contains("broken%zz.jpg") && malformed.raw.hasSuffix("}"))
        #expect(malformed.rawBytes == malformed.raw.utf8.count)
    }

    @Test("what S3 and SNS send when they are set up is ignored", arguments: ["s3-test", "sns-confirmation"])
    func setup(name: String) throws {
        #expect(NoticeParser.parse(try Fixture.bytes(name)) == NoticeBatch(ignored: 1))
    }

    @Test("SNS wraps the message as text")
    func sns() throws {
        let notice = try only("sns")
        #expect(notice.bucket == "flights" && notice.key == "a b.jpg" && notice.size == 12)
    }

    @Test("EventBridge does not encode keys, and writes sequencers in lower case")
    func eventBridge() throws {
        let created = try only("eventbridge-created")
        #expect(created.key == "a+b %20.jpg" && created.size == 5)
        #expect(created.etag == "b1946ac92492d2347c6235b4d2611184")
        #expect(created.versionID == "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e")
        #expect(created.sequencer == "617F08299329D189")
        #expect(created.eventTime == (try time("2021-11-12T00:00:00Z")))
        let deleted = try only("eventbridge-deleted")
        #expect(deleted.kind == .removed && deleted.versionID == nil && deleted.size == nil)
    }

    @Test("a version that was deleted for good is named, since the key may hold another one")
    func permanently() throws {
        let text = String(decoding: try Fixture.bytes("eventbridge-deleted"), as: UTF8.self)
        let batch = parse(text.replacing("Delete Marker Created", with: "Permanently Deleted"))
        #expect(batch.notices.first?.versionID == "1QW9g1Z99LUNbvaaYVpW9xDlOLU.qxgF")
    }

    @Test("MinIO encodes slashes as well, and once called every version 1")
    func minIO() throws {
        let put = try only("minio-put")
        #expect(put.key == "test12/DG0890 EY2.jpg" && put.versionID == nil && put.size == 629_648)
        let delete = try only("minio-delete")
        #expect(delete.kind == .removed && delete.key == "dashboard.json" && delete.etag == nil)
    }

    @Test("Ceph encodes nothing, writes sizes as text and leaves fields empty")
    func ceph() throws {
        let put = try only("ceph-put")
        #expect(put.key == "my+image %1.jpg" && put.size == 1024)
        #expect(put.etag == nil && put.versionID == nil && put.sequencer == "F7E6D75DC742D108")
        #expect(put.eventTime == (try time("2019-11-22T13:47:35.124724Z")))
        let synced = try only("ceph-synced")
        #expect(synced.kind == .created && synced.sequencer == nil)
    }

    @Test(
        "events that neither bring nor take an object are ignored",
        arguments: [
            "s3:ObjectRestore:Completed", "ObjectTagging:Put", "s3:ObjectAccessed:Get", "s3:ObjectCreated:PutRetention",
            "s3:ObjectRemoved:NoOP", "ReducedRedundancyLostObject", "ObjectLifecycle:Expiration:NonCurrent",
            "s3:Replication:OperationCompletedReplication", "LifecycleTransition", "ObjectAcl:Put",
            "IntelligentTiering",
        ]
    )
    func uninteresting(name: String) throws {
        #expect(parse(#"{"Records":[{"eventName":"\#(name)","s3":{}}]}"#) == NoticeBatch(ignored: 1))
    }

    @Test(
        "what is no message that is known keeps its text",
        arguments: [
            ("", MalformedNotice.Code.notJSON), ("hello", .notJSON), ("{", .notJSON), ("[", .notJSON),
            ("[{]", .notJSON),
            ("1", .notJSON), ("{}", .unknownForm), (#"{"a":1}"#, .unknownForm), (#"{"Records":1}"#, .badField),
            (#"{"Event":"other"}"#, .unknownForm), (#"{"Type":"Notification","TopicArn":"t"}"#, .badField),
            (#"{"Type":"Notification","TopicArn":"t","Message":"hi"}"#, .notJSON),
            (#"{"specversion":"1.0","type":"created"}"#, .badField),
            (#"{"specversion":"2.0","type":"created","data":{}}"#, .unknownForm),
            (#"{"specversion":"1.0","type":"created","data":1}"#, .notJSON),
            (#"[[[[[{}]]]]]"#, .unknownForm),
            (#"{"Records":[{}]}"#, .badField), (#"{"Records":[1]}"#, .badField),
            (#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{}}}]}"#, .badField),
            (
                #"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":""},"object":{"key":"k"}}}]}"#,
                .badField
            ),
            (
                #"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"%00"}}}]}"#,
                .badField
            ),
            (
                #"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"%ff"}}}]}"#,
                .badField
            ),
            (
                #"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k","size":-1}}}]}"#,
                .badField
            ),
            (
                #"{"Records":[{"eventName":"ObjectCreated:Put","eventTime":"now","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}"#,
                .badField
            ),
        ]
    )
    func malformed(text: String, code: MalformedNotice.Code) throws {
        let batch = parse(text)
        #expect(batch.notices.isEmpty && batch.ignored == 0 && batch.malformed.map(\.code) == [code])
        #expect(batch.malformed.allSatisfy { text.contains($0.raw.prefix(3)) || $0.raw == "hi" })
    }

    @Test("no more than 64 KiB of a text are kept, and never half a character")
    func bounded() throws {
        let long = parse(#"{"a":""# + String(repeating: "é", count: 50_000))
        let malformed = try #require(long.malformed.first)
        #expect(malformed.raw.utf8.count <= MalformedNotice.longestRaw)
        #expect(malformed.raw.utf8.count > MalformedNotice.longestRaw - 8)
        #expect(malformed.rawBytes == 100_006)
        let noText = NoticeParser.parse([UInt8](repeating: 0xFF, count: 70_000))
        #expect(try #require(noText.malformed.first).raw.utf8.count <= MalformedNotice.longestRaw)
    }

    @Test("a message that is deep, long or of very many records is one malformed message")
    func hostile() {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(parse(deep).malformed.map(\.code) == [.notJSON])
        let deepInside = #"{"Records":[{"eventName":"ObjectCreated:Put","s3":"# + deep + "}]}"
        #expect(parse(deepInside).malformed.map(\.code) == [.notJSON])
        let many = #"{"Records":["# + Array(repeating: "{}", count: 10_001).joined(separator: ",") + "]}"
        #expect(parse(many).malformed.map(\.code) == [.tooLarge])
        let long = [UInt8](repeating: UInt8(ascii: " "), count: NoticeParser.longestMessage + 1)
        #expect(NoticeParser.parse(long).malformed.map(\.code) == [.tooLarge])
        #expect(NoticeParser.parse(long, headers: [("ce-specversion", "1.0")]).malformed.map(\.code) == [.tooLarge])
    }
}
