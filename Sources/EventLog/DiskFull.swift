import Files
package import GRDB

extension DatabaseError {
    /// Whether SQLite failed because the disk that holds the database at `path` is full.
    ///
    /// It says so only when it writes to the database or its WAL. To grow the WAL's index or to make a file ends in an
    /// I/O error or in "unable to open": then the disk itself is asked.
    package func meansDiskFull(at path: String) -> Bool {
        switch resultCode {
        case .SQLITE_FULL: true
        case .SQLITE_IOERR, .SQLITE_CANTOPEN: ((try? freeBytes(at: parent(of: path))) ?? .max) < Self.leastRoom
        default: false
        }
    }

    /// What SQLite may need at once, in bytes: it grows the WAL's index by 32 KiB.
    private static let leastRoom = 256 << 10
}
