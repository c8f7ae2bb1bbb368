import Threads

extension FolderStore: ObjectStore {
    /// Fetches from the folder that the object was observed in, which is its bucket.
    package func fetch(_ wanted: WantedObject, to destination: String) async throws -> FetchedObject {
        let version = try version(of: wanted)
        let folder = FolderStore(root: wanted.bucket, keeping: keeping)
        let fetched = try await Blocking.run {
            try folder.fetch(wanted.key, version: version, to: destination, keeping: folder.keeping)
        }
        return FetchedObject(sha256: fetched.sha256, bytes: fetched.bytes, kept: fetched.keeping.rawValue)
    }

    /// Looks whether the file is there as it was.
    package func ask(for wanted: WantedObject) async throws {
        let version = try version(of: wanted)
        let folder = FolderStore(root: wanted.bucket, keeping: keeping)
        try await Blocking.run { try folder.check(folder.path(of: wanted.key), is: version) }
    }

    private func version(of wanted: WantedObject) throws(StoreError) -> Version {
        guard let size = wanted.size, let modified = Int64(wanted.version) else {
            throw StoreError(
                .changed,
                "\(wanted.key) was recorded without its size or time; its next version is taken instead"
            )
        }
        return Version(size: size, modified: modified)
    }
}
