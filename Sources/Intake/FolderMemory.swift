import Events
import Files

/// Remembers, in a file of the store, which directory a folder was.
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

    /// What was remembered; nil where nothing is, or nobody can read it.
    func read() -> Place? {
        guard let json = (try? readFile(path)).flatMap({ try? JSONObject($0) }),
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
            $0.set("replaced_at", place.replacedAt)
        }
        try? writeAtomically(json.bytes, to: path)
    }
}
