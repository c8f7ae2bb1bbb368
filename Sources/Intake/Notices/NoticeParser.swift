import Events

/// Reads what queues and pushes bring, whatever form it has, into notices; pure, and total: any bytes have an outcome.
///
/// One message is one of these, told apart by their members:
///
/// - `{"Records": [...]}` and one bare record: S3's event messages, MinIO's and Ceph's (`readRecord`);
/// - `{"Event": "s3:TestEvent", ...}`, which S3 sends when a notification is set up: ignored;
/// - `{"Type": "Notification", "TopicArn": ..., "Message": "..."}`: Amazon SNS without raw delivery; the message inside is
///   any of these (with raw delivery there is no envelope). Its other types are ignored;
/// - `{"detail-type": ..., "detail": {...}}`: EventBridge (`readEventBridge`);
/// - `{"specversion": "1.0", ...}`: a CloudEvent in structured mode (`readCloudEvent`);
/// - an array of these: a batch of CloudEvents, or what a pipe delivers.
package struct NoticeParser {
    /// The longest message that is read; SQS takes 1 MiB, SNS and EventBridge 256 KiB.
    package static let longestMessage = 4 << 20
    /// The most records that one message may hold; the stores send one, and the batches of a pipe are of thousands.
    package static let mostRecords = 10_000
    /// EventBridge in SNS in a CloudEvent is three; what is deeper is made to hurt.
    private static let deepest = 4

    private var batch = NoticeBatch()

    /// Reads the body of a queue's message, or of a push whose headers say nothing.
    package static func parse(_ message: [UInt8]) -> NoticeBatch {
        guard message.count <= longestMessage else { return tooLong(message) }
        var parser = NoticeParser()
        parser.read(message, depth: 0)
        return parser.batch
    }

    /// Reads a push over HTTP, which may be a CloudEvent in binary mode: its attributes in headers, its data the body.
    ///
    /// Source: "HTTP Protocol Binding for CloudEvents", version 1.0.2, section 3.1 (header values are percent-encoded);
    /// the modes are told apart as in section 3: structured and batched by `Content-Type: application/cloudevents`, and
    /// binary by `ce-specversion`.
    package static func parse(_ body: [UInt8], headers: [(name: String, value: String)]) -> NoticeBatch {
        guard body.count <= longestMessage else { return tooLong(body) }
        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name }?.value
        }
        let isStructured = header("content-type")?.lowercased().hasPrefix("application/cloudevents") ?? false
        guard !isStructured, let version = header("ce-specversion") else { return parse(body) }
        func attribute(_ name: String) -> String? {
            header("ce-\(name)").map { percentDecoded($0, plusIsSpace: false) ?? $0 }
        }
        var parser = NoticeParser()
        let event = CloudEvent(version: version, type: attribute("type"), time: attribute("time"), data: body)
        parser.read(event, text: body, depth: 0)
        return parser.batch
    }

    private static func tooLong(_ message: [UInt8]) -> NoticeBatch {
        let reason = "the message has \(message.count) bytes, and none of a store has more than \(longestMessage)"
        return NoticeBatch(records: [.failure(MalformedNotice(.tooLarge, reason, raw: message))])
    }

    private mutating func read(_ text: [UInt8], depth: Int) {
        guard depth < Self.deepest else {
            return fail(.unknownForm, "the message is wrapped more than \(Self.deepest) times", text)
        }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        if text.first(where: { !isSpace($0) }) == UInt8(ascii: "[") {
            guard let array = JSONArray(text) else { return fail(.notJSON, "the message is not JSON", text) }
            readAll(array, of: text) { parser, element in parser.read(element, depth: depth + 1) }
            return
        }
        do {
            try read(JSONObject(text), text, depth: depth)
        } catch {
            fail(error.code == .malformedJSON ? .notJSON : .badField, error.message, text)
        }
    }

    private mutating func read(_ object: JSONObject, _ text: [UInt8], depth: Int) throws(EventError) {
        if let records = object.raw("Records") {
            guard let array = JSONArray(records) else { return fail(.badField, "'Records' is not an array", text) }
            readAll(array, of: text) { parser, element in parser.take(readRecord(element)) }
        } else if object.raw("specversion") != nil {
            read(try CloudEvent(object), text: text, depth: depth)
        } else if object.raw("detail-type") != nil, object.raw("detail") != nil {
            take(readEventBridge(object, text))
        } else if object.raw("eventName") != nil, object.raw("s3") != nil {
            take(readRecord(text))
        } else if object.raw("TopicArn") != nil, object.raw("Type") != nil {
            guard try object.string("Type") == "Notification" else { return ignore() }
            read(Array(try object.string("Message").utf8), depth: depth + 1)
        } else if object.raw("Event") != nil, try object.string("Event") == "s3:TestEvent" {
            ignore()
        } else {
            fail(
                .unknownForm,
                "the message is neither S3's, MinIO's or Ceph's nor SNS's, EventBridge's or a CloudEvent",
                text
            )
        }
    }

    /// Reads a CloudEvent: what it carries is a message of its own, or the fields themselves.
    private mutating func read(_ event: CloudEvent, text: [UInt8], depth: Int) {
        guard event.version.hasPrefix("1.") else {
            return fail(.unknownForm, "the CloudEvent is of version '\(event.version)'; send 1.0", text)
        }
        guard let object = try? JSONObject(event.data) else {
            return fail(.notJSON, "the CloudEvent's data is not a JSON object", text)
        }
        if object.raw("bucket") != nil {
            take(event.read(object, text))
        } else {
            read(event.data, depth: depth + 1)
        }
    }

    private mutating func readAll(
        _ array: JSONArray,
        of text: [UInt8],
        _ body: (inout NoticeParser, [UInt8]) -> Void
    ) {
        guard batch.records.count + batch.ignored + array.elements.count <= Self.mostRecords else {
            return fail(.tooLarge, "the message holds more than \(Self.mostRecords) records", text)
        }
        if array.elements.isEmpty { ignore() }
        for element in array.elements { body(&self, Array(element)) }
    }

    private mutating func take(_ outcome: Result<ObjectNotice?, MalformedNotice>) {
        switch outcome {
        case .success(nil): ignore()
        case .success(let notice?): batch.records.append(.success(notice))
        case .failure(let malformed): batch.records.append(.failure(malformed))
        }
    }

    private mutating func ignore() {
        batch.ignored += 1
    }

    private mutating func fail(_ code: MalformedNotice.Code, _ reason: String, _ text: [UInt8]) {
        batch.records.append(.failure(MalformedNotice(code, reason, raw: text)))
    }
}
