package import DVC
package import Projections

extension CatalogReader {
    /// A manifest as the log gives it; nil where it knows of none of this id.
    package func manifest(_ id: String) async throws -> Manifest? {
        for commit in try await commits(withManifest: id) {
            let manifest = try Manifest(try await files(of: commit.partition, at: commit.throughPosition))
            if manifest.id == id { return manifest }
        }
        return nil
    }
}
