/// What a version's git commit looks like, and where it goes.
package struct CommitForm: Sendable, Equatable {
    package var message: CommitTemplate
    /// Nil for no tag.
    package var tag: CommitTemplate?
    /// The git remote and the branch that commits are pushed to; nil for nowhere.
    package var gitRemote: GitRemotePlace?

    package init(
        message: CommitTemplate = .standardMessage,
        tag: CommitTemplate? = nil,
        gitRemote: GitRemotePlace? = nil
    ) {
        self.message = message
        self.tag = tag
        self.gitRemote = gitRemote
    }
}

/// A remote of the repository's or a URL, and a branch there.
package struct GitRemotePlace: Sendable, Equatable {
    package var remote: String
    package var branch: String
    /// The branch here whose commits go there: while another is checked out, nothing is committed or pushed.
    package var local: String

    package init(remote: String, branch: String, local: String) {
        self.remote = remote
        self.branch = branch
        self.local = local
    }
}
