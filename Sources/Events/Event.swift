/// What happened, as one Swift type for each type of event.
package protocol EventPayload: Sendable, Equatable {
    static var type: EventType { get }
    /// The version of the payload's shape; 1 is the first. A payload of an older version is brought up by `init(from:)`.
    static var schemaVersion: Int { get }
    init(from json: JSONObject) throws(EventError)
    func encode(into json: inout CanonicalJSON)
}

extension EventPayload {
    package static var schemaVersion: Int { 1 }
}

/// What led to an event.
package enum Cause: Sendable, Equatable {
    case none
    /// An event that is in the log already, by position.
    case event(Int)
    /// An event of the same append, by its index there.
    case earlier(Int)
}

/// An event that somebody wants to append.
package struct ProposedEvent: Sendable {
    package var id: EventID?
    package let stream: String
    /// The stream's last revision that the writer has seen, 0 for a stream that does not exist; nil does not care.
    package var expectedRevision: Int?
    package let type: String
    package let schemaVersion: Int
    package let cause: Cause
    /// The position of the observation that this belongs to.
    package let correlation: Int?
    /// Canonical JSON text.
    package let payload: [UInt8]

    package init(
        _ payload: some EventPayload,
        stream: StreamName,
        expectedRevision: Int? = nil,
        id: EventID? = nil,
        cause: Cause = .none,
        correlation: Int? = nil
    ) {
        self.init(
            type: Swift.type(of: payload).type.rawValue,
            schemaVersion: Swift.type(of: payload).schemaVersion,
            payload: CanonicalJSON { payload.encode(into: &$0) }.bytes,
            stream: stream.text,
            expectedRevision: expectedRevision,
            id: id,
            cause: cause,
            correlation: correlation
        )
    }

    /// An event of any type, as a tool that copies events or a newer program would append it.
    package init(
        type: String,
        schemaVersion: Int,
        payload: [UInt8],
        stream: String,
        expectedRevision: Int? = nil,
        id: EventID? = nil,
        cause: Cause = .none,
        correlation: Int? = nil
    ) {
        self.id = id
        self.stream = stream
        self.expectedRevision = expectedRevision
        self.type = type
        self.schemaVersion = schemaVersion
        self.cause = cause
        self.correlation = correlation
        self.payload = payload
    }
}

extension ProposedEvent {
    /// Why the log can't hold it; nil when it can.
    ///
    /// SQLite would end a text at a zero byte, and only at a verification would anybody see that the row is not what
    /// was hashed.
    package var fault: String? {
        if schemaVersion < 1 { return "\(type) has schema version \(schemaVersion): the first is 1" }
        for name in [type, stream] where name.isEmpty || name.utf8.contains(where: { $0 < 0x20 }) {
            return "an event's type and stream hold at least one character and no control characters"
        }
        let isText = String(validating: payload, as: UTF8.self) != nil
        guard isText, (try? JSONObject(payload)) != nil else { return "the payload of \(type) is not one JSON object" }
        return nil
    }
}

/// An event as it stands in the log.
package struct RecordedEvent: Sendable, Equatable {
    package let position: Int
    package let id: EventID
    package let stream: String
    package let revision: Int
    package let type: String
    package let schemaVersion: Int
    package let recordedAt: Timestamp
    package let actor: String
    package let causation: Int?
    package let correlation: Int?
    /// Canonical JSON text.
    package private(set) var payload: [UInt8]

    package init(
        position: Int,
        id: EventID,
        stream: String,
        revision: Int,
        type: String,
        schemaVersion: Int,
        recordedAt: Timestamp,
        actor: String,
        causation: Int?,
        correlation: Int?,
        payload: [UInt8]
    ) {
        self.position = position
        self.id = id
        self.stream = stream
        self.revision = revision
        self.type = type
        self.schemaVersion = schemaVersion
        self.recordedAt = recordedAt
        self.actor = actor
        self.causation = causation
        self.correlation = correlation
        self.payload = payload
    }

    /// Frees the payload, for one who has read all that is wanted of it.
    package mutating func dropPayload() { payload = [] }

    /// Decodes the payload.
    ///
    /// - Throws: `unknown-event` for another type or a newer version than this program's, else what is wrong with it.
    package func decode<Payload: EventPayload>(_: Payload.Type = Payload.self) throws(EventError) -> Payload {
        try Payload(from: try fields(of: Payload.self))
    }

    /// The payload's members, for one who wants few of them; it throws what `decode` does.
    package func fields<Payload: EventPayload>(of _: Payload.Type) throws(EventError) -> JSONObject {
        try fields([], of: Payload.self)
    }

    /// The members of these keys alone; all where none are given.
    func fields<Payload: EventPayload>(
        _ keys: [StaticString],
        of _: Payload.Type
    ) throws(EventError) -> JSONObject {
        guard type == Payload.type.rawValue, schemaVersion <= Payload.schemaVersion else {
            throw EventError(.unknownEvent, "\(type) version \(schemaVersion) is not known to this program")
        }
        return try JSONObject(payload, keys: keys)
    }

    /// The event as one JSON object, for `--json` output and exports.
    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("position", position)
            $0.set("event_id", id.description)
            $0.set("stream", stream)
            $0.set("revision", revision)
            $0.set("type", type)
            $0.set("schema_version", schemaVersion)
            $0.set("recorded_at", recordedAt.description)
            $0.set("actor", actor)
            $0.set("causation", causation)
            $0.set("correlation", correlation)
            $0.set("payload", canonical: payload)
        }
    }
}
