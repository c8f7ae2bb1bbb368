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
                let objects = try portion.map { try cache.object($0.md5, size: $0.size) }
                let written = try Self.copy(objects[...], from: cache, into: batch)
                result.withLock { result in for bytes in written { result.add(bytes) } }
            }
            if batch.pendingCount >= Self.settled { try batch.settle() }
        }
        try batch.commit()
        let last = try remote.batch()
        let written = try Self.copy([try cache.object(id, size: nil)], from: cache, into: last)
        try last.commit()
        return result.withLock { result in
            for bytes in written { result.add(bytes) }
            return result
        }
    }

    package func holds(manifest id: String) throws -> Bool {
        let path = objects.objectPath(id)
        return try objects.contains(id) && md5(ofFile: path) == id.prefix(32)
    }

    /// Objects that get their names together, and those of them that one thread takes at a time.
    private static let settled = 4_096
    private static let portion = 128

    /// Bytes that are read and hashed at a time.
    private static let provedBytes = 2 << 20

    /// Copies objects unless they are there; returns of each the bytes that were written.
    ///
    /// Each is proved before, but for what this process has just written.
    private static func copy(
        _ objects: ArraySlice<CachedObject>,
        from cache: DVCCache,
        into batch: DVCCache.Batch
    ) throws -> [Int?] {
        var written: [Int?] = []
        func add(_ object: CachedObject) throws {
            let isNew = try batch.add(file: cache.objectPath(object.id), md5: object.id, size: object.size)
            written.append(isNew ? object.size : nil)
        }
        var unproved: [CachedObject] = []
        var bytes = 0
        func prove() throws {
            _ = try cache.proved(unproved[...], keeping: provedBytes)
            for object in unproved { try add(object) }
            (unproved, bytes) = ([], 0)
        }
        for object in objects {
            if object.isJustWritten == true {
                try add(object)
            } else if try batch.finds(object.id, size: object.size) {
                written.append(nil)
            } else {
                if bytes + object.size > provedBytes { try prove() }
                unproved.append(object)
                bytes += object.size
            }
        }
        try prove()
        return written
    }
}
