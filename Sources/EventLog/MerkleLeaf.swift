package import Events

/// The leaf of an event: its envelope, and its payload through a salted digest.
///
/// The leaf's data is the canonical JSON object of the envelope's fields with `payload_digest`, the SHA-256 of salt
/// and payload, in the place of the payload; the leaf hash is SHA-256 of 0x00 and these bytes (RFC 6962). So a payload
/// can be erased, and the tree still verifies.
package enum MerkleLeaf {
    /// Computes the leaf hash of an event.
    package static func hash(of event: RecordedEvent, salt: [UInt8]) -> Digest {
        var hasher = LeafHasher()
        return hasher.hash(of: event, salt: salt)
    }

    /// The leaf's data.
    package static func text(of event: RecordedEvent, salt: [UInt8]) -> String {
        var hasher = LeafHasher()
        return String(decoding: hasher.data(of: event, salt: salt).dropFirst(), as: UTF8.self)
    }
}

/// The fields of an event that its leaf is made of beside the payload, with its texts where they lie.
struct LeafEnvelope<Text: Collection<UInt8>> {
    let position: Int
    let id: EventID
    let stream: Text
    let revision: Int
    let type: Text
    let schemaVersion: Int
    let recordedAt: Int
    let actor: Text
    let causation: Int?
    let correlation: Int?
}

/// Hashes leaves one after the other, in one buffer.
struct LeafHasher {
    /// 0x00 and the leaf's data.
    private var data: [UInt8] = []
    private var salted: [UInt8] = []

    /// Computes the leaf hash of an event.
    mutating func hash(of event: RecordedEvent, salt: [UInt8]) -> Digest {
        write(LeafEnvelope(event), salt: salt, payload: event.payload)
        return unsafe Digest(of: data.span.bytes)
    }

    /// 0x00 and the leaf's data of an event.
    mutating func data(of event: RecordedEvent, salt: [UInt8]) -> [UInt8] {
        write(LeafEnvelope(event), salt: salt, payload: event.payload)
        return data
    }

    /// Computes the leaf hash of the row of an event with the columns of `EventRow`, then the salt.
    mutating func hash(of row: StatementRow) throws -> Digest {
        let envelope = unsafe LeafEnvelope(
            position: row.integer(0),
            id: try row.eventID(1),
            stream: row.bytes(2),
            revision: row.integer(3),
            type: row.bytes(4),
            schemaVersion: row.integer(5),
            recordedAt: row.integer(6),
            actor: row.bytes(7),
            causation: row.optionalInteger(8),
            correlation: row.optionalInteger(9)
        )
        unsafe write(envelope, salt: row.bytes(11), payload: row.bytes(10))
        return unsafe Digest(of: data.span.bytes)
    }

    /// The members stand in sorted order by hand: this runs for each event of a verification.
    private mutating func write<Text, Bytes: Collection<UInt8>>(
        _ envelope: LeafEnvelope<Text>,
        salt: Bytes,
        payload: Bytes
    ) {
        salted.removeAll(keepingCapacity: true)
        salted.append(contentsOf: salt)
        salted.append(contentsOf: payload)
        data.removeAll(keepingCapacity: true)
        data.append(0)
        append("{\"actor\":")
        append(quoted: envelope.actor)
        if let causation = envelope.causation { append(",\"causation\":", causation) }
        if let correlation = envelope.correlation { append(",\"correlation\":", correlation) }
        append(",\"event_id\":\"")
        envelope.id.append(to: &data)
        append("\",\"payload_digest\":\"")
        unsafe Digest(of: salted.span.bytes).appendHex(to: &data)
        append("\",\"position\":", envelope.position)
        append(",\"recorded_at\":", envelope.recordedAt)
        append(",\"revision\":", envelope.revision)
        append(",\"schema_version\":", envelope.schemaVersion)
        append(",\"stream\":")
        append(quoted: envelope.stream)
        append(",\"type\":")
        append(quoted: envelope.type)
        data.append(UInt8(ascii: "}"))
    }

    private mutating func append(_ text: StaticString) {
        unsafe data.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ name: StaticString, _ value: Int) {
        append(name)
        appendDecimal(value, to: &data)
    }

    private mutating func append(quoted text: some Collection<UInt8>) {
        let start = data.count
        data.append(UInt8(ascii: "\""))
        data.append(contentsOf: text)
        if Self.hasEscapes(data, from: start + 1) {
            data.removeSubrange(start...)
            CanonicalJSON.appendQuoted(utf8: Array(text), to: &data)
        } else {
            data.append(UInt8(ascii: "\""))
        }
    }
}

extension LeafHasher {
    /// Whether a byte from `start` on can't stand in a JSON string as it is.
    ///
    /// There is no way out before the end: so the compiler makes a loop of it that looks at many bytes at a time.
    private static func hasEscapes(_ text: [UInt8], from start: Int) -> Bool {
        unsafe text.withUnsafeBufferPointer { bytes in
            var found: UInt8 = 0
            for index in start..<bytes.count {
                let byte = unsafe bytes[index]
                found |= byte < 0x20 ? 1 : 0
                found |= byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
            }
            return found != 0
        }
    }
}

extension LeafEnvelope<String.UTF8View> {
    fileprivate init(_ event: RecordedEvent) {
        self.init(
            position: event.position,
            id: event.id,
            stream: event.stream.utf8,
            revision: event.revision,
            type: event.type.utf8,
            schemaVersion: event.schemaVersion,
            recordedAt: Int(event.recordedAt.microseconds),
            actor: event.actor.utf8,
            causation: event.causation,
            correlation: event.correlation
        )
    }
}
