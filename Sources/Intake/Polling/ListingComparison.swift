import Events
package import Projections

/// What a listing and the catalog say of one key, where they differ or agree.
package enum ListingDifference: Sendable, Equatable {
    case new(ListedObject)
    /// Another version is known, or the same one in a state that may have to change; nil where nobody looked.
    case changed(ListedObject, known: CatalogObject?)
    case same(ListedObject)
    /// Known, and not in the listing.
    case missing(String)
}

/// Merges pages of a listing with the known keys, both in the order of their bytes; neither is held beyond a page.
package struct ListingComparison {
    private let bucket: String
    private var known: KnownKeys
    private let trustsOrder: Bool
    private var lastKey: String?
    /// Whether keys came in an order that no merge can follow: then nothing is said to be missing.
    package private(set) var isUnsorted = false

    /// - Parameters:
    ///   - start: keys up to this one, itself included, are left out.
    ///   - trustsOrder: false where the server is known to list in no order: then nothing is said to be missing.
    package init(
        _ catalog: CatalogReader,
        bucket: String,
        prefix: String,
        after start: String?,
        trustsOrder: Bool = true
    ) {
        self.bucket = bucket
        self.trustsOrder = trustsOrder
        known = KnownKeys(catalog, bucket: bucket, prefix: prefix, after: start)
        lastKey = start
    }

    /// Compares a page; keys of an earlier listing that come again are compared by those who record them.
    package mutating func compare(_ objects: [ListedObject], isLast: Bool) async throws -> [ListingDifference] {
        let sorted = objects.sorted { ListingMarks.isBefore($0.key, $1.key) }
        var found: [ListingDifference] = []
        for object in sorted {
            if let lastKey, !ListingMarks.isBefore(lastKey, object.key) {
                // Twice the same key at a page's edge is no disorder.
                if ListingMarks.isBefore(object.key, lastKey) { isUnsorted = true }
                found.append(.changed(object, known: nil))
                continue
            }
            found += try await goPast(until: object.key)
            lastKey = object.key
            if let known = try await known.peek(), ExactKey(known.key) == ExactKey(object.key) {
                self.known.skip()
                found.append(Self.isSame(known, object) ? .same(object) : .changed(object, known: known))
            } else {
                found.append(.new(object))
            }
        }
        if isLast { found += try await goPast(until: nil) }
        guard isUnsorted || !trustsOrder else { return found }
        return found.compactMap { difference in
            switch difference {
            case .missing: nil
            // It may be known and have been gone past: whoever records it looks.
            case .new(let object): .changed(object, known: nil)
            default: difference
            }
        }
    }

    private mutating func goPast(until key: String?) async throws -> [ListingDifference] {
        var gone: [ListingDifference] = []
        while let object = try await known.peek(), key.map({ ListingMarks.isBefore(object.key, $0) }) ?? true {
            known.skip()
            if object.state != "removed" { gone.append(.missing(object.key)) }
        }
        return gone
    }

    /// Whether nothing has to be recorded, whatever was announced when.
    private static func isSame(_ known: CatalogObject, _ object: ListedObject) -> Bool {
        known.version == object.etag && known.size == object.size
            && !["removed", "quarantined"].contains(known.state)
    }
}
