import Events

/// Reads one record's fields into a notice; nil for an event that is of no interest.
///
/// What a field holds that it must not is a `MalformedNotice` with the record's text, and with the bucket and the key
/// where they had been read.
func readNotice(
    _ text: [UInt8],
    _ body: (inout NoticeDraft) throws -> EventKind?
) -> Result<ObjectNotice?, MalformedNotice> {
    var draft = NoticeDraft()
    do {
        guard let event = try body(&draft) else { return .success(nil) }
        return .success(try draft.notice(event))
    } catch {
        let reason =
            switch error {
            case let problem as NoticeDraft.Problem: problem.message
            case let error as EventError: error.message
            default: "\(error)"
            }
        return .failure(MalformedNotice(.badField, reason, raw: text, bucket: draft.bucket, key: draft.key))
    }
}

/// Reads one element of `Records`: S3's own form, and MinIO's and Ceph's, which follow it.
///
/// Sources: "Event message structure" (Amazon S3 user guide; the key is encoded as in a form); MinIO's
/// `cmd/event-notification.go` (the key likewise, `/` included; `versionId` was `1` in buckets without versions until
/// 2020); Ceph's `rgw_pubsub.cc` (`rgw_pubsub_s3_event::dump`: the key is written as it is, empty fields are empty
/// strings).
func readRecord(_ text: [UInt8]) -> Result<ObjectNotice?, MalformedNotice> {
    readNotice(text) { draft in
        let record = try JSONObject(text)
        guard let event = EventKind(eventName: try record.string("eventName")) else { return nil }
        let source = try record.optionalString("eventSource") ?? ""
        let s3 = try record.object("s3")
        try draft.setBucket(try s3.object("bucket").string("name"))
        let object = try s3.object("object")
        let isCeph = source.hasPrefix("ceph") || record.raw("opaqueData") != nil
        try draft.setKey(try object.string("key"), isEncoded: !isCeph)
        try draft.setSize(object, "size")
        draft.setETag(try object.optionalString("eTag"))
        let version = try object.optionalString("versionId")
        draft.setVersionID(source.hasPrefix("minio") && version == "1" ? nil : version)
        draft.setSequencer(try object.optionalString("sequencer"))
        try draft.setEventTime(try record.optionalString("eventTime"))
        return event
    }
}

/// Reads an event as EventBridge sends it.
///
/// Source: "EventBridge event message structure" (Amazon S3 user guide): the key is not encoded, and the names have
/// hyphens.
func readEventBridge(_ envelope: JSONObject, _ text: [UInt8]) -> Result<ObjectNotice?, MalformedNotice> {
    readNotice(text) { draft in
        let type = try envelope.string("detail-type")
        guard EventKind(detailType: type, deletionType: nil) != nil else { return nil }
        let detail = try envelope.object("detail")
        try readDetail(detail, into: &draft)
        try draft.setEventTime(try envelope.optionalString("time"))
        return EventKind(detailType: type, deletionType: try detail.optionalString("deletion-type"))
    }
}

/// Reads what EventBridge calls the `detail`.
func readDetail(_ detail: JSONObject, into draft: inout NoticeDraft) throws {
    try draft.setBucket(try detail.object("bucket").string("name"))
    let object = try detail.object("object")
    try draft.setKey(try object.string("key"), isEncoded: false)
    try draft.setSize(object, "size")
    draft.setETag(try object.optionalString("etag"))
    draft.setVersionID(try object.optionalString("version-id"))
    draft.setSequencer(try object.optionalString("sequencer"))
}
