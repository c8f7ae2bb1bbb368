import Files
import Synchronization

/// The files that this process has written last, and whose digests it knows from the bytes that it wrote.
///
/// To hash such a file once more would show what is in memory, not what is on the disk. A file is told by its place on the
/// disk and the time of its last change: one that somebody has changed since is another.
enum JustWritten {
    private struct Files {
        /// Inodes to times of the last change, in nanoseconds since 1970 (UTC).
        var newer: [UInt64: Int64] = [:]
        var older: [UInt64: Int64] = [:]
    }

    /// Of as many as these, or twice as many, it is known: two megabytes of memory.
    private static let kept = 1 << 16

    private static let files = Mutex(Files())

    static func note(_ file: FileInfo) {
        files.withLock { files in
            if files.newer.count == kept { (files.older, files.newer) = (files.newer, [:]) }
            files.newer[file.inode] = file.modified
        }
    }

    static func includes(_ file: FileInfo) -> Bool {
        files.withLock { files in
            (files.newer[file.inode] ?? files.older[file.inode]) == file.modified
        }
    }
}
