package import DVC
package import Projections

/// Pushes one dataset version to a remote, at the cost of what it changed.
package struct VersionPush: Sendable {
    private let catalog: CatalogReader
    private let cache: DVCCache

    package init(catalog: CatalogReader, cache: DVCCache) {
        self.catalog = catalog
        self.cache = cache
    }

    /// Sends the version's manifest after those of its files that the remote may lack.
    ///
    /// Where the version before was pushed there, and the remote still has its manifest, these are the files of the keys
    /// that changed since; else they are all.
    ///
    /// - Parameter previousWasPushed: whether the log says so of the version before.
    package func push(
        _ commit: CatalogCommit,
        to remote: any Remote,
        previousWasPushed: Bool
    ) async throws -> PushResult {
        let files: [DatasetFile]
        if previousWasPushed, let previous = commit.previous, commit.fromPosition <= commit.throughPosition,
            try await remote.holds(manifest: previous)
        {
            files = try await catalog.files(
                of: commit.partition,
                at: commit.throughPosition,
                changedWithin: commit.fromPosition...commit.throughPosition
            )
        } else {
            files = try await catalog.files(of: commit.partition, at: commit.throughPosition)
        }
        return try await remote.push(
            from: cache,
            manifest: commit.manifest,
            entries: files.map(ManifestEntry.init)
        )
    }
}
