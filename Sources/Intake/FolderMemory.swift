import Events
import Files

/// Remembers, in a file of the store, which directory a folder was, and in others beside it which ones file systems were
/// mounted on below it.
///
/// Where a file system was unmounted, or the folder moved away, the same path leads to another directory. That the known
/// files are not in that one does not mean that they were removed.
struct FolderMemory: Sendable {
    /// What is remembered.
    struct Place: Equatable {
        let identity: FileIdentity
        /// The log's head when another directory was first met in its place: what was observed since is of that one.
        var replacedAt: Int?
    }

    let path: String
    /// The directory as a key of the folder; empty for the folder itself.
    let key: String

    init(path: String) {
        self.init(path: path, key: "")
    }

    private init(path: String, key: String) {
        self.path = path
        self.key = key
    }

    /// The memory of a directory below the folder.
    ///
    /// It is a file of its own, so that a person can say of one what is not so of another.
    func below(_ key: String) -> FolderMemory {
        FolderMemory(path: "\(stem)-\(hexadecimal(Digest(of: key.utf8).bytes.prefix(8))).json", key: key)
    }

    /// The memories of what was mounted below the folder.
    func mounts() throws(FileError) -> [FolderMemory] {
        let directory = parent(of: path)
        let names = try listDirectory(directory).compactMap(\.name).sorted()
        return names.map { "\(directory)/\($0)" }.filter { $0.hasPrefix("\(stem)-") && $0.hasSuffix(".json") }
            .compactMap { path in
                Self.json(path).flatMap { try? $0.string("key") }.map { FolderMemory(path: path, key: $0) }
            }
    }

    /// Whether a key is one of the directory's.
    func holds(_ key: String) -> Bool {
        self.key.isEmpty || key.utf8.starts(with: "\(self.key)/".utf8)
    }

    /// What was remembered; nil where nothing is, or nobody can read it.
    func read() -> Place? {
        guard let json = Self.json(path),
            let device = (try? json.string("device")).flatMap({ UInt64($0) }),
            let inode = (try? json.string("inode")).flatMap({ UInt64($0) })
        else { return nil }
        let identity = FileIdentity(device: device, inode: inode)
        return Place(identity: identity, replacedAt: (try? json.optionalInt("replaced_at")) ?? nil)
    }

    /// Where the disk is full, the next look writes it.
    func write(_ place: Place) {
        let json = CanonicalJSON {
            // As text: they may be larger than what other programs read as a number.
            $0.set("device", String(place.identity.device))
            $0.set("inode", String(place.identity.inode))
            if !key.isEmpty { $0.set("key", key) }
            $0.set("replaced_at", place.replacedAt)
        }
        try? writeAtomically(json.bytes, to: path)
    }

    func forget() throws(FileError) {
        try removeFile(path)
    }

    private var stem: String { String(path.dropLast(".json".count)) }

    private static func json(_ path: String) -> JSONObject? {
        (try? readFile(path)).flatMap { try? JSONObject($0) }
    }
}
