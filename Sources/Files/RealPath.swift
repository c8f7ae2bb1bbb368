import Glibc

/// The absolute path without links, `.` and `..` of a name that exists, or nil where there is none.
package func realPath(_ path: String) throws(FileError) -> String? {
    guard let found = unsafe realpath(path, nil) else {
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw FileError(errno: errno, path: path, action: "look at")
    }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
}
