import Files

extension DatasetRepository {
    /// Puts an object's recorded bytes in place of what the cache has under its name; they are on disk on return.
    ///
    /// A file of the work tree that was the damaged object itself under a second name is linked anew.
    ///
    /// - Parameter files: those of the work tree that have this object's contents, as paths below it.
    package func mend(_ object: ExpectedObject, with bytes: [UInt8], files: [String]) async throws {
        let lock = try await DVCLock.acquire(repository: path, patience: patience, onWait: onWait)
        defer { lock.release() }
        let damaged = try fileInfo(cache.objectPath(object.id))
        try cache.replace(object, with: bytes)
        guard let damaged, damaged.kind == .file else { return }
        try createDirectories(tree.staging)
        var placer = LinkPlacer(order: links, staging: tree.staging)
        for file in files {
            guard let info = try fileInfo("\(path)/\(file)"), info.inode == damaged.inode, info.device == damaged.device
            else { continue }
            try placer.place(absolute(cache.objectPath(object.id)), at: "\(path)/\(file)")
            try synchronizeDirectory(parent(of: "\(path)/\(file)"))
        }
    }
}
