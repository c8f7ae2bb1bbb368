/// Why a folder cannot be scanned or watched at all.
///
/// What goes wrong with one file or one directory inside is a `Finding`, never an error: the rest is still observed.
package struct IntakeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it was; the raw value is for logs and events.
    package enum Code: String, Sendable, CaseIterable {
        /// The root does not exist, for instance because its file system is not mounted.
        ///
        /// It says nothing about the objects that were observed before: they are not removed.
        case rootMissing = "root-missing"
        /// The root exists and cannot be read.
        case rootUnreadable = "root-unreadable"
        /// The root is neither a folder nor a regular file.
        case rootNotAFolder = "root-not-a-folder"
        /// The root is another directory than it was, without most of what is known of it.
        case rootReplaced = "root-replaced"
        /// A directory below the root is not the file system that was mounted there, and is without most of what is known
        /// of it.
        case mountReplaced = "mount-replaced"
        /// The system grants no inotify instance, pipe or thread; sweeps still work.
        case watchUnavailable = "watch-unavailable"
    }

    package let code: Code
    package let message: String

    package var description: String { "\(code.rawValue): \(message)" }
}
