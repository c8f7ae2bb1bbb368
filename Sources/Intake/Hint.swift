/// What the watcher noticed: a reason to look, never a fact.
///
/// A hint may be late, doubled, or about a file that is gone by the time it is read. Look at the key with
/// `FolderScanner.look(_:)` and go by what is there.
package enum Hint: Sendable, Equatable {
    /// A file was closed after writing, or was moved in whole; look with `closed: true`.
    case changed(String)
    /// A file came into being and may still be written: a new file, a new link, or a file in a new directory.
    case appeared(String)
    /// A file or link was deleted or moved away.
    case removed(String)
    /// Hints may be missing: scan the whole folder, and take it as removed what is neither found nor below something
    /// unreadable.
    case sweepNeeded(SweepReason)
}

/// Why hints are not enough; the raw value is for logs and metrics.
package enum SweepReason: String, Sendable, CaseIterable {
    /// Every directory is watched from now on; what was there before has not been told.
    case watchingBegan = "watching-began"
    /// The kernel dropped events because they came faster than they were read.
    case queueOverflow = "queue-overflow"
    /// The reader of the hints was too slow, and hints were dropped.
    case hintsDropped = "hints-dropped"
    /// No further directory can be watched; raise `fs.inotify.max_user_watches`. Sweeps are needed from now on.
    case watchLimit = "watch-limit"
    /// A directory cannot be watched or listed, for lack of permission for instance. Sweeps are needed from now on.
    case directoryUnwatchable = "directory-unwatchable"
    /// A directory was moved away, or a link to one was changed, with everything below it.
    case directoryMoved = "directory-moved"
    /// The root was removed, moved or unmounted; it is tried again every second.
    case rootLost = "root-lost"
    /// Others may change the folder, or a part of it, without this kernel's knowledge. Sweeps are needed from now on.
    case changesUnseen = "changes-unseen"
    /// The last sweep is long enough ago.
    case interval = "sweep-interval"
    /// More files than are remembered were still being written.
    case unsettledDropped = "unsettled-dropped"

    /// What to do about a reason that stays; nil for those that pass.
    package var advice: String? {
        switch self {
        case .watchLimit: "raise fs.inotify.max_user_watches, one for each directory, and start the agent anew"
        case .directoryUnwatchable: "give the agent's user permission to read every directory"
        case .changesUnseen: "a directory lies on a file system that others change too; shorten sweep_interval"
        default: nil
        }
    }
}
