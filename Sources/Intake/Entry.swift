#if canImport(Glibc)
import Glibc
#endif

/// What stands under one name of a directory.
enum Entry {
    case file(stat)
    case directory
    case unreadable(Finding.Code, String)
    /// The name was removed since it was read, or belongs to a file in progress.
    case nothing

    /// Looks at a name and follows links.
    init(_ name: [UInt8], in directory: Directory) {
        do throws(SystemFailure) {
            let status = try directory.status(of: name)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                self = .directory
            case _ where NameRules.isPartial(name):
                self = .nothing
            case S_IFREG:
                try directory.checkReadable(name)
                self = .file(status)
            default:
                self = .unreadable(.notAFile, "a socket, pipe or device is no image; remove it")
            }
        } catch {
            self = Entry(failure: error, name: name, in: directory)
        }
    }

    /// Explains why a name could not be looked at or opened.
    init(failure: SystemFailure, name: [UInt8], in directory: Directory) {
        switch failure.number {
        case ENOENT, ENOTDIR:
            // Either the name itself is gone, or it is a link and what it points to is.
            if let status = try? directory.status(of: name, followingLinks: false),
                status.st_mode & S_IFMT == S_IFLNK
            {
                self = .unreadable(
                    .danglingSymlink,
                    "the link's target is gone; restore it or remove the link"
                )
            } else {
                self = .nothing
            }
        case ELOOP:
            self = .unreadable(.symlinkLoop, "the link leads back to itself; remove it")
        case EACCES, EPERM:
            self = .unreadable(.permissionDenied, "the agent's user may not read it; change its permissions")
        case ENAMETOOLONG:
            self = .unreadable(.nameTooLong, "the path is longer than the system takes; shorten it")
        default:
            self = .unreadable(.ioError, "the file system says: \(failure.text)")
        }
    }
}

extension ObservedFile {
    /// Makes an observation of a path relative to the root.
    init(path: [UInt8], status: stat) {
        let (key, nonUTF8) = FileKey.encode(path)
        self.init(
            key: key,
            size: Int(status.st_size),
            modifiedNanoseconds: nanoseconds(status.st_mtim),
            inode: UInt64(status.st_ino),
            nonUTF8Name: nonUTF8
        )
    }
}

/// Counts nanoseconds since 1970, held at the ends of `Int64`.
func nanoseconds(_ time: timespec) -> Int64 {
    let (product, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflowed) = product.addingReportingOverflow(Int64(time.tv_nsec))
    return overflow || overflowed ? (time.tv_sec < 0 ? .min : .max) : sum
}
