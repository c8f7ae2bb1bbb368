package import EventLog

/// What an audit looks at.
package struct AuditScope: Sendable {
    /// The keys that checkpoints must be signed by; nil for those in the dataset's last commit, none for any key.
    package var keys: [VerifierKey]?
    /// Takes the events up to the newest anchor as they are stored, and recomputes those after it.
    package var sinceAnchor: Bool
    /// Compares with the dataset's git history.
    package var dataset: Bool
    /// Hashes every recorded file on this disk.
    package var artifacts: Bool
    /// Hashes what was pushed on the remote.
    package var remote: Bool
    /// The position of a LogRestored event whose forgotten commits are no damage, beside those that the log says are
    /// accepted.
    package var acceptedRestore: Int?

    package init(
        keys: [VerifierKey]? = nil,
        sinceAnchor: Bool = false,
        dataset: Bool = true,
        artifacts: Bool = true,
        remote: Bool = false,
        acceptedRestore: Int? = nil
    ) {
        self.keys = keys
        self.sinceAnchor = sinceAnchor
        self.dataset = dataset
        self.artifacts = artifacts
        self.remote = remote
        self.acceptedRestore = acceptedRestore
    }

    /// Whether dataset versions are compared: they have to be folded from the first event on.
    var needsCatalog: Bool { dataset && !sinceAnchor || artifacts || remote }
}
