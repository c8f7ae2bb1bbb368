package import Events

/// One thing that somebody said about one key of a bucket.
enum Telling: Sendable {
    /// A queue or a push; `version` names the object where it is a creation.
    case notice(ObjectNotice, version: VersionName?)
    /// A page of a listing that was asked for at a moment has this object.
    case listed(ListedObject, askedAt: Timestamp)
    /// A listing that was asked for at a moment went past the place of this key, and it was not there.
    case missing(bucket: String, key: String, askedAt: Timestamp)

    var bucket: String {
        switch self {
        case .notice(let notice, _): notice.bucket
        case .listed(let object, _): object.bucket
        case .missing(let bucket, _, _): bucket
        }
    }

    var key: String {
        switch self {
        case .notice(let notice, _): notice.key
        case .listed(let object, _): object.key
        case .missing(_, let key, _): key
        }
    }

    /// The version that it says was made; nil for a removal.
    var version: VersionName? {
        switch self {
        case .notice(_, let version): version
        case .listed(let object, _): VersionName(etag: object.etag, size: object.size)
        case .missing: nil
        }
    }

    /// The id of the version that it says was made.
    var objectID: String? {
        version.map {
            Identity.object(
                source: ObservationIntake.source,
                bucket: bucket,
                key: key,
                version: $0.etag,
                size: $0.size
            )
        }
    }
}

/// What tells the versions of a key apart in every announcement of it.
struct VersionName: Sendable, Equatable {
    let etag: String
    let size: Int
}

/// One object of a listing.
package struct ListedObject: Sendable, Equatable {
    package let bucket: String
    package let key: String
    /// Without quotes.
    package let etag: String
    /// Bytes.
    package let size: Int
    package let modified: Timestamp

    package init(bucket: String, key: String, etag: String, size: Int, modified: Timestamp) {
        self.bucket = bucket
        self.key = key
        self.etag = etag
        self.size = size
        self.modified = modified
    }
}
