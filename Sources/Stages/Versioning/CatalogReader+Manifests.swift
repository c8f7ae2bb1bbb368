package import DVC
package import Projections
import Threads

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

extension DVCCache {
    /// Puts a manifest here, unless it is there.
    func put(_ manifest: Manifest) async throws {
        try await Blocking.run {
            let batch = try self.batch()
            try batch.add(bytes: manifest.bytes, md5: manifest.id)
            try batch.commit()
        }
    }
}
