package import Events

/// What a store, a queue or a push says about one object: that it was created, or that it is gone.
///
/// It is a claim, not yet an observation: it may come late, twice or out of order.
package struct ObjectNotice: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case created
        case removed
    }

    package var kind: Kind
    package var bucket: String
    /// The key as it is, with nothing percent-encoded.
    package var key: String
    /// Bytes; nil where the notice does not say it, as with most removals.
    package var size: Int?
    /// The ETag without quotes.
    package var etag: String?
    /// Of a creation, the version that was made; nil in a bucket without versions.
    ///
    /// Of a removal, the one version that was deleted, while the key may still hold another one; nil where the key holds
    /// nothing any more (a delete marker, or a bucket without versions).
    package var versionID: String?
    /// Orders the notices of one key: padded with zeros on the right and compared as text, the greater one is newer.
    package var sequencer: String?
    package var eventTime: Timestamp?

    package init(
        kind: Kind,
        bucket: String,
        key: String,
        size: Int? = nil,
        etag: String? = nil,
        versionID: String? = nil,
        sequencer: String? = nil,
        eventTime: Timestamp? = nil
    ) {
        self.kind = kind
        self.bucket = bucket
        self.key = key
        self.size = size
        self.etag = etag
        self.versionID = versionID
        self.sequencer = sequencer
        self.eventTime = eventTime
    }
}
