#if canImport(Glibc)
import Glibc
#endif

/// The root of a folder source, resolved to what can be listed and watched.
struct Root {
    /// The folder, or the one that holds the single file.
    let folder: [UInt8]
    /// The name of the single file, where the source is one.
    let onlyName: [UInt8]?

    /// Looks at what the path is now.
    init(_ path: String) throws(IntakeError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw IntakeError(
                code: .rootMissing,
                message: "the source's path is empty or holds a NUL; correct it"
            )
        }
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") {
            bytes.removeLast()
        }
        var status = stat()
        guard unsafe withPath(bytes, { unsafe fstatat(AT_FDCWD, $0, &status, 0) }) == 0 else {
            throw IntakeError(path, SystemFailure.last)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            folder = bytes
            onlyName = nil
        case S_IFREG:
            let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
            onlyName = Array(bytes[(slash.map { $0 + 1 } ?? 0)...])
            folder =
                switch slash {
                case nil: [UInt8(ascii: ".")]
                case 0: [UInt8(ascii: "/")]
                case let slash?: Array(bytes[..<slash])
                }
        default:
            throw IntakeError(
                code: .rootNotAFolder,
                message: "\(path) is neither a folder nor a file; correct the source's path"
            )
        }
    }

    /// Opens the folder.
    func open() throws(IntakeError) -> Directory {
        do throws(SystemFailure) {
            return try Directory(folder)
        } catch {
            throw IntakeError(String(decoding: folder, as: UTF8.self), error)
        }
    }
}

extension IntakeError {
    init(_ path: String, _ failure: SystemFailure) {
        switch failure.number {
        case ENOENT, ENOTDIR:
            self.init(
                code: .rootMissing,
                message:
                    "\(path) does not exist; create it, mount its file system or correct the source's path"
            )
        default:
            self.init(
                code: .rootUnreadable,
                message: "\(path) cannot be read (\(failure.text)); give the agent's user read permission"
            )
        }
    }
}
