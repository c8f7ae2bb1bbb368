package import Events

/// The Merkle tree over the log's leaves (RFC 6962, section 2.1), kept as the roots of its perfect subtrees.
///
/// State is one hash for each bit that is set in `size`; an append costs one hash on average.
package struct MerkleTree: Sendable, Equatable {
    /// A perfect subtree: it covers the leaves from `number << level` up to the next one's.
    package struct Node: Sendable, Equatable {
        package let level: Int
        package let number: Int
        package let hash: Digest
    }

    /// The number of leaves.
    package private(set) var size = 0
    private var peaks: [Node] = []

    /// The empty tree.
    package init() {}

    /// A tree of `size` leaves from the roots of its perfect subtrees, largest first.
    package init(size: Int, peaks: [Node]) {
        self.size = size
        self.peaks = peaks
    }

    /// Appends a leaf hash; returns the subtrees of 256, 65536, … leaves that it completes.
    @discardableResult
    package mutating func append(_ leaf: Digest) -> [Node] {
        var node = Node(level: 0, number: size, hash: leaf)
        var stored: [Node] = []
        size += 1
        while let left = peaks.last, left.level == node.level {
            peaks.removeLast()
            node = Node(
                level: node.level + 1,
                number: node.number >> 1,
                hash: Self.parent(left.hash, node.hash)
            )
            if node.level % 8 == 0 { stored.append(node) }
        }
        peaks.append(node)
        return stored
    }

    /// The root: the head of the log.
    ///
    /// That of no leaves is the hash of nothing.
    package var root: Digest {
        guard var hash = peaks.last?.hash else { return Digest(of: []) }
        for node in peaks.dropLast().reversed() { hash = Self.parent(node.hash, hash) }
        return hash
    }

    /// The hash of an inner node: SHA-256 of 0x01, left, right.
    package static func parent(_ left: Digest, _ right: Digest) -> Digest {
        var data: [UInt8] = []
        data.reserveCapacity(65)
        data.append(1)
        data.append(contentsOf: left.bytes)
        data.append(contentsOf: right.bytes)
        return Digest(of: data)
    }

    /// The positions of the perfect subtrees of a tree of `size` leaves, largest first.
    package static func peakPlaces(size: Int) -> [(level: Int, number: Int)] {
        var places: [(level: Int, number: Int)] = []
        var covered = 0
        for level in stride(from: Int.bitWidth - 2, through: 0, by: -1) where size & (1 << level) != 0 {
            places.append((level, covered >> level))
            covered += 1 << level
        }
        return places
    }
}

/// The leaf of an event: its envelope, and its payload through a salted digest.
///
/// The leaf's data is the canonical JSON object of the envelope's fields with `payload_digest`, the SHA-256 of salt
/// and payload, in the place of the payload; the leaf hash is SHA-256 of 0x00 and these bytes (RFC 6962). So a payload
/// can be erased, and the tree still verifies.
package enum MerkleLeaf {
    /// Computes the leaf hash of an event.
    package static func hash(of event: RecordedEvent, salt: [UInt8]) -> Digest {
        Digest(of: envelope(of: event, payloadDigest: Digest(ofPieces: salt, event.payload)))
    }

    /// The leaf's data.
    package static func text(of event: RecordedEvent, salt: [UInt8]) -> String {
        let data = envelope(of: event, payloadDigest: Digest(ofPieces: salt, event.payload)).dropFirst()
        return String(decoding: data, as: UTF8.self)
    }

    /// 0x00 and the leaf's data.
    ///
    /// The members stand in sorted order by hand: this runs for each event of a verification.
    private static func envelope(of event: RecordedEvent, payloadDigest: Digest) -> [UInt8] {
        var out: [UInt8] = [0]
        out.reserveCapacity(420)
        func append(_ name: String, _ value: Int) {
            out.append(contentsOf: name.utf8)
            appendDecimal(value, to: &out)
        }
        out.append(contentsOf: "{\"actor\":".utf8)
        CanonicalJSON.appendQuoted(event.actor, to: &out)
        if let causation = event.causation { append(",\"causation\":", causation) }
        if let correlation = event.correlation { append(",\"correlation\":", correlation) }
        out.append(contentsOf: ",\"event_id\":\"".utf8)
        event.id.append(to: &out)
        out.append(contentsOf: "\",\"payload_digest\":\"".utf8)
        appendHex(payloadDigest.bytes, to: &out)
        append("\",\"position\":", event.position)
        append(",\"recorded_at\":", Int(event.recordedAt.microseconds))
        append(",\"revision\":", event.revision)
        append(",\"schema_version\":", event.schemaVersion)
        out.append(contentsOf: ",\"stream\":".utf8)
        CanonicalJSON.appendQuoted(event.stream, to: &out)
        out.append(contentsOf: ",\"type\":".utf8)
        CanonicalJSON.appendQuoted(event.type, to: &out)
        out.append(UInt8(ascii: "}"))
        return out
    }
}
