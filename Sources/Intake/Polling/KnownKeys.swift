import Projections

/// The known keys of a bucket in the order of their bytes, read page by page as a listing goes past them.
struct KnownKeys {
    static let pageSize = 1_000

    private let catalog: CatalogReader
    private let bucket: String
    private let prefix: String
    private var page: ArraySlice<CatalogObject> = []
    private var last: String?
    private var isAtEnd = false

    /// - Parameter start: keys up to this one, itself included, are left out.
    init(_ catalog: CatalogReader, bucket: String, prefix: String, after start: String?) {
        self.catalog = catalog
        self.bucket = bucket
        self.prefix = prefix
        last = start
    }

    /// The next known key, without going past it; nil after the last one.
    mutating func peek() async throws -> CatalogObject? {
        if page.isEmpty, !isAtEnd {
            let found = try await catalog.newest(
                source: ObservationIntake.source,
                bucket: bucket,
                prefix: prefix,
                afterKey: last,
                limit: Self.pageSize
            )
            isAtEnd = found.count < Self.pageSize
            last = found.last?.key ?? last
            page = found[...]
        }
        return page.first
    }

    mutating func skip() {
        _ = page.popFirst()
    }
}
