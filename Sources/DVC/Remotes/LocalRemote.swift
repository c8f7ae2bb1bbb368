import Crypto
import Files
import Threads

/// A DVC remote that is a directory, on this machine or mounted.
///
/// It runs on a thread of its own, because copying may take long.
package actor LocalRemote: Remote {
    /// The directory that the remote's `url` names.
    package nonisolated let path: String
    package nonisolated var url: String { path }
    private nonisolated let executor = QueueExecutor(label: "swathlog.dvc.remote")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let owner: String

    /// - Parameter owner: who pushes, where several push to one remote: files that a killed push left are removed by the
    ///   next one of the same owner, and by nobody else.
    package init(path: String, owner: String = "") {
        self.path = path
        self.owner = owner.isEmpty ? "" : hexadecimal(SHA256.hash(data: Array(owner.utf8)).prefix(4)) + "-"
    }

    /// The remote's objects.
    package nonisolated var objects: DVCCache { DVCCache(root: "\(path)/files/md5", tag: owner) }

    /// Copies a manifest and its files from the cache: all files are on the remote's disk before the manifest is there.
    ///
    /// DVC takes a manifest on a remote as the proof that its files are there too, hence the order, which also makes a
    /// push that was killed safe to repeat.
    package func push(
        from cache: DVCCache,
        manifest id: String,
        entries: [ManifestEntry]
    ) throws -> PushResult {
        var result = PushResult()
        let remote = objects
        if !owner.isEmpty { try remote.sweep() }
        let batch = try remote.batch()
        var seen: Set<String> = []
        for entry in entries where seen.insert(entry.md5).inserted {
            try Task.checkCancellation()
            try copy(entry.md5, size: entry.size, from: cache, into: batch, &result)
            // In portions, so that a push that is killed need not begin again.
            if batch.pendingCount >= 4096 { try batch.settle() }
        }
        try batch.commit()
        let last = try remote.batch()
        try copy(id, size: nil, from: cache, into: last, &result)
        try last.commit()
        return result
    }

    package func holds(manifest id: String) throws -> Bool {
        let path = objects.objectPath(id)
        return try objects.contains(id) && md5(ofFile: path) == id.prefix(32)
    }

    private func copy(
        _ id: String,
        size: Int?,
        from cache: DVCCache,
        into batch: DVCCache.Batch,
        _ result: inout PushResult
    ) throws {
        let source = cache.objectPath(id)
        guard let found = try fileInfo(source), size == nil || found.size == size else {
            throw DVCError.objectMissing(id)
        }
        if try batch.add(file: source, md5: id, size: found.size) {
            result.objects += 1
            result.bytes += found.size
        } else {
            result.present += 1
        }
    }
}
