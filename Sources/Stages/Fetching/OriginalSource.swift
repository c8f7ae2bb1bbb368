package import Events
package import Projections

/// Brings source bytes that were fetched once and are not kept any more.
package protocol OriginalSource: Sendable {
    /// Returns when the bytes are in `originals/` again.
    ///
    /// - Throws: `StageFailure`, of scope `item` when the source does not have them any more, and `source` when that is left
    ///   alone.
    func bringAgain(_ object: CatalogObject, content: Digest) async throws
    /// When an object may be asked for, as its source is left alone; nil for now.
    func postpone(_ object: CatalogObject) -> Postponement?
    /// Says that an object which might have been asked for is not any more.
    func release(_ object: CatalogObject)
    /// The sources that are left alone, by name.
    var outages: [String: Outage] { get }
}

extension FetchingStage: OriginalSource {
    package func bringAgain(_ object: CatalogObject, content: Digest) async throws {
        let fetched: ObjectFetched
        do {
            fetched = try await fetchOrBlame(object)
        } catch let error as CancellationError {
            throw error
        } catch {
            let failure = StageFailure(classing: error)
            guard failure.scope == .passing else { throw failure }
            // Whether it is still there can't be told now: nothing is given up, and all else would meet the same.
            throw StageFailure(.stage, failure.reason, failure.message)
        }
        guard fetched.sha256 == content else {
            let what = "\(object.key) has other bytes than when it was fetched first, and those were not kept"
            throw StageFailure(.item, "object-changed", what)
        }
        try await record(fetched, of: object, cause: .none)
    }

    package func postpone(_ object: CatalogObject) -> Postponement? {
        breaker(of: object)?.postpone(object.id, now: time.now())
    }

    package func release(_ object: CatalogObject) {
        breaker(of: object)?.released(object.id)
    }

    /// Fetches, and asks again at once until a failure is known to be the object's own or its source's: there may be nothing
    /// else to ask for.
    private func fetchOrBlame(_ object: CatalogObject) async throws -> ObjectFetched {
        for _ in 1..<Breaker.threshold where breaker(of: object) != nil {
            do {
                return try await fetch(object)
            } catch let error as CancellationError {
                throw error
            } catch {
                guard StageFailure(classing: error).scope == .passing else { throw error }
            }
        }
        return try await fetch(object)
    }
}
