import Events

extension S3Page {
    /// Reads a `ListBucketResult`, version 2.
    package init(xml bytes: [UInt8]) throws(S3Error) {
        var listing = Listing()
        let isXML = XMLReading.read(bytes) {
            listing.start($0)
        } end: {
            listing.end($0, $1)
        }
        guard isXML, listing.root == "ListBucketResult" else {
            throw S3Error(.badAnswer, "the listing is not the XML of ListObjectsV2; is the endpoint an S3 server?")
        }
        // Half a listing that looks whole would make objects vanish.
        guard !listing.isTruncated || listing.next?.isEmpty == false else {
            throw S3Error(.badAnswer, "the listing goes on but does not say how; does the server know ListObjectsV2?")
        }
        var objects: [S3Object] = []
        objects.reserveCapacity(listing.entries.count)
        var unreadable: [String] = []
        for entry in listing.entries {
            guard let written = entry.key, let size = entry.size, let modified = entry.modified else {
                throw S3Error(.badAnswer, "an entry of the listing lacks its key, size or time")
            }
            guard let key = listing.isEncoded ? percentDecoded(written) : written else {
                unreadable.append(written)
                continue
            }
            objects.append(S3Object(key: key, etag: bareETag(entry.etag ?? ""), size: size, modified: modified))
        }
        self.init(objects: objects, next: listing.isTruncated ? listing.next : nil, unreadable: unreadable)
    }
}

/// What has been read of a listing.
private struct Listing {
    struct Entry {
        var key: String?
        var etag: String?
        var size: Int?
        var modified: Timestamp?
    }

    var root: String?
    var entries: [Entry] = []
    var isTruncated = false
    var isEncoded = false
    var next: String?
    private var entry: Entry?

    mutating func start(_ name: String) {
        if root == nil { root = name }
        if name == "Contents" { entry = Entry() }
    }

    mutating func end(_ name: String, _ text: String) {
        switch name {
        case "Contents":
            if let entry { entries.append(entry) }
            entry = nil
        case "Key": entry?.key = text
        case "ETag": entry?.etag = text
        case "Size": entry?.size = Int(text)
        case "LastModified": entry?.modified = Timestamp(rfc3339: text)
        case "IsTruncated": isTruncated = text == "true"
        case "EncodingType": isEncoded = text == "url"
        case "NextContinuationToken": next = text
        default: break
        }
    }
}
