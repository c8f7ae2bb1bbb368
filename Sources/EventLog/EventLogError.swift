import GRDB

/// Why the log could not be opened, read or appended to.
package struct EventLogError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// There is no log at the path.
        case notFound = "log-not-found"
        /// The file is not a Swathlog log.
        case notALog = "not-a-log"
        /// A newer program made the log.
        case newerSchema = "newer-schema"
        /// Another process is the writer.
        case locked = "store-locked"
        /// The stream has moved on since the writer looked.
        case wrongRevision = "wrong-revision"
        /// The event id was used for another event.
        case eventIDConflict = "event-id-conflict"
        /// The event is not one that the log can hold.
        case badEvent = "bad-event"
        /// The log was opened for reading.
        case readOnly = "read-only"
        /// The disk is full.
        case diskFull = "disk-full"
        /// SQLite reports damage, or a tree node does not fit.
        case damaged = "log-damaged"
        /// A key is none, or damaged.
        case badKey = "bad-key"
        /// A text is no signed note, or no checkpoint.
        case badNote = "bad-note"
        /// A proof is none, or does not prove what it says.
        case badProof = "bad-proof"
        /// No checkpoint covers the event, and there is no key to sign one.
        case noCheckpoint = "no-checkpoint"
        /// Anything else that SQLite reports.
        case database = "log-database"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// Classes an error of the database.
    init(_ error: DatabaseError, path: String) {
        if error.meansDiskFull(at: path) {
            self.init(.diskFull, "the disk that holds \(path) is full: make room, the append is repeated then")
            return
        }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            let reason = error.message.map { " (\($0))" } ?? ""
            self.init(
                .damaged,
                "\(path) is damaged or no log\(reason): move it away, and put a backup in its place with `swathlog restore`"
            )
        default:
            self.init(.database, "\(path): \(error)")
        }
    }
}
