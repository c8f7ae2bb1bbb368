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
        "\(directory(of: id))/\(id.dropFirst(2))"
    }

    /// The directory that holds the object.
    func directory(of id: String) -> String {
        "\(root)/\(id.prefix(2))"
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
    /// It looks among all objects only where a batch has left its mark. Other programs' temporary files stay: they may be
    /// in use.
    package func sweep() throws(FileError) {
        guard try fileInfo(root) != nil else { return }
        let marks = try unfinished(in: root)
        if marks.isEmpty { return }
        for directory in try directories() {
            for path in try unfinished(in: directory) { try removeFile(path) }
        }
        // Last, so that a sweep that is killed is begun again.
        for mark in marks { try removeFile(mark) }
    }

    private func unfinished(in directory: String) throws(FileError) -> [String] {
        try listDirectory(directory).compactMap { entry in
            entry.name.flatMap { isTemporaryName($0, tag: tag) ? "\(directory)/\($0)" : nil }
        }
    }

    /// The directories that there are of the 256, by their paths.
    func directories() throws(FileError) -> [String] {
        try listDirectory(root).compactMap { entry in
            guard entry.kind == .directory, let name = entry.name, name.utf8.count == 2 else { return nil }
            return "\(root)/\(name)"
        }
    }

    /// Starts to collect objects.
    package func batch() throws(FileError) -> Batch {
        try Batch(cache: self)
    }

    /// Exactly this, or DVC hashes the object again at every look.
    static let objectMode: UInt32 = 0o444
}
