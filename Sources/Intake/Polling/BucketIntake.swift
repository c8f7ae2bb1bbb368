package import Events
import Files
package import Logging
package import ObjectStores
package import Projections

/// Finds what is new, changed or gone in a bucket by listing it.
///
/// A look from the beginning merges the listing with the known keys and finds everything. A look in between starts after
/// the highest key that was known `look_back` ago, which is cheap where keys grow. Nothing is held beyond a page, and a
/// key is only taken for gone when a listing that went past its place did not have it.
package final class BucketIntake: Sendable {
    /// What a look at the bucket led to.
    package struct Summary: Sendable, Equatable {
        /// Objects that the listing had.
        package var listed = 0
        /// LIST requests.
        package var requests = 0
        /// Folder markers and keys that the settings leave out.
        package var leftOut = 0
        /// Keys that are not UTF-8: no request can name them.
        package var unreadable = 0
        package var outcome = ObservationOutcome()
        /// Whether the keys came in no order, so that nothing could be found to be gone.
        package var isUnsorted = false

        package init() {}
    }

    package let location: S3Location
    private let client: S3Client
    private let intake: ObservationIntake
    private let catalog: CatalogReader
    private let filter: KeyFilter
    private let marksPath: String
    private let lookBack: Duration
    private let time: any TimeSource
    private let logger: Logger
    /// Returns when there is room for more work.
    private let waitForRoom: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - marksPath: the file that remembers how far listings have come.
    ///   - waitForRoom: is waited for before each page.
    package init(
        _ location: S3Location,
        client: S3Client,
        intake: ObservationIntake,
        catalog: CatalogReader,
        filter: KeyFilter,
        marksPath: String,
        lookBack: Duration,
        time: any TimeSource,
        logger: Logger,
        waitForRoom: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.location = location
        self.client = client
        self.intake = intake
        self.catalog = catalog
        self.filter = filter
        self.marksPath = marksPath
        self.lookBack = lookBack
        self.time = time
        self.logger = logger
        self.waitForRoom = waitForRoom
    }

    /// Looks at the whole bucket.
    package func sweep() async throws -> Summary {
        try await look(after: nil)
    }

    /// Looks at the keys after the highest one that was known `look_back` ago, at all of them where none was.
    package func poll() async throws -> Summary {
        try await look(after: readMarks().start(now: time.now(), lookBack: lookBack))
    }

    private func look(after start: String?) async throws -> Summary {
        let began = time.now()
        var summary = Summary()
        var marks = readMarks()
        var comparison = ListingComparison(
            catalog,
            bucket: location.bucket,
            prefix: location.prefix,
            after: start,
            trustsOrder: !marks.isUnsorted
        )
        let pages = ListingPages(
            client: client,
            location: location,
            start: start,
            time: time,
            waitForRoom: waitForRoom
        )
        var highest: String?
        var highestOld: String?
        let before = Timestamp(microseconds: began.microseconds - lookBack.microseconds)
        try await pages.walk { page, askedAt in
            summary.requests += 1
            let objects = listed(page, in: &summary)
            for object in objects {
                highest = Self.higher(highest, object.key)
                if object.modified <= before { highestOld = Self.higher(highestOld, object.key) }
            }
            let differences = try await comparison.compare(objects, isLast: page.next == nil)
            try await record(differences, askedAt: askedAt, in: &summary)
        }
        summary.isUnsorted = comparison.isUnsorted
        if comparison.isUnsorted, !marks.isUnsorted {
            logger.warning(
                "The bucket lists its keys in no order; what is gone from it can't be found.",
                metadata: ["source": "\(location.url)"]
            )
        }
        marks.isUnsorted = comparison.isUnsorted
        // What was there so long ago was as good as known then: the next look need not be a whole one.
        if marks.marks.isEmpty, let highestOld { marks.note(highestOld, at: before, lookBack: lookBack) }
        if let highest { marks.note(highest, at: began, lookBack: lookBack) }
        // Where the disk is full the next look is a longer one.
        try? writeAtomically(marks.json.bytes, to: marksPath)
        return summary
    }

    private func listed(_ page: S3Page, in summary: inout Summary) -> [ListedObject] {
        summary.listed += page.objects.count
        summary.unreadable += page.unreadable.count
        if let first = page.unreadable.first {
            logger.warning(
                "Keys are not UTF-8 and are left out: rename them.",
                metadata: ["count": "\(page.unreadable.count)", "first": "\(first)"]
            )
        }
        return page.objects.compactMap { object in
            guard !object.key.utf8.contains(0) else {
                summary.unreadable += 1
                return nil
            }
            return ListedObject(object, bucket: location.bucket)
        }
    }

    private func record(
        _ differences: [ListingDifference],
        askedAt: Timestamp,
        in summary: inout Summary
    ) async throws {
        var listed: [ListedObject] = []
        var missing: [(bucket: String, key: String)] = []
        var repeated = 0
        for difference in differences {
            switch difference {
            case .same: repeated += 1
            case .new(let object), .changed(let object, _): listed.append(object)
            case .missing(let key): missing.append((location.bucket, key))
            }
        }
        await intake.note(repeated: repeated, leftOut: 0)
        summary.outcome.repeated += repeated
        guard !listed.isEmpty || !missing.isEmpty else { return }
        let outcome = try await intake.take(listed: listed, missing: missing, askedAt: askedAt)
        summary.leftOut += outcome.leftOut
        summary.outcome += outcome
    }

    private static func higher(_ known: String?, _ key: String) -> String {
        guard let known, !ListingMarks.isBefore(known, key) else { return key }
        return known
    }

    /// Marks that can't be read are as good as none: the next look is from the beginning.
    private func readMarks() -> ListingMarks {
        guard let text = try? readFile(marksPath) else { return ListingMarks() }
        return ListingMarks(json: text) ?? ListingMarks()
    }
}
