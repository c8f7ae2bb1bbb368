import Events
import Foundation

/// The parts of a CloudEvent (version 1.0.2) that matter here.
///
/// Its data is taken in three forms:
///
/// - any message that `NoticeParser` reads, such as an S3 record, which is what the adapter for S3 in the CloudEvents
///   repository (`cloudevents/adapters/aws-s3.md`) puts there;
/// - `{"bucket": {"name": ...}, "object": {"key": ..., ...}}`, which is EventBridge's `detail`;
/// - `{"bucket": ..., "key": ..., "size": ..., "etag": ..., "version_id": ..., "sequencer": ..., "time": ...}`, all but the
///   first two optional, the key not encoded, and `etag` and `version_id` also as `eTag` and `versionId`.
///
/// In the latter two the event's type says what became of the object (`EventKind`), and its time when.
struct CloudEvent {
    let version: String
    let type: String?
    let time: String?
    /// JSON text.
    let data: [UInt8]

    init(version: String, type: String?, time: String?, data: [UInt8]) {
        self.version = version
        self.type = type
        self.time = time
        self.data = data
    }

    /// Reads the JSON format ("JSON Event Format for CloudEvents", version 1.0.2, section 3.1: `data` is a JSON value, and
    /// `data_base64` holds bytes); a string in `data` may hold the JSON text as well.
    init(_ event: JSONObject) throws(EventError) {
        version = try event.string("specversion")
        type = try event.optionalString("type")
        time = try event.optionalString("time")
        if let raw = event.raw("data") {
            data = raw.first == UInt8(ascii: "\"") ? Array(try event.string("data").utf8) : raw
        } else if let encoded = try event.optionalString("data_base64") {
            guard let bytes = Data(base64Encoded: encoded) else {
                throw EventError(.badField, "the CloudEvent's 'data_base64' is not base64")
            }
            data = Array(bytes)
        } else {
            throw EventError(.badField, "the CloudEvent has no data, which should name a bucket and a key")
        }
    }

    /// Reads data that names the bucket and the key itself.
    func read(_ object: JSONObject, _ text: [UInt8]) -> Result<ObjectNotice?, MalformedNotice> {
        readNotice(text) { draft in
            guard let type else { throw NoticeDraft.Problem(message: "the CloudEvent has no type") }
            guard let event = EventKind(cloudEventType: type) else { return nil }
            if object.raw("object") != nil {
                try readDetail(object, into: &draft)
            } else {
                try draft.setBucket(try object.string("bucket"))
                try draft.setKey(try object.string("key"), isEncoded: false)
                try draft.setSize(object, "size")
                draft.setETag(try object.optionalString("etag") ?? object.optionalString("eTag"))
                draft.setVersionID(try object.optionalString("version_id") ?? object.optionalString("versionId"))
                draft.setSequencer(try object.optionalString("sequencer"))
            }
            try draft.setEventTime(try object.optionalString("time") ?? time)
            let deletion = try object.optionalString("deletion-type")
            return event == .deleted && deletion == "Delete Marker Created" ? .emptied : event
        }
    }
}
