package import DVC
import Files
package import Projections
import Stages

/// Finds the bytes of manifests: in the cache, or made again from what the log says that they hold.
package struct ManifestFinder: Sendable {
    private let cache: DVCCache
    private let catalog: CatalogReader

    package init(cache: DVCCache, catalog: CatalogReader) {
        self.cache = cache
        self.catalog = catalog
    }

    /// The manifest's bytes.
    ///
    /// - Throws: `objectMissing` where neither has them.
    package func bytes(of id: String) async throws -> [UInt8] {
        if let bytes = try cache.read(ExpectedObject(id: id)) { return bytes }
        if let bytes = try await recorded(id) { return bytes }
        throw DVCError(
            .objectMissing,
            "the cache lacks the manifest \(id) or has other bytes under its name, and the log does not know it: run `dvc fetch`"
        )
    }

    /// The manifest as the log gives it; nil where it knows of none of this id.
    func recorded(_ id: String) async throws -> [UInt8]? {
        try await catalog.manifest(id)?.bytes
    }
}
