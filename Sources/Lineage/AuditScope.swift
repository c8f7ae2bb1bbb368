package import EventLog

/// What an audit looks at.
package struct AuditScope: Sendable {
    /// The keys that checkpoints must be signed by; nil for those in the dataset's last commit.
    package var keys: [VerifierKey]?
    /// Takes the events up to the newest anchor as they are stored, and recomputes those after it.
    package var sinceAnchor: Bool
    /// Hashes every recorded file on this disk.
    package var artifacts: Bool
    /// Hashes what was pushed on the remote.
    package var remote: Bool

    package init(keys: [VerifierKey]? = nil, sinceAnchor: Bool = false, artifacts: Bool = true, remote: Bool = false) {
        self.keys = keys
        self.sinceAnchor = sinceAnchor
        self.artifacts = artifacts
        self.remote = remote
    }

    /// Whether dataset versions are compared: they have to be folded from the first event on.
    var needsCatalog: Bool { !sinceAnchor || artifacts || remote }
}
