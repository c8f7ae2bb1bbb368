import Files

/// What of a change in a directory tree is not on disk yet: directories whose names changed, and copies.
///
/// Few are written to disk one by one: a sync of the file system would also wait for all that others write, which an agent
/// that is cutting tiles does all the time.
struct TouchedNames: Sendable {
    /// Up to so many directories, and as many copies, are written one by one.
    private static let few = 16

    /// Its ancestors are nobody's business.
    let root: String
    private var folders: Set<String> = []
    private var copies: [String] = []

    init(root: String) {
        self.root = root
    }

    /// Notes a directory below the root, in which names came or went; it may be new, or be gone since.
    mutating func note(_ folder: String) {
        guard folders.count <= Self.few else { return }
        var folder = folder
        while folder.utf8.count > root.utf8.count, folders.insert(folder).inserted { folder = parent(of: folder) }
        folders.insert(root)
    }

    /// Notes a file that has bytes of its own.
    mutating func note(copy: String) {
        if copies.count <= Self.few { copies.append(copy) }
    }

    mutating func merge(_ other: TouchedNames) {
        folders.formUnion(other.folders)
        copies += other.copies
    }

    /// Waits until all of it is on disk.
    func synchronize(in directory: String) throws(FileError) {
        guard folders.count <= Self.few, copies.count <= Self.few else {
            return try syncFileSystem(containing: directory)
        }
        for file in copies { try synchronizeFile(file) }
        // One that is gone, or is a file now, is a name that its own directory has lost or given away.
        for folder in folders where try fileInfo(folder)?.kind == .directory { try synchronizeDirectory(folder) }
    }
}
