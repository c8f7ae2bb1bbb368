import CPosix
import Glibc
import Synchronization

/// An exclusive lock on a path that the kernel gives up with the process, however it ends.
///
/// It is flock(2) on a file that is never removed: other programs that lock the same file the same way (DVC does) are
/// kept out, and a file left behind by a killed process blocks nobody.
package final class FileLock: Sendable {
    package let path: String
    /// The open file that has the lock, until it is released.
    private let file: Mutex<OpenFile?>

    private init(_ file: consuming sending OpenFile) {
        self.path = file.path
        self.file = Mutex(file)
    }

    deinit { release() }

    /// Takes the lock and writes `contents` into the file, or answers nil while another open file has it.
    ///
    /// The contents are for people who find the file: the process's number, for example.
    package static func tryLock(_ path: String, contents: [UInt8]) throws(FileError) -> FileLock? {
        while true {
            let file = try OpenFile(path, O_RDWR | O_CREAT, mode: 0o666, action: "open the lock")
            switch swathlog_try_lock(file.descriptor) {
            case 0: break
            case EWOULDBLOCK: return nil
            case let failure: throw FileError(errno: failure, path: path, action: "lock")
            }
            // Somebody may have replaced the file between the two calls: then we hold a lock that nobody looks at.
            var held = swathlog_stat()
            guard unsafe swathlog_fstat(file.descriptor, &held) == 0,
                let named = try fileInfo(path), named.inode == held.inode, named.device == held.device
            else { continue }
            // What is no plain file has no length to cut (EINVAL).
            guard ftruncate(file.descriptor, 0) == 0 || errno == EINVAL else {
                throw FileError(errno: errno, path: path, action: "write the lock")
            }
            try file.write(contents)
            return FileLock(file)
        }
    }

    /// Whether somebody holds the lock on a path; nobody does on one that is not there.
    ///
    /// Asking takes a shared lock for a moment: those who ask do not see each other, but one who takes the lock just then
    /// may be refused, and has to try again.
    package static func isHeld(_ path: String) throws(FileError) -> Bool {
        guard try fileInfo(path) != nil else { return false }
        let file = try OpenFile(path, O_RDONLY, mode: 0, action: "open the lock")
        switch swathlog_try_shared_lock(file.descriptor) {
        case 0: return false
        case EWOULDBLOCK: return true
        case let failure: throw FileError(errno: failure, path: path, action: "look at the lock")
        }
    }

    /// Gives the lock back; a second call does nothing.
    package func release() {
        file.withLock { file in
            // A child that another thread has just forked holds the open file until it becomes its program, so closing
            // alone would leave the lock taken for that moment.
            if let descriptor = file?.descriptor { swathlog_unlock(descriptor) }
            file = nil
        }
    }
}
