package import DVC
package import EventLog
import Events
package import GRDB
package import Projections

/// A moment of the log, and the catalog as it stood then.
package struct LineageMoment: Sendable {
    /// The last event that counts.
    package let position: Int
    private let projector: Projector

    /// The catalog's tables as of then.
    package var database: any DatabaseReader { projector.database }

    /// Folds the log up to a moment.
    ///
    /// - Parameters:
    ///   - text: a position, a time (RFC 3339: all that was recorded until then), or a revision of the dataset's git
    ///     repository: then the receipt of the version that it is.
    ///   - catalog: as it stands now.
    /// - Throws: `id-not-found` where the text names no moment.
    package init(
        _ text: String,
        log: EventLog,
        catalog: CatalogReader,
        repository: DatasetRepository?
    ) async throws {
        position = try await Self.position(text, log, catalog, repository)
        projector = try Projector(temporaryOf: log, views: [Catalog()])
        try await projector.catchUp(through: position)
        if let stop = try projector.status().first(where: { $0.failedPosition != nil }) {
            throw LineageError(
                .notFound,
                "the catalog can't be folded to \(position): \(stop.failure ?? "no more is known")"
            )
        }
    }

    private static func position(
        _ text: String,
        _ log: EventLog,
        _ catalog: CatalogReader,
        _ repository: DatasetRepository?
    ) async throws -> Int {
        if let position = Int(text.hasPrefix("#") ? String(text.dropFirst()) : text) {
            guard position >= 1, position <= log.headPosition else {
                throw LineageError(.notFound, "the log ends at position \(log.headPosition), before \(position)")
            }
            return position
        }
        if let time = Timestamp(rfc3339: text) {
            guard let position = try await log.lastPosition(recordedBy: time) else {
                throw LineageError(.notFound, "nothing was recorded by \(time)")
            }
            return position
        }
        let hash = try await repository?.commit(named: text)
        guard let hash,
            let position = try await catalog.commits().first(where: { $0.gitCommit == hash })?.committedPosition
        else {
            throw LineageError(
                .notFound,
                "'\(text)' is no position, no time such as 2026-03-01T09:30:00Z, and no git commit of a dataset version"
            )
        }
        return position
    }
}
