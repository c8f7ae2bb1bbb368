import Glibc

/// What went wrong with a file, and what to do about it.
package struct FileError: Error, Sendable, Equatable {
    /// The kinds of failure a caller can act on; the raw values appear in logs and in the command line's answers.
    package enum Code: String, Sendable, CaseIterable {
        case notFound = "file-not-found"
        /// The file system is full, or a quota is used up.
        case noSpace = "no-space"
        case permissionDenied = "permission-denied"
        case exists = "file-exists"
        /// A component of the path is a file where a directory is needed, or the other way round.
        case wrongKind = "wrong-file-kind"
        case nameTooLong = "name-too-long"
        case tooManyOpenFiles = "too-many-open-files"
        case readOnly = "read-only-file-system"
        /// No allowed way of placing a file works between these two directories.
        case cannotLink = "cannot-link"
        case io = "io-error"
    }

    package let code: Code
    package let path: String
    /// The system's error number, or 0 where the failure is not the system's.
    package let errno: CInt
    package let message: String

    package init(code: Code, path: String, errno: CInt = 0, message: String) {
        self.code = code
        self.path = path
        self.errno = errno
        self.message = message
    }

    /// Translates an error number; `action` completes "cannot …".
    package init(errno number: CInt, path: String, action: String) {
        let code = Code(errno: number)
        self.init(
            code: code,
            path: path,
            errno: number,
            message: "cannot \(action) \(path): \(unsafe String(cString: strerror(number)))\(code.advice)"
        )
    }
}

extension FileError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(message)" }
}

extension FileError.Code {
    init(errno number: CInt) {
        switch number {
        case ENOENT: self = .notFound
        case ENOSPC, EDQUOT: self = .noSpace
        case EACCES, EPERM: self = .permissionDenied
        case EEXIST, ENOTEMPTY: self = .exists
        case ENOTDIR, EISDIR, ELOOP: self = .wrongKind
        case ENAMETOOLONG: self = .nameTooLong
        case EMFILE, ENFILE: self = .tooManyOpenFiles
        case EROFS: self = .readOnly
        default: self = .io
        }
    }

    /// What a person can do, for the kinds where the system's own words do not say it.
    var advice: String {
        switch self {
        case .noSpace: "; free some space or raise the quota, the work goes on from here"
        case .permissionDenied: "; give the user that runs this program access"
        case .tooManyOpenFiles: "; raise the limit with `ulimit -n`"
        case .readOnly: "; mount the file system for writing"
        case .io: "; check the disk and the kernel's log"
        case .notFound, .exists, .wrongKind, .nameTooLong, .cannotLink: ""
        }
    }
}
