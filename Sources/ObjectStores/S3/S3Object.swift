package import Events

/// One object as a listing has it.
package struct S3Object: Sendable, Equatable {
    package let key: String
    /// Without quotes.
    package let etag: String
    /// Bytes.
    package let size: Int
    package let modified: Timestamp

    package init(key: String, etag: String, size: Int, modified: Timestamp) {
        self.key = key
        self.etag = etag
        self.size = size
        self.modified = modified
    }
}

/// One page of a listing, in the order of the keys' bytes.
package struct S3Page: Sendable, Equatable {
    package let objects: [S3Object]
    /// What the next page is asked for with; nil after the last one.
    package let next: String?
    /// Keys that are not UTF-8, percent-encoded as the server wrote them; no request can name them.
    package let unreadable: [String]

    package init(objects: [S3Object], next: String?, unreadable: [String] = []) {
        self.objects = objects
        self.next = next
        self.unreadable = unreadable
    }
}

/// What HEAD, or the head of a GET, says about an object.
package struct S3ObjectHead: Sendable, Equatable {
    /// Without quotes.
    package let etag: String?
    package let versionID: String?
    /// Bytes of the whole object.
    package let size: Int?
    package let modified: Timestamp?
    /// Whether the ETag may be compared with the MD5 of the bytes, as far as the answer tells.
    package let etagMayBeMD5: Bool
}

/// Which version of a key is meant.
package enum S3Pin: Sendable, Equatable {
    case newest
    case version(String)
    /// The ETag without quotes.
    case etag(String)

    /// The closest pin that an observation allows.
    package init(versionID: String?, etag: String?) {
        if let versionID {
            self = .version(versionID)
        } else if let etag {
            self = .etag(etag)
        } else {
            self = .newest
        }
    }
}

/// Which bytes of an object are asked for.
package enum S3Range: Sendable, Equatable {
    case all
    /// Everything from an offset on.
    case from(Int)
    /// Some bytes, one at least.
    case bytes(Range<Int>)
}

/// An ETag without its quotes and its mark of weakness.
package func bareETag(_ text: String) -> String {
    let quote = UInt8(ascii: "\"")
    var bytes = text.utf8[...]
    if bytes.starts(with: "W/".utf8) { bytes = bytes.dropFirst(2) }
    if bytes.count >= 2, bytes.first == quote, bytes.last == quote { bytes = bytes.dropFirst().dropLast() }
    return String(Substring(bytes))
}
