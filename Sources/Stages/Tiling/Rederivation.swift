package import DVC
import Events
package import Imaging
package import Projections
import Threads

/// Makes the files of a derivation again, from the kept original and the recipe that the log names.
package struct Rederivation: Sendable {
    private let paths: StorePaths
    private let limits: ImageLimits
    private let crew: TileCrew

    package init(paths: StorePaths, limits: ImageLimits = ImageLimits(), workers: Int) {
        self.paths = paths
        self.limits = limits
        crew = TileCrew(workers: workers)
    }

    /// Puts the files into a cache of the caller's, under the MD5s of what was made: whether these are the recorded ones
    /// is for the caller to see.
    package func make(_ derivation: CatalogDerivation, in cache: DVCCache) async throws {
        let cutter = TileCutter(
            original: paths.original(derivation.content),
            source: derivation.content,
            recipe: derivation.recipe,
            limits: limits,
            cache: cache,
            crew: crew
        )
        _ = try await Blocking.run { try cutter.cut(isCancelled: { false }) }
    }
}
