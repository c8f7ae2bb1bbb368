/// A version of a key was seen in a source for the first time.
package struct ObjectObserved: EventPayload {
    package static let type = EventType.objectObserved

    /// The kind of source: `folder` or `s3`.
    package let source: String
    /// Where in the source: a folder's absolute path, a bucket's name.
    package let bucket: String
    package let key: String
    /// What tells versions of a key apart: for a folder, the modification time in nanoseconds; for a bucket, the ETag.
    package let version: String
    /// Size in bytes.
    package let size: Int
    package let modifiedAt: Timestamp?
    /// The ETag without its quotes; nil in folders.
    package let etag: String?
    /// The id that a versioned bucket gave it, where whoever announced it knew.
    package let versionID: String?
    /// What orders the changes of one key: right-padded with zeros, compared as text.
    package let sequencer: String?
    /// Who told of it first: `listing`, `sqs` or `push`; nil in folders.
    package let announcedBy: String?
    /// A newer version of the key was known: this one is recorded, and never replaces it.
    package let isLate: Bool

    package init(
        source: String,
        bucket: String,
        key: String,
        version: String,
        size: Int,
        modifiedAt: Timestamp?,
        etag: String? = nil,
        versionID: String? = nil,
        sequencer: String? = nil,
        announcedBy: String? = nil,
        isLate: Bool = false
    ) {
        self.source = source
        self.bucket = bucket
        self.key = key
        self.version = version
        self.size = size
        self.modifiedAt = modifiedAt
        self.etag = etag
        self.versionID = versionID
        self.sequencer = sequencer
        self.announcedBy = announcedBy
        self.isLate = isLate
    }

    package init(from json: JSONObject) throws(EventError) {
        source = try json.string("source")
        bucket = try json.string("bucket")
        key = try json.string("key")
        version = try json.string("version")
        size = try json.int("size")
        modifiedAt = try json.optionalInt("modified_at").map { Timestamp(microseconds: Int64($0)) }
        etag = try json.optionalString("etag")
        versionID = try json.optionalString("version_id")
        sequencer = try json.optionalString("sequencer")
        announcedBy = try json.optionalString("announced_by")
        isLate = try json.raw("late") == nil ? false : json.bool("late")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("source", source)
        json.set("bucket", bucket)
        json.set("key", key)
        json.set("version", version)
        json.set("size", size)
        json.set("modified_at", modifiedAt)
        json.set("etag", etag)
        json.set("version_id", versionID)
        json.set("sequencer", sequencer)
        json.set("announced_by", announcedBy)
        json.set("late", isLate ? true : nil)
    }

    /// The object's id.
    package var objectID: String {
        Identity.object(source: source, bucket: bucket, key: key, version: version, size: size)
    }
}

/// The key of this object is gone from its source.
package struct ObjectRemoved: EventPayload {
    package static let type = EventType.objectRemoved

    /// `keep`: its tiles stay in the dataset; `withdraw`: they leave with the next commit.
    package let onRemove: String
    /// When the source says that it was removed; nil where nobody says.
    package let removedAt: Timestamp?
    /// The place of the removal among the changes of its key.
    package let sequencer: String?
    /// Who told of it: `listing`, `sqs` or `push`; nil in folders.
    package let announcedBy: String?

    package init(
        onRemove: String,
        removedAt: Timestamp? = nil,
        sequencer: String? = nil,
        announcedBy: String? = nil
    ) {
        self.onRemove = onRemove
        self.removedAt = removedAt
        self.sequencer = sequencer
        self.announcedBy = announcedBy
    }

    package init(from json: JSONObject) throws(EventError) {
        onRemove = try json.string("on_remove")
        removedAt = try json.optionalInt("removed_at").map { Timestamp(microseconds: Int64($0)) }
        sequencer = try json.optionalString("sequencer")
        announcedBy = try json.optionalString("announced_by")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("on_remove", onRemove)
        json.set("removed_at", removedAt)
        json.set("sequencer", sequencer)
        json.set("announced_by", announcedBy)
    }
}

/// The bytes of an object were read whole, and kept.
package struct ObjectFetched: EventPayload {
    package static let type = EventType.objectFetched

    package let sha256: Digest
    package let bytes: Int
    /// How `originals/` holds it: `reflink`, `hardlink`, `copy`, or `present` when the content was there already.
    package let kept: String

    package init(sha256: Digest, bytes: Int, kept: String) {
        self.sha256 = sha256
        self.bytes = bytes
        self.kept = kept
    }

    package init(from json: JSONObject) throws(EventError) {
        sha256 = try json.digest("sha256")
        bytes = try json.int("bytes")
        kept = try json.string("kept")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("sha256", sha256)
        json.set("bytes", bytes)
        json.set("kept", kept)
    }
}

