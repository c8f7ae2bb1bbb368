import Files

extension DatasetRepository {
    /// The cache as whoever mends it writes to it: an agent beside it has unfinished files of its own there.
    private var mendedCache: DVCCache {
        DVCCache(root: cache.root, tag: "mend-\(cache.tag)", isShared: cache.isShared)
    }

    /// Removes what killed mendings left; only while no other is under way.
    package func sweepMendings() throws {
        try mendedCache.sweep()
    }

    /// Puts an object's recorded bytes in place of what the cache has under its name; they are on disk on return.
    ///
    /// A file of the work tree that is the damaged object itself under a second name is linked anew, and so not while
    /// another process reads or writes it (`lockHeld`). That goes first: once the object is right, nobody looks for them.
    ///
    /// - Parameter files: those of the work tree that have this object's contents, as paths below it.
    package func mend(_ object: ExpectedObject, with bytes: [UInt8], files: [String]) async throws {
        let linked = try namesOfCached(object, among: files)
        let real = try realPath(path) ?? path
        let lock = try await DVCLock.acquire(
            repository: path,
            writing: linked.map { "\(real)/\($0)" },
            patience: patience,
            onWait: onWait
        )
        defer { lock.release() }
        try replace(object, with: bytes, linkedAs: linked)
    }

    /// Reads an object's recorded bytes from a file of the work tree; nil where none of them has these.
    ///
    /// - Parameter files: as for `mend`.
    package func read(_ object: ExpectedObject, fromAnyOf files: [String]) -> [UInt8]? {
        for file in files {
            // One that a person removed or may not be read is none that has them.
            if let bytes = try? readFile("\(path)/\(file)"), object.isMade(of: bytes) { return bytes }
        }
        return nil
    }

    /// The files that are the cache's object under another name.
    private func namesOfCached(_ object: ExpectedObject, among files: [String]) throws -> [String] {
        guard let cached = try fileInfo(cache.objectPath(object.id)), cached.kind == .file else { return [] }
        return try files.filter { file in
            let info = try fileInfo("\(path)/\(file)")
            return info?.inode == cached.inode && info?.device == cached.device
        }
    }

    private func replace(_ object: ExpectedObject, with bytes: [UInt8], linkedAs files: [String]) throws {
        try tree.clearStaging()
        try mendedCache.replace(object, with: bytes) { sound in
            var placer = LinkPlacer(order: [.hardlink, .reflink, .copy], staging: tree.staging)
            for file in files {
                try placer.place(sound, at: "\(path)/\(file)")
                try synchronizeDirectory(parent(of: "\(path)/\(file)"))
            }
        }
    }
}
