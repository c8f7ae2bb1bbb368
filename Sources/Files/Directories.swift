import CPosix
import Glibc

/// One name in a directory.
package struct DirectoryEntry: Sendable, Equatable {
    /// The name as the disk has it: any bytes but `/` and zero.
    package let bytes: [UInt8]
    /// The name as text, or nil where it is not UTF-8; such a name is listed, never guessed at.
    package let name: String?
    package let kind: FileKind
}

/// Lists a directory in the order of the names' bytes, without `.` and `..`.
package func listDirectory(_ path: String) throws(FileError) -> [DirectoryEntry] {
    guard let stream = unsafe opendir(path) else {
        throw FileError(errno: errno, path: path, action: "list")
    }
    defer { unsafe closedir(stream) }
    var entries: [DirectoryEntry] = []
    while true {
        // readdir tells its end from a failure by errno alone.
        errno = 0
        guard let entry = unsafe readdir(stream) else {
            guard errno == 0 else { throw FileError(errno: errno, path: path, action: "list") }
            return entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        }
        guard let start = unsafe swathlog_entry_name(entry) else { continue }
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
        if bytes == [UInt8(ascii: ".")] || bytes == [UInt8(ascii: "."), UInt8(ascii: ".")] { continue }
        let name = String(validating: bytes, as: UTF8.self)
        let type = unsafe swathlog_entry_type(entry)
        entries.append(
            DirectoryEntry(bytes: bytes, name: name, kind: try kind(of: bytes, type: type, in: path))
        )
    }
}

/// The entry's own type where the file system gives one, and a look at the file where it does not.
private func kind(of name: [UInt8], type: UInt8, in directory: String) throws(FileError) -> FileKind {
    switch Int(type) {
    case Int(DT_REG): return .file
    case Int(DT_DIR): return .directory
    case Int(DT_LNK): return .symlink
    case Int(DT_UNKNOWN):
        var found = swathlog_stat()
        let path = Array(directory.utf8) + [UInt8(ascii: "/")] + name + [0]
        let failure = unsafe path.withUnsafeBufferPointer { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { unsafe swathlog_lstat($0.baseAddress, &found) }
        }
        return failure == 0 ? FileKind(mode: found.mode) : .other
    default: return .other
    }
}

/// Changes what may be done with a file or directory.
package func setMode(_ path: String, _ mode: UInt32) throws(FileError) {
    guard unsafe chmod(path, mode) == 0 else { throw FileError(errno: errno, path: path, action: "change the mode of") }
}

/// Makes a directory and the missing ones above it.
///
/// The new names are on disk on return when `durable`; turn it off where one file system sync follows anyway.
package func createDirectories(_ path: String, durable: Bool = true) throws(FileError) {
    if path.isEmpty { return }
    if unsafe mkdir(path, 0o777) == 0 {
        if durable { try synchronizeDirectory(parent(of: path)) }
        return
    }
    let failure = errno
    switch failure {
    case EEXIST:
        // The name may be a link to a directory, so ask through it.
        _ = try OpenFile(path, O_RDONLY | O_DIRECTORY, action: "use as a directory")
    case ENOENT where parent(of: path) != path:
        try createDirectories(parent(of: path), durable: durable)
        try createDirectories(path, durable: durable)
    default:
        throw FileError(errno: failure, path: path, action: "create the directory")
    }
}

/// Removes a file or link; false when there was none.
@discardableResult
package func removeFile(_ path: String) throws(FileError) -> Bool {
    if unsafe unlink(path) == 0 { return true }
    let failure = errno
    guard failure == ENOENT || failure == ENOTDIR else {
        throw FileError(errno: failure, path: path, action: "remove")
    }
    return false
}

/// Removes a directory that has nothing in it; false when it holds something or is not there.
package func removeDirectoryIfEmpty(_ path: String) throws(FileError) -> Bool {
    if unsafe rmdir(path) == 0 { return true }
    let failure = errno
    guard [ENOTEMPTY, EEXIST, ENOENT, ENOTDIR].contains(failure) else {
        throw FileError(errno: failure, path: path, action: "remove the directory")
    }
    return false
}

/// Removes a file, a link or a directory with all that is in it; nothing to remove is no error.
///
/// Symbolic links are removed, never followed.
package func removeTree(_ path: String) throws(FileError) {
    let failure = unsafe swathlog_remove_tree(path)
    guard failure == 0 else { throw FileError(errno: failure, path: path, action: "remove") }
}
