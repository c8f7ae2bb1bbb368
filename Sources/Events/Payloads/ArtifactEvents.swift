/// An object of the dataset is missing, or has other bytes than were recorded.
package struct ArtifactDamaged: EventPayload {
    package static let type = EventType.artifactDamaged
    /// How the dataset's cache is named among the places.
    package static let cachePlace = "cache"

    /// The object's id: MD5, with `.dir` for a manifest.
    package let artifact: String
    /// `tile`, `index` or `manifest`.
    package let kind: String
    /// A partition that needs it.
    package let partition: String
    /// Its path in that partition; nil for a manifest.
    package let path: String?
    /// Where it was looked at: `cache`, or the URL of a remote.
    package let place: String
    /// `missing` or `damaged`.
    package let reason: String
    package let message: String

    package init(
        artifact: String,
        kind: String,
        partition: String,
        path: String?,
        place: String,
        reason: String,
        message: String
    ) {
        self.artifact = artifact
        self.kind = kind
        self.partition = partition
        self.path = path
        self.place = place
        self.reason = reason
        self.message = message
    }

    package init(from json: JSONObject) throws(EventError) {
        artifact = try json.string("artifact")
        kind = try json.string("kind")
        partition = try json.string("partition")
        path = try json.optionalString("path")
        place = try json.string("place")
        reason = try json.string("reason")
        message = try json.string("message")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("artifact", artifact)
        json.set("kind", kind)
        json.set("partition", partition)
        json.set("path", path)
        json.set("place", place)
        json.set("reason", reason)
        json.set("message", message)
    }
}

/// An object of the dataset was looked at and has the recorded bytes; of a manifest, all its files have theirs too.
package struct ArtifactVerified: EventPayload {
    package static let type = EventType.artifactVerified
    /// How the dataset's work tree is named among the places that bytes come from.
    package static let workTree = "worktree"

    /// The object's id: MD5, with `.dir` for a manifest.
    package let artifact: String
    /// `tile`, `index` or `manifest`.
    package let kind: String
    package let partition: String
    /// Where it was looked at: `cache`, or the URL of a remote.
    package let place: String
    /// Objects that were looked at for it, and their bytes without the manifest's.
    package let objects: Int
    package let bytes: Int
    /// Where the bytes came from that replaced damaged ones: `cache`, `log`, `worktree`, `derivation`, or the URL of a remote;
    /// nil where nothing was replaced.
    package let repairedFrom: String?

    package init(
        artifact: String,
        kind: String,
        partition: String,
        place: String,
        objects: Int,
        bytes: Int,
        repairedFrom: String?
    ) {
        self.artifact = artifact
        self.kind = kind
        self.partition = partition
        self.place = place
        self.objects = objects
        self.bytes = bytes
        self.repairedFrom = repairedFrom
    }

    package init(from json: JSONObject) throws(EventError) {
        artifact = try json.string("artifact")
        kind = try json.string("kind")
        partition = try json.string("partition")
        place = try json.string("place")
        objects = try json.int("objects")
        bytes = try json.int("bytes")
        repairedFrom = try json.optionalString("repaired_from")
    }

    package func encode(into json: inout CanonicalJSON) {
        json.set("artifact", artifact)
        json.set("kind", kind)
        json.set("partition", partition)
        json.set("place", place)
        json.set("objects", objects)
        json.set("bytes", bytes)
        json.set("repaired_from", repairedFrom)
    }
}
