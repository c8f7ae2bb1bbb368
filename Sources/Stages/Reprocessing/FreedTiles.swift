package import DVC
import Events
package import Logging
package import Projections
import Threads

/// Tiles that were made before and are not in the cache any more: somebody has freed them, as `dvc gc` does with those that
/// no version has which it was told to keep; or the disk is another one than they were written to.
///
/// They are looked for before they stand in the dataset again, and when a version or a push lacks them. What is missing is
/// made again from the originals, and where those are not to be had, brought from the remote.
package struct FreedTiles: Sendable {
    /// Tiles that nobody has any more.
    struct Loss: Sendable {
        let derivation: CatalogDerivation
        /// Why they can't be made again.
        let failure: StageFailure
    }

    /// How long tiles are made again in a row: a stage that is at it for hours is not stuck.
    private static let turn = Duration.seconds(300)

    private let catalog: CatalogReader
    private let cache: DVCCache
    private let cutting: TilingStage
    private let remotes: Remotes
    private let logger: Logger

    /// - Parameter cutting: makes tiles again.
    package init(
        catalog: CatalogReader,
        cache: DVCCache,
        cutting: TilingStage,
        remotes: Remotes,
        logger: Logger
    ) {
        self.catalog = catalog
        self.cache = cache
        self.cutting = cutting
        self.remotes = remotes
        self.logger = logger
    }

    /// Sees to it that the cache has all files of some derivations; what it lacks is made again.
    ///
    /// - Returns: what can't be had any more; where there is much to do, perhaps not all of that yet.
    /// - Throws: where that can't be told now, as with a source that is away; `CancellationError` where there is more to do
    ///   than in one turn.
    func complete(_ derivations: [(number: Int, id: String)]) async throws -> [Loss] {
        var missing: [String] = []
        for (number, id) in derivations where try await !cache.containsAll(catalog.files(ofDerivation: number)) {
            missing.append(id)
        }
        guard !missing.isEmpty else { return [] }
        logger.notice("The cache lacks tiles that are made again now.", metadata: ["images": "\(missing.count)"])
        let start = ContinuousClock.now
        var losses: [Loss] = []
        for id in missing {
            try Task.checkCancellation()
            guard ContinuousClock.now - start < Self.turn else {
                if losses.isEmpty { throw CancellationError() }
                break
            }
            guard let derivation = try await catalog.derivation(id), let failure = try await remake(derivation) else {
                continue
            }
            logger.warning(
                "Tiles are lost.",
                metadata: ["derivation": "\(id)", "reason": "\(failure.reason)", "message": "\(failure.message)"]
            )
            losses.append(Loss(derivation: derivation, failure: failure))
        }
        return losses
    }

    /// Those files of a derivation that the cache lacks.
    func lacking(of derivation: CatalogDerivation) async throws -> [DerivedFile] {
        try await cache.lacking(catalog.files(ofDerivation: derivation.number))
    }

    /// Makes a derivation's tiles again, or brings them; returns why neither can be done.
    private func remake(_ derivation: CatalogDerivation) async throws -> StageFailure? {
        guard let failure = try await cut(derivation) else { return nil }
        return try await bring(derivation) ? nil : failure
    }

    private func cut(_ derivation: CatalogDerivation) async throws -> StageFailure? {
        // Any object of the content will do, whatever became of it since.
        let objects = try await catalog.objects(holding: derivation.content, limit: 100).map(\.object)
        do {
            let made = try await cutting.remake(derivation, from: objects)
            let recorded = Set(try await catalog.files(ofDerivation: derivation.number).map(\.sha256))
            let lacking = try await lacking(of: derivation)
            if recorded.isSubset(of: made), lacking.isEmpty { return nil }
            return StageFailure(
                .item,
                "tiles-differ",
                "its tiles are not in the cache any more, and come out with other bytes than they had: a library of the imaging engine is another; release it to have them as they are now"
            )
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let failure = StageFailure(classing: error)
            guard failure.scope == .item else { throw error }
            return StageFailure(
                .item,
                failure.reason,
                "its tiles are not in the cache any more and can't be made again: \(failure.message)"
            )
        }
    }

    /// Brings what the cache lacks of a derivation from the remote that was pushed to last; whether that had all of it.
    private func bring(_ derivation: CatalogDerivation) async throws -> Bool {
        let pushed = try await catalog.commits().last { $0.pushedPosition != nil }
        guard let url = pushed?.remote else { return false }
        do {
            let remote = try await remotes.checked(url)
            let batch = try cache.batch()
            for file in try await lacking(of: derivation) {
                try Task.checkCancellation()
                let object = ExpectedObject(id: file.md5, size: file.bytes, sha256: file.sha256)
                guard let bytes = try await remote.read(object) else { return false }
                try await Blocking.run { _ = try batch.add(bytes: bytes, md5: file.md5) }
            }
            try await Blocking.run { try batch.commit() }
            return true
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Whether it has them can't be told now: nothing is given up.
            let failure = StageFailure(classing: error)
            throw StageFailure(.stage, failure.reason, "the DVC remote \(url): \(failure.message)")
        }
    }
}

extension DerivationFailed {
    /// The tiles of a derivation are lost.
    init(_ loss: FreedTiles.Loss) {
        self.init(
            sourceSHA256: loss.derivation.content,
            recipe: loss.derivation.recipe.digest,
            reason: loss.failure.reason,
            message: loss.failure.message,
            isLost: true
        )
    }
}
