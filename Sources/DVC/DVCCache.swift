package import Files

/// A directory of objects named by their MD5: a repository's cache, or a remote of the same form.
///
/// The path is the one that holds the 256 directories of two digits, `<repository>/.dvc/cache/files/md5`.
package struct DVCCache: Sendable {
    package let root: String
    /// Marks this program's unfinished files where others write as well: a shared remote.
    let tag: String
    /// Whether directories are made such that all of their group may write.
    let isShared: Bool

    package init(root: String, tag: String = "", isShared: Bool = false) {
        self.root = root
        self.tag = tag
        self.isShared = isShared
    }

    /// Makes a directory of the cache and the missing ones above it.
    func makeDirectory(_ path: String, durable: Bool = true) throws(FileError) {
        guard isShared else { return try createDirectories(path, durable: durable) }
        guard try fileInfo(path) == nil else { return }
        let above = parent(of: path)
        if above != path { try makeDirectory(above, durable: durable) }
        try createDirectories(path, durable: durable)
        // As DVC makes them: of the group of the directory above, and for the group to write.
        try setMode(path, 0o2775)
    }

    /// Where the object of an MD5, or of a manifest's id, is or would be.
    package func objectPath(_ id: String) -> String {
        "\(root)/\(id.prefix(2))/\(id.dropFirst(2))"
    }

    /// Whether the object is there as DVC trusts it: with these many bytes, and readable but not writable.
    ///
    /// An object of another mode would be hashed again by DVC and deleted if it differs, so it does not count.
    package func contains(_ id: String, size: Int? = nil) throws(FileError) -> Bool {
        guard let info = try fileInfo(objectPath(id)) else { return false }
        return info.kind == .file && info.mode == Self.objectMode && (size == nil || size == info.size)
    }

    /// Removes what killed batches left; only while no batch on this directory is open.
    ///
    /// Other programs' temporary files stay: they may be in use.
    package func sweep() throws(FileError) {
        guard try fileInfo(root) != nil else { return }
        for entry in try listDirectory(root) {
            guard let name = entry.name, isTemporaryName(name, tag: tag) else { continue }
            try removeFile("\(root)/\(name)")
        }
    }

    /// When this process began to write objects, in nanoseconds since 1970 (UTC).
    static let writingSince = nowInNanoseconds()

    /// Starts to collect objects.
    package func batch() throws(FileError) -> Batch {
        _ = Self.writingSince
        return try Batch(cache: self)
    }

    /// Exactly this, or DVC hashes the object again at every look.
    static let objectMode: UInt32 = 0o444
}
