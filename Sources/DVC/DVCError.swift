package import Files

/// What went wrong with a dataset, and what to do about it.
package struct DVCError: Error, Sendable {
    /// The kinds of failure a caller can act on; the raw values appear in logs and in the command line's answers.
    package enum Code: String, Sendable, CaseIterable {
        /// Entries of a manifest came unsorted or twice.
        case outOfOrder = "manifest-out-of-order"
        /// The bytes are not a directory manifest as DVC writes it.
        case badManifest = "bad-manifest"
        /// A path that leads out of its partition, or that no file system can hold.
        case badPath = "bad-path"
        case badPartition = "bad-partition-name"
        /// The text is not a pointer file that this program understands.
        case badPointer = "bad-pointer"
        /// The commit message or a trailer would not survive git.
        case badMessage = "bad-commit-message"
        /// `.dvc/config` holds a setting that this program cannot honour.
        case badConfiguration = "bad-dvc-configuration"
        /// The cache lacks bytes that the manifest names.
        case objectMissing = "object-missing"
        /// An object's bytes are not those that its name says.
        case objectDamaged = "object-damaged"
        /// Something that is not the dataset's is in the way.
        case conflict = "dataset-conflict"
        /// A person has staged changes in a repository that was joined.
        case indexDirty = "git-index-dirty"
        /// Another DVC process holds the repository's lock.
        case lockHeld = "dvc-lock-held"
        /// Another git process is working in the repository.
        case gitBusy = "git-busy"
        /// Another publication through the same repository object has not ended.
        case busy = "dataset-busy"
        case gitMissing = "git-missing"
        /// git refuses the repository because another user owns it.
        case gitUnsafe = "git-unsafe-directory"
        case gitDetached = "git-detached-head"
        /// Another branch is checked out than the one that versions are shared from.
        case otherBranch = "git-other-branch"
        case gitFailed = "git-failed"
        /// git could not sign a commit or a tag.
        case signingFailed = "git-signing-failed"
        /// The tag is there, of another commit.
        case tagTaken = "git-tag-taken"
        /// A git remote can't be spoken to.
        case remoteUnreachable = "git-remote-unreachable"
        /// A git remote takes no push, by its rules.
        case pushRefused = "git-push-refused"
        /// Others pushed what this program can't put its commits on top of.
        case diverged = "git-diverged"
        /// A file that is to be changed, by this program or as others pushed it, has changes here that are in no commit.
        case localChanges = "git-local-changes"
        /// There is no `dvc` that can speak to the remote.
        case dvcMissing = "dvc-missing"
        /// The `dvc` that was run ended with an error.
        case dvcFailed = "dvc-failed"
        case file = "dataset-file"
    }

    package let code: Code
    package let message: String
    /// The file operation that failed, where one did.
    package let cause: FileError?

    package init(_ code: Code, _ message: String, cause: FileError? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package init(_ cause: FileError) {
        self.init(.file, cause.message, cause: cause)
    }
}

extension DVCError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(message)" }
}
