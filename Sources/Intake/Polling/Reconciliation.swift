package import ObjectStores
package import Projections

/// What a bucket holds beside what the log knows of it.
package struct Reconciliation: Sendable, Equatable {
    /// The most keys of each kind that are kept as a sample.
    package static let sampled = 20

    /// Objects that the listing had.
    package var listed = 0
    /// Those whose newest version is known.
    package var known = 0
    /// Folder markers, and keys that the settings leave out.
    package var leftOut = 0
    /// Keys that are not UTF-8: no request can name them.
    package var unreadable = 0
    /// Keys that are not known, or are taken for removed.
    package var missing = Sample()
    /// Keys of which another version is known.
    package var changed = Sample()
    /// Keys that are known and not in the bucket any more.
    package var removed = Sample()
    /// LIST requests.
    package var requests = 0
    /// Whether keys came in no order: then nothing is said to be removed.
    package var isUnsorted = false

    package struct Sample: Sendable, Equatable {
        package var count = 0
        package var keys: [String] = []

        mutating func add(_ key: String) {
            count += 1
            if keys.count < sampled { keys.append(key) }
        }
    }

    /// Lists a place and compares it with the catalog, page by page.
    package init(of location: S3Location, client: S3Client, catalog: CatalogReader, filter: KeyFilter) async throws {
        var comparison = ListingComparison(catalog, bucket: location.bucket, prefix: location.prefix, after: nil)
        let pages = ListingPages(
            client: client,
            location: location,
            start: nil,
            time: client.time,
            waitForRoom: {}
        )
        try await pages.walk { page, _ in
            requests += 1
            listed += page.objects.count
            unreadable += page.unreadable.count
            let objects = page.objects.map { ListedObject($0, bucket: location.bucket) }
            for difference in try await comparison.compare(objects, isLast: page.next == nil) {
                try await note(difference, catalog, filter)
            }
        }
        isUnsorted = comparison.isUnsorted
    }

    private mutating func note(
        _ difference: ListingDifference,
        _ catalog: CatalogReader,
        _ filter: KeyFilter
    ) async throws {
        switch difference {
        case .missing(let key): removed.add(key)
        case .same: known += 1
        case .new(let object): noteListed(object, nil, filter)
        case .changed(let object, let newest?): noteListed(object, newest, filter)
        case .changed(let object, nil):
            let newest = try await catalog.newest(
                source: ObservationIntake.source,
                bucket: object.bucket,
                key: object.key
            )
            noteListed(object, newest, filter)
        }
    }

    private mutating func noteListed(_ object: ListedObject, _ newest: CatalogObject?, _ filter: KeyFilter) {
        if let newest, newest.state != "removed" {
            if newest.version == object.etag, newest.size == object.size {
                known += 1
            } else {
                changed.add(object.key)
            }
        } else if filter.judge(bucket: object.bucket, key: object.key, size: object.size) == .takes {
            missing.add(object.key)
        } else {
            leftOut += 1
        }
    }
}

extension ListedObject {
    init(_ object: S3Object, bucket: String) {
        self.init(bucket: bucket, key: object.key, etag: object.etag, size: object.size, modified: object.modified)
    }
}
