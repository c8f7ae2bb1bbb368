import Threads

extension FolderStore: ObjectStore {
    /// Fetches from the folder that the object was observed in, which is its bucket.
    package func fetch(_ wanted: WantedObject, to destination: String) async throws -> FetchedObject {
        guard let size = wanted.size, let modified = Int64(wanted.version) else {
            throw StoreError(
                .changed,
                "\(wanted.key) was recorded without its size or time; its next version is taken instead"
            )
        }
        let folder = FolderStore(root: wanted.bucket, keeping: keeping)
        let fetched = try await Blocking.run {
            try folder.fetch(
                wanted.key,
                version: Version(size: size, modified: modified),
                to: destination,
                keeping: folder.keeping
            )
        }
        return FetchedObject(sha256: fetched.sha256, bytes: fetched.bytes, kept: fetched.keeping.rawValue)
    }
}
