import Crypto
import Files
import Synchronization
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
        let remote = objects
        if !owner.isEmpty { try remote.sweep() }
        let result = Mutex(PushResult())
        let batch = try remote.batch()
        var seen: Set<String> = []
        let distinct = entries.filter { seen.insert($0.md5).inserted }
        // In portions, so that a push that is killed need not begin again.
        for start in stride(from: 0, to: distinct.count, by: Self.settled) {
            try Task.checkCancellation()
            try inPortions(distinct[start..<min(start + Self.settled, distinct.count)], of: Self.portion) { portion in
                for entry in portion {
                    let written = try Self.copy(entry.md5, size: entry.size, from: cache, into: batch)
                    result.withLock { $0.add(written) }
                }
            }
            if batch.pendingCount >= Self.settled { try batch.settle() }
        }
        try batch.commit()
        let last = try remote.batch()
        let written = try Self.copy(id, size: nil, from: cache, into: last)
        try last.commit()
        return result.withLock {
            $0.add(written)
            return $0
        }
    }

    package func holds(manifest id: String) throws -> Bool {
        let path = objects.objectPath(id)
        return try objects.contains(id) && md5(ofFile: path) == id.prefix(32)
    }

    /// Objects that get their names together, and those of them that one thread takes at a time.
    private static let settled = 4_096
    private static let portion = 128

    /// Copies an object unless it is there; returns the bytes that were written.
    private static func copy(
        _ id: String,
        size: Int?,
        from cache: DVCCache,
        into batch: DVCCache.Batch
    ) throws -> Int? {
        let source = cache.objectPath(id)
        guard let found = try fileInfo(source), size == nil || found.size == size else {
            throw DVCError.objectMissing(id)
        }
        return try batch.add(file: source, md5: id, size: found.size) ? found.size : nil
    }
}
