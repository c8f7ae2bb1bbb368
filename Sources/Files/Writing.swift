import CPosix
import Glibc

/// Replaces a file's contents so that a reader, or the disk after a power failure, has the old bytes or the new ones.
///
/// The new bytes go to a temporary name, to disk, and then over the old name; the directory is written to disk last.
/// `mode` is the exact permission bits, whatever the umask; `staging` is a directory on the same file system for the
/// temporary file, the file's own where nil.
package func writeAtomically(
    _ bytes: [UInt8],
    to path: String,
    mode: UInt32 = 0o644,
    staging: String? = nil
) throws(FileError) {
    let directory = parent(of: path)
    let temporary = temporaryName(in: staging ?? directory)
    do {
        try writeNew(bytes, to: temporary, mode: mode, synchronized: true)
        try moveFile(temporary, to: path)
    } catch {
        unsafe unlink(temporary)
        throw error
    }
    try synchronizeDirectory(directory)
}

/// Writes a file that must not exist yet, and describes it; the bytes are on disk on return only when `synchronized`.
@discardableResult
package func writeNew(
    _ bytes: [UInt8],
    to path: String,
    mode: UInt32,
    synchronized: Bool
) throws(FileError) -> FileInfo {
    let file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: mode, action: "create")
    try file.write(bytes)
    try file.setMode(mode)
    if synchronized { try file.synchronize() }
    return try file.info()
}

/// Appends a line to a file, made where it is missing; it is on disk on return.
///
/// What stands before it without a line end (its writer was killed) gets one.
package func appendLine(_ line: [UInt8], to path: String, mode: UInt32 = 0o600) throws(FileError) {
    let isNew = try fileInfo(path) == nil
    let file = try OpenFile(path, O_RDWR | O_CREAT | O_APPEND, mode: mode, action: "append to")
    var last: UInt8 = 0
    let end = lseek(file.descriptor, 0, SEEK_END)
    let isBroken = unsafe end > 0 && pread(file.descriptor, &last, 1, end - 1) == 1 && last != UInt8(ascii: "\n")
    try file.write((isBroken ? [UInt8(ascii: "\n")] : []) + line)
    try file.synchronize()
    if isNew { try synchronizeDirectory(parent(of: path)) }
}

/// Gives a file another name at once, replacing what had it; not on disk before the directory is.
package func moveFile(_ source: String, to destination: String) throws(FileError) {
    guard unsafe rename(source, destination) == 0 else {
        throw FileError(errno: errno, path: destination, action: "replace")
    }
}

/// Copies a file's bytes to a name that must not exist yet, sharing blocks where the file system can.
///
/// What is not `synchronized` is on its way to the disk all the same: who copies many files and syncs the file system in
/// the end waits for the last of them only. Such copies don't stay in the kernel's cache of files, where it can do without:
/// a copy of a whole dataset would push out what others read.
package func copyNew(
    _ source: String,
    to destination: String,
    mode: UInt32,
    synchronized: Bool
) throws(FileError) {
    let input = try OpenFile(source, O_RDONLY, action: "open")
    let output = try OpenFile(destination, O_WRONLY | O_CREAT | O_EXCL, mode: mode, action: "create")
    if swathlog_reflink(output.descriptor, input.descriptor) != 0 {
        let failure =
            synchronized
            ? swathlog_copy(output.descriptor, input.descriptor)
            : swathlog_copy_to_disk(output.descriptor, input.descriptor)
        guard failure == 0 else { throw FileError(errno: failure, path: destination, action: "write") }
    }
    try output.setMode(mode)
    if synchronized { try output.synchronize() }
}

/// Writes all the dirty data of the file system that holds `path` to disk, and tells when some of it was lost.
///
/// One call covers any number of files, which is why batches of objects use it in place of an fsync each.
package func syncFileSystem(containing path: String) throws(FileError) {
    let file = try OpenFile(path, O_RDONLY, action: "open")
    let failure = swathlog_syncfs(file.descriptor)
    guard failure == 0 else { throw FileError(errno: failure, path: path, action: "write to disk") }
}

/// Writes a file's bytes to disk.
package func synchronizeFile(_ path: String) throws(FileError) {
    try OpenFile(path, O_RDONLY, action: "open").synchronize()
}

/// Writes a directory's names to disk.
package func synchronizeDirectory(_ path: String) throws(FileError) {
    try OpenFile(path, O_RDONLY | O_DIRECTORY, action: "open").synchronize()
}

/// The directory part of a path: `.` for a bare name.
package func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// A name that nothing has, recognisable as ours by whoever sweeps after a crash.
///
/// - Parameter tag: whose it is, in a directory that several programs write to; it ends in a hyphen, if it is not empty.
package func temporaryName(in directory: String, tag: String = "") -> String {
    "\(directory)/\(temporaryPrefix)\(tag)\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
}

/// How every temporary name begins; `isTemporaryName` also asks for the end.
private let temporaryPrefix = ".swathlog-"

/// Whether this program made the name, with this tag, for a file that it had not finished.
package func isTemporaryName(_ name: String, tag: String = "") -> Bool {
    // A number follows the tag; a hyphen in what follows ends a longer tag, which is somebody else's.
    name.hasPrefix(temporaryPrefix + tag) && name.hasSuffix(".tmp")
        && !name.utf8.dropFirst(temporaryPrefix.utf8.count + tag.utf8.count).contains(UInt8(ascii: "-"))
}
