package import DVC
import Events
package import Projections

/// Tiles that were made before, and that somebody may have freed from the cache since, as `dvc gc` does with those that no
/// version has which it was told to keep.
///
/// They are looked for before they stand in the dataset again, and made again where they are missing.
package struct FreedTiles: Sendable {
    private let catalog: CatalogReader
    private let cache: DVCCache
    private let cutting: TilingStage

    /// - Parameter cutting: makes tiles again.
    package init(catalog: CatalogReader, cache: DVCCache, cutting: TilingStage) {
        self.catalog = catalog
        self.cache = cache
        self.cutting = cutting
    }

    /// Whether the cache lacks files of a derivation, by its number.
    func areMissing(of number: Int) async throws -> Bool {
        try await !cache.containsAll(catalog.files(ofDerivation: number))
    }

    /// Makes a derivation's tiles again.
    ///
    /// - Parameter objects: who may still have its source bytes, where those are not kept.
    /// - Returns: why they can't be made; nil when they are there.
    func remake(_ derivation: CatalogDerivation, from objects: [CatalogObject]) async throws -> StageFailure? {
        do {
            try await cutting.remake(derivation, from: objects)
            guard try await areMissing(of: derivation.number) else { return nil }
            return StageFailure(
                .item,
                "tiles-differ",
                "tiles that were freed from the cache come out with other bytes than they had: a library of the imaging engine is another; release it to have them as they are now"
            )
        } catch {
            let failure = StageFailure(classing: error)
            guard failure.scope == .item else { throw error }
            return StageFailure(
                .item,
                failure.reason,
                "its tiles were freed from the cache and can't be made again: \(failure.message)"
            )
        }
    }
}

extension DerivationFailed {
    /// The tiles of a derivation are lost.
    init(losing derivation: CatalogDerivation, because failure: StageFailure) {
        self.init(
            sourceSHA256: derivation.content,
            recipe: derivation.recipe.digest,
            reason: failure.reason,
            message: failure.message,
            isLost: true
        )
    }
}