/// The header and every pixel of an object were decoded without a fault.
package struct ObjectValidated: EventPayload {
    package static let type = EventType.objectValidated

    /// `jpeg` or `png`.
    package let format: String
    /// Pixels, as stored (before orientation).
    package let width: Int
    package let height: Int
    package let channels: Int
    package let bitDepth: Int
    /// How the file stores its colours: grey, grey-alpha, rgb, rgba, palette, ycbcr, cmyk or ycck.
    package let colourModel: String
    /// What decoding changed beyond unpacking, such as `cmyk to rgb`; nil where the samples are kept.
    package let conversion: String?
    /// Bytes after the end of the image, which were not looked at.
    package let trailingBytes: Int
    /// EXIF orientation of the file, 1 to 8.
    package let orientation: Int
    /// What the file says of camera, place and view: normalised fields, and the doubts about them.
    package let metadata: CanonicalText
    /// The ground under the whole image; nil when it is not known.
    package let footprint: GroundFootprint?

    package init(
        format: String,
        width: Int,
        height: Int,
        channels: Int,
        bitDepth: Int,
        colourModel: String,
        conversion: String?,
        trailingBytes: Int,
        orientation: Int,
        metadata: CanonicalText,
        footprint: GroundFootprint? = nil
    ) {
        self.format = format
        self.width = width
        self.height = height
        self.channels = channels
        self.bitDepth = bitDepth
        self.colourModel = colourModel
        self.conversion = conversion
        self.trailingBytes = trailingBytes
        self.orientation = orientation
        self.metadata = metadata
        self.footprint = footprint
    }

    package init(from json: JSONObject) throws(EventError) {
        format = try json.string("format")
        width = try json.int("width")
        height = try json.int("height")
        channels = try json.int("channels")
        bitDepth = try json.int("bit_depth")
        colourModel = try json.string("colour_model")
        conversion = try json.optionalString("conversion")
        trailingBytes = try json.int("trailing_bytes")
        orientation = try json.int("orientation")
        metadata = CanonicalText(json.raw("metadata") ?? Array("{}".utf8))
        footprint = try GroundFootprint(fromGeoJSON: json)
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("format", format)
        json.set("width", width)
        json.set("height", height)
        json.set("channels", channels)
        json.set("bit_depth", bitDepth)
        json.set("colour_model", colourModel)
        json.set("conversion", conversion)
        json.set("trailing_bytes", trailingBytes)
        json.set("orientation", orientation)
        json.set("metadata", canonical: metadata.bytes)
        footprint?.encodeGeoJSON(into: &json)
    }
}

/// An object was given up on; it is retried by command or when the key is uploaded again.
package struct ObjectQuarantined: EventPayload {
    package static let type = EventType.objectQuarantined

    /// The stage that gave up: `intake`, `fetching`, `tiling`.
    package let stage: String
    /// Reason code, kebab-case.
    package let reason: String
    /// What is wrong, where, and what to do.
    package let message: String
    /// The notice that could not be read, as it came, cut at 16 KiB; nil for objects.
    package let raw: String?

    package init(stage: String, reason: String, message: String, raw: String? = nil) {
        self.stage = stage
        self.reason = reason
        self.message = message
        self.raw = raw
    }

    package init(from json: JSONObject) throws(EventError) {
        stage = try json.string("stage")
        reason = try json.string("reason")
        message = try json.string("message")
        raw = try json.optionalString("raw")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("stage", stage)
        json.set("reason", reason)
        json.set("message", message)
        json.set("raw", raw)
    }
}

/// A quarantined object is tried again, because somebody asked for it.
package struct ObjectReleased: EventPayload {
    package static let type = EventType.objectReleased

    /// The reason code that it was quarantined under.
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }

    package init(from json: JSONObject) throws(EventError) {
        reason = try json.string("reason")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("reason", reason)
    }
}

/// Somebody has seen the quarantined object or notice: it stays out, and is counted as trouble no more.
package struct ObjectDismissed: EventPayload {
    package static let type = EventType.objectDismissed

    /// The reason code that it was quarantined under.
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }

    package init(from json: JSONObject) throws(EventError) {
        reason = try json.string("reason")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("reason", reason)
    }
}

/// Canonical JSON text that is passed on as it is.
package struct CanonicalText: Sendable, Equatable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }
}
