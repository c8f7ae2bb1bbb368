import Intake
import TestSupport
import Testing

@Suite("Whatever comes in, something is said about it")
struct NoticePropertyTests {
    /// How many records the message that a fixture is holds.
    private func check(_ batch: NoticeBatch, _ text: [UInt8]) {
        // Something came, so something is told of it: nothing is dropped in silence.
        #expect(batch.records.count + batch.ignored >= 1)
        #expect(batch.notices.count + batch.malformed.count == batch.records.count)
        for malformed in batch.malformed {
            #expect(malformed.raw.utf8.count <= MalformedNotice.longestRaw && !malformed.message.isEmpty)
            #expect(malformed.rawBytes <= text.count)
        }
        for notice in batch.notices {
            #expect(!notice.bucket.isEmpty && !notice.key.isEmpty && (notice.size ?? 0) >= 0)
        }
    }

    @Test("mutated messages are notices, malformed or ignored, and never a crash", arguments: Fixture.names)
    func mutated(name: String) throws {
        var random = SeededGenerator(seed: 20_260_301)
        let original = try Fixture.bytes(name)
        let outcomes = NoticeParser.parse(original)
        #expect(outcomes.records.count + outcomes.ignored >= 1)
        for _ in 0..<2_000 {
            let text = random.mutated(original)
            check(NoticeParser.parse(text), text)
            check(NoticeParser.parse(text, headers: [("ce-specversion", "1.0"), ("ce-type", "object.created")]), text)
        }
    }

    @Test("a record that is broken in itself costs none of its neighbours")
    func neighbours() throws {
        var random = SeededGenerator(seed: 7)
        let good = #"{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}"#
        let bad = [
            "1", "null", "[]", "{}", #""x""#, #"{"eventName":1}"#, #"{"eventName":"ObjectCreated:Put"}"#,
            #"{"eventName":"\ud800","s3":{}}"#, #"{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"\q"}}}"#,
        ]
        for _ in 0..<500 {
            let flags = (0..<Int.random(in: 1...40, using: &random)).map { _ in Bool.random(using: &random) }
            let records = flags.map { $0 ? good : bad[Int.random(in: 0..<bad.count, using: &random)] }
            let batch = NoticeParser.parse(Array(#"{"Records":[\#(records.joined(separator: ","))]}"#.utf8))
            #expect(batch.records.map { (try? $0.get()) != nil } == flags && batch.ignored == 0)
        }
    }
}
