#if canImport(Glibc)
import Glibc
#endif

/// An error number of the system, with the system's words for it.
struct SystemFailure: Error, Equatable {
    let number: Int32

    /// Reads `errno`; to be called right after the call that failed.
    static var last: SystemFailure { SystemFailure(number: errno) }

    var text: String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }
}

/// What tells one directory from every other, whatever path leads to it.
struct FileIdentity: Hashable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// Owns one open directory; names are looked up relative to it, so a rename above it does not matter.
@safe
final class Directory {
    let identity: FileIdentity
    private let stream: OpaquePointer
    private let descriptor: Int32

    /// Opens a directory by a path that is relative to another one, or to the working directory.
    init(_ path: [UInt8], in parent: Directory? = nil) throws(SystemFailure) {
        let base = parent?.descriptor ?? AT_FDCWD
        let descriptor = unsafe withPath(path) {
            unsafe openat(base, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        }
        guard descriptor >= 0 else { throw .last }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, let stream = unsafe fdopendir(descriptor) else {
            let failure = SystemFailure.last
            close(descriptor)
            throw failure
        }
        identity = FileIdentity(status)
        self.descriptor = descriptor
        unsafe self.stream = unsafe stream
    }

    deinit {
        // Closes the descriptor too.
        unsafe closedir(stream)
    }

    /// Reads the names that are not hidden, in the order of their bytes, and the failure that ended it early, if any.
    func names() -> (names: NameList, failure: SystemFailure?) {
        var names = NameList()
        var failure: SystemFailure?
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                if errno != 0 {
                    failure = .last
                }
                break
            }
            let name = unsafe Self.name(of: entry)
            if !NameRules.isHidden(name) {
                names.append(name)
            }
        }
        names.sort()
        return (names, failure)
    }

    /// Asks for the state of a name, of what it links to unless told otherwise.
    func status(of name: [UInt8], followingLinks: Bool = true) throws(SystemFailure) -> stat {
        var status = stat()
        let result = unsafe withPath(name) {
            unsafe fstatat(descriptor, $0, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW)
        }
        guard result == 0 else { throw .last }
        return status
    }

    /// Checks that this process could open a file for reading.
    func checkReadable(_ name: [UInt8]) throws(SystemFailure) {
        guard unsafe withPath(name, { unsafe faccessat(descriptor, $0, R_OK, AT_EACCESS) }) == 0 else {
            throw .last
        }
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        // The entry ends with its name and may be shorter than `dirent`, so it is not read as a whole.
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? MemoryLayout<dirent>.size
        let start = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
    }
}

/// Lends a path to C; no path from a directory holds a NUL.
func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe (path + [0]).withUnsafeBytes { bytes in
        // The array is never empty, so the pointer is never null.
        unsafe body(bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self))
    }
}
