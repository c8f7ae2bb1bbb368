import Events
import Intake
import Testing

@Suite("CloudEvents in the three modes of HTTP")
struct CloudEventTests {
    @Test("structured: the data is an S3 record, whose key is encoded")
    func structured() throws {
        let batch = NoticeParser.parse(
            try Fixture.bytes("cloudevent-s3"),
            headers: [("Content-Type", "application/cloudevents+json; charset=utf-8")]
        )
        #expect(batch.notices.map(\.key) == ["a b.jpg"] && batch.records.count == 1)
    }

    @Test("structured: the data names the bucket and the key, which is not encoded, and the type says the rest")
    func plain() throws {
        let batch = NoticeParser.parse(try Fixture.bytes("cloudevent-plain"))
        let expected = ObjectNotice(
            kind: .created,
            bucket: "flights",
            key: "a+b.jpg",
            size: 12,
            etag: "e",
            versionID: "v1",
            sequencer: "00AB",
            eventTime: Timestamp(rfc3339: "2026-03-01T09:30:00Z")
        )
        #expect(batch == NoticeBatch(records: [.success(expected)]))
    }

    @Test("batched: each event stands for itself")
    func batched() throws {
        let batch = NoticeParser.parse(
            try Fixture.bytes("cloudevent-batch"),
            headers: [("content-type", "application/cloudevents-batch+json")]
        )
        #expect(batch.notices.map { "\($0.kind) \($0.key)" } == ["created a.jpg", "removed b.jpg", "created d.jpg"])
        #expect(batch.ignored == 1 && batch.malformed.count == 1)
        #expect(batch.malformed[0].bucket == "flights")
        #expect(NoticeParser.parse(Array("[]".utf8)) == NoticeBatch(ignored: 1))
    }

    @Test("binary: the attributes are headers, percent-encoded, and the body is the data")
    func binary() throws {
        let headers = [
            ("Content-Type", "application/json"), ("Ce-Specversion", "1.0"), ("ce-id", "1"), ("ce-source", "s"),
            ("ce-type", "org.example.object%2Eremoved"), ("CE-Time", "2026-03-01T09:30:00Z"),
        ]
        let body = Array(#"{"bucket":"flights","key":"a.jpg","versionId":"v2"}"#.utf8)
        let batch = NoticeParser.parse(body, headers: headers.map { (name: $0.0, value: $0.1) })
        let expected = ObjectNotice(
            kind: .removed,
            bucket: "flights",
            key: "a.jpg",
            versionID: "v2",
            eventTime: Timestamp(rfc3339: "2026-03-01T09:30:00Z")
        )
        #expect(batch == NoticeBatch(records: [.success(expected)]))
        let record = NoticeParser.parse(
            try Fixture.bytes("minio-put"),
            headers: headers.map { (name: $0.0, value: $0.1) }
        )
        #expect(record.notices.map(\.key) == ["test12/DG0890 EY2.jpg"])
        #expect(NoticeParser.parse([], headers: [("ce-specversion", "1.0")]).malformed.map(\.code) == [.notJSON])
    }

    @Test("EventBridge's detail in a CloudEvent, as bridges pass it on")
    func detail() {
        let text = """
            {"specversion":"1.0","id":"1","source":"s","type":"com.amazon.s3.objectdeleted","time":"2026-03-01T09:30:00Z",
            "data":{"bucket":{"name":"b"},"object":{"key":"a+b","version-id":"m"},"deletion-type":"Delete Marker Created"}}
            """
        let notice = NoticeParser.parse(Array(text.utf8)).notices.first
        #expect(notice?.key == "a+b" && notice?.kind == .removed && notice?.versionID == nil)
    }
}
