/// What a scan found under one name: nothing it meets is dropped in silence.
package enum Finding: Sendable, Equatable {
    case file(ObservedFile)
    /// A directory that another file system is mounted on, or a link to one on another; what is in it follows.
    case mount(FolderScanner.Mount)
    /// A name that exists and cannot be observed, with a sentence and a code.
    ///
    /// Where it is a directory, nothing is known about the keys below it: they were neither seen nor removed.
    case unreadable(key: String, reason: String, code: Code)

    /// Why something cannot be observed; the raw value is the quarantine's reason code.
    package enum Code: String, Sendable, CaseIterable {
        case permissionDenied = "permission-denied"
        /// A link that leads back to a directory above it, or to itself.
        case symlinkLoop = "symlink-loop"
        case danglingSymlink = "dangling-symlink"
        /// A socket, pipe or device.
        case notAFile = "not-a-file"
        case nameNotUTF8 = "name-not-utf8"
        case nameTooLong = "name-too-long"
        /// The file system failed; the reason has its own words.
        case ioError = "io-error"
    }

    package var key: String {
        switch self {
        case .file(let file): file.key
        case .mount(let mount): mount.key
        case .unreadable(let key, _, _): key
        }
    }
}
