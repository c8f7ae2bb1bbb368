package import Events
package import Projections

/// Brings source bytes that were fetched once and are not kept any more.
package protocol OriginalSource: Sendable {
    /// Returns when the bytes are in `originals/` again.
    ///
    /// - Throws: `StageFailure`, of scope `item` when the source does not have them any more.
    func bringAgain(_ object: CatalogObject, content: Digest) async throws
}

extension FetchingStage: OriginalSource {
    package func bringAgain(_ object: CatalogObject, content: Digest) async throws {
        let fetched: ObjectFetched
        do {
            fetched = try await fetch(object)
        } catch {
            let failure = StageFailure(classing: error)
            guard failure.scope != .item else { throw failure }
            // Whether it is still there can't be told now: nothing is given up, and all else would meet the same.
            throw StageFailure(.stage, failure.reason, failure.message)
        }
        guard fetched.sha256 == content else {
            let what = "\(object.key) has other bytes than when it was fetched first, and those were not kept"
            throw StageFailure(.item, "object-changed", what)
        }
        try await record(fetched, of: object, cause: .none)
    }
}
