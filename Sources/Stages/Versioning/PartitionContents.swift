package import DVC
package import Projections
import Threads

/// What a partition holds as of a position of the log, and how it differs from its newest version in git.
struct PartitionContents: Sendable {
    let manifest: Manifest
    let diff: DatasetDiff

    /// Asks the catalog for what changed since the newest version, and puts it into that one's manifest.
    ///
    /// Where the cache lost that manifest, everything is asked for.
    static func of(
        _ partition: CatalogPartition,
        at position: Int,
        catalog: CatalogReader,
        cache: DVCCache
    ) async throws -> PartitionContents {
        let committed = partition.committedThrough
        if let previous = try await catalog.lastCommit(of: partition.name), previous.manifest == partition.manifest,
            previous.throughPosition == committed, committed < position
        {
            let changes = (committed + 1)...position
            let old = try await catalog.files(of: partition.name, at: committed, changedWithin: changes)
            let new = try await catalog.files(of: partition.name, at: position, changedWithin: changes)
            let manifest = try await Blocking.run {
                try ManifestPatch(
                    id: previous.manifest,
                    count: previous.files,
                    totalSize: previous.bytes,
                    in: cache
                )?.applied(removing: old.map(ManifestEntry.init), adding: new.map(ManifestEntry.init))
            }
            if let manifest { return PartitionContents(manifest: manifest, diff: DatasetDiff(from: old, to: new)) }
        }
        let files = try await catalog.files(of: partition.name, at: position)
        let before = partition.manifest == nil ? [] : try await catalog.files(of: partition.name, at: committed)
        return PartitionContents(manifest: try Manifest(files), diff: DatasetDiff(from: before, to: files))
    }
}

extension ManifestEntry {
    init(_ file: DatasetFile) {
        self.init(relpath: file.path, md5: file.md5, size: file.bytes, sha256: file.sha256)
    }
}

extension Manifest {
    /// The manifest of files that are sorted by their paths' UTF-8 bytes.
    package init(_ files: [DatasetFile]) throws {
        var writer = ManifestWriter()
        writer.reserveCapacity(files.count)
        for file in files { try writer.append(ManifestEntry(file)) }
        self = writer.finish()
    }
}
