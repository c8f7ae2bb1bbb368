import CPosix
import Glibc

/// What a name in the file system stands for.
package enum FileKind: Sendable, Equatable {
    case file, directory, symlink, other

    init(mode: UInt32) {
        switch mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): self = .file
        case UInt32(S_IFDIR): self = .directory
        case UInt32(S_IFLNK): self = .symlink
        default: self = .other
        }
    }
}

/// What the file system knows of one name; a symbolic link is described itself, not its target.
package struct FileInfo: Sendable, Equatable {
    /// Bytes.
    package let size: Int
    /// The time of the last change of the contents, in nanoseconds since 1970 (UTC).
    package let modified: Int64
    package let inode: UInt64
    package let device: UInt64
    package let links: Int
    /// The permission bits, for example `0o444`.
    package let mode: UInt32
    package let kind: FileKind

    init(_ found: swathlog_stat) {
        size = Int(found.size)
        modified = found.modified_ns
        inode = found.inode
        device = found.device
        links = Int(found.links)
        mode = found.mode & 0o7777
        kind = FileKind(mode: found.mode)
    }
}

/// The time as `FileInfo.modified` has it.
package func nowInNanoseconds() -> Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}

/// Describes a name, or answers nil where there is none.
package func fileInfo(_ path: String) throws(FileError) -> FileInfo? {
    var found = swathlog_stat()
    let failure = unsafe swathlog_lstat(path, &found)
    switch failure {
    case 0: return FileInfo(found)
    case ENOENT, ENOTDIR: return nil
    default: throw FileError(errno: failure, path: path, action: "look at")
    }
}

/// The bytes that an unprivileged writer can still add to the file system that holds `path`.
package func freeBytes(at path: String) throws(FileError) -> Int {
    var bytes: UInt64 = 0
    let failure = unsafe swathlog_free_bytes(path, &bytes)
    guard failure == 0 else { throw FileError(errno: failure, path: path, action: "ask the free space at") }
    return Int(clamping: bytes)
}

/// Gives a file or directory to the owner of another, where root leaves it for somebody; others' files are theirs already.
package func give(_ path: String, toOwnerOf other: String) throws(FileError) {
    let failure = unsafe swathlog_give(path, other)
    guard failure == 0 else { throw FileError(errno: failure, path: path, action: "give away") }
}

/// The process's environment as raw `NAME=value` bytes, without the terminating zero.
package func processEnvironment() -> [[UInt8]] {
    var entries: [[UInt8]] = []
    guard var next = unsafe swathlog_environment() else { return [] }
    while let entry = unsafe next.pointee {
        unsafe entries.append(Array(UnsafeRawBufferPointer(start: entry, count: strlen(entry))))
        unsafe next += 1
    }
    return entries
}
