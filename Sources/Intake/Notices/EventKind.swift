/// What an event's name says became of an object.
struct EventKind: Equatable {
    let kind: ObjectNotice.Kind
    /// Whether the version that the event names is the one it is about: a delete marker has an id of its own, which is
    /// no object's.
    let isAboutItsVersion: Bool

    static let created = EventKind(kind: .created, isAboutItsVersion: true)
    /// One version was deleted, or the key where the bucket has no versions.
    static let deleted = EventKind(kind: .removed, isAboutItsVersion: true)
    /// The key holds nothing any more.
    static let emptied = EventKind(kind: .removed, isAboutItsVersion: false)

    private init(kind: ObjectNotice.Kind, isAboutItsVersion: Bool) {
        self.kind = kind
        self.isAboutItsVersion = isAboutItsVersion
    }

    /// Reads the `eventName` of a record; nil for the kinds that neither bring nor take an object.
    ///
    /// Sources: "Supported event types for SQS, SNS, and Lambda" (Amazon S3 user guide); MinIO's
    /// `internal/event/name.go`, whose `ObjectCreated:PutRetention` and the like change no bytes; "S3 Bucket
    /// Notifications Compatibility" (Ceph), with `ObjectSynced` and `ObjectLifecycle`. AWS and Ceph leave the `s3:` off.
    init?(eventName: String) {
        let name = eventName.hasPrefix("s3:") ? String(eventName.dropFirst(3)) : eventName
        switch name {
        case "ObjectCreated:PutRetention", "ObjectCreated:PutLegalHold", "ObjectCreated:PutTagging",
            "ObjectCreated:DeleteTagging":
            return nil
        case "ObjectSynced:Create", "ObjectSynced:Created": self = .created
        case "ObjectRemoved:Delete", "LifecycleExpiration:Delete", "ObjectSynced:Delete": self = .deleted
        case "ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:DeleteAllVersions",
            "LifecycleExpiration:DeleteMarkerCreated", "ObjectSynced:DeletionMarkerCreated",
            "ObjectLifecycle:Expiration:Current":
            self = .emptied
        default:
            guard name.hasPrefix("ObjectCreated:") else { return nil }
            self = .created
        }
    }

    /// Reads an EventBridge event's `detail-type` and `deletion-type`; nil for the kinds that change no object.
    ///
    /// Source: "EventBridge event message structure" (Amazon S3 user guide).
    init?(detailType: String, deletionType: String?) {
        switch detailType {
        case "Object Created": self = .created
        case "Object Deleted": self = deletionType == "Delete Marker Created" ? .emptied : .deleted
        default: return nil
        }
    }

    /// Reads the `type` of a CloudEvent; nil for the kinds that neither bring nor take an object.
    ///
    /// The adapter for S3 in the CloudEvents repository (`cloudevents/adapters/aws-s3.md`) puts `com.amazonaws.s3.` before
    /// the event's name; other producers are free in their names, and the words that they use are looked for.
    init?(cloudEventType type: String) {
        let adapted = "com.amazonaws.s3."
        if type.hasPrefix(adapted) {
            self.init(eventName: String(type.dropFirst(adapted.count)))
            return
        }
        let words = type.lowercased()
        if ["created", "uploaded", "finalized"].contains(where: words.contains) {
            self = .created
        } else if words.contains("deletemarker") {
            self = .emptied
        } else if ["removed", "deleted"].contains(where: words.contains) {
            self = .deleted
        } else {
            return nil
        }
    }
}
