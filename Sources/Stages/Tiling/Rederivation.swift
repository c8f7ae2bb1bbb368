package import DVC
import Events
import Files
package import Imaging
package import ObjectStores
package import Projections
import Threads

/// Makes the files of a derivation again, from its original and the recipe that the log names.
///
/// An original that is not kept any more is fetched again for that, and is not kept.
package struct Rederivation: Sendable {
    private let paths: StorePaths
    private let stores: [String: any ObjectStore]
    private let limits: ImageLimits
    private let crew: TileCrew

    /// - Parameter stores: where originals are fetched from, by the kind of their source.
    package init(
        paths: StorePaths,
        stores: [String: any ObjectStore],
        limits: ImageLimits = ImageLimits(),
        workers: Int
    ) {
        self.paths = paths
        self.stores = stores
        self.limits = limits
        crew = TileCrew(workers: workers)
    }

    /// Puts the files into a cache of the caller's, under the MD5s of what was made: whether these are the recorded ones
    /// is for the caller to see.
    ///
    /// - Parameter objects: who may still have its source bytes, where those are not kept; the last one is asked first.
    package func make(
        _ derivation: CatalogDerivation,
        of objects: [CatalogObject],
        in cache: DVCCache
    ) async throws {
        let kept = paths.original(derivation.content)
        if try fileInfo(kept) != nil { return try await cut(kept, derivation, cache) }
        let fetched = try await fetch(derivation.content, from: objects, into: cache.root)
        defer { _ = try? removeFile(fetched) }
        try await cut(fetched, derivation, cache)
    }

    private func cut(_ original: String, _ derivation: CatalogDerivation, _ cache: DVCCache) async throws {
        let cutter = TileCutter(
            original: original,
            source: derivation.content,
            recipe: derivation.recipe,
            limits: limits,
            cache: cache,
            crew: crew
        )
        _ = try await Blocking.run { try cutter.cut(isCancelled: { false }) }
    }

    /// Brings source bytes to a new file in a directory, proved by their SHA-256.
    private func fetch(
        _ content: Digest,
        from objects: [CatalogObject],
        into directory: String
    ) async throws -> String {
        var failure = StageFailure(.item, "object-gone", "nobody has it any more")
        for object in objects.reversed() {
            guard let store = stores[object.source] else { continue }
            let path = temporaryName(in: directory)
            do {
                let fetched = try await store.fetch(WantedObject(object), to: path)
                if fetched.sha256 == content.description { return path }
                failure = StageFailure(
                    .item,
                    "object-changed",
                    "\(object.key) has other bytes than when it was fetched first"
                )
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                failure = StageFailure(classing: error)
            }
            _ = try removeFile(path)
        }
        throw StageFailure(failure.scope, failure.reason, "its original is not kept, and \(failure.message)")
    }
}
