/// Who a repository's commits are by, and how they are signed.
package struct CommitSettings: Sendable, Equatable {
    /// How git signs.
    package enum Signing: String, Sendable, CaseIterable {
        case gpg = "openpgp"
        case ssh
    }

    /// Nil for whoever git's configuration names, and where it names nobody, this program.
    package var author: CommitAuthor?
    package var committer: CommitAuthor?
    /// Nil for unsigned commits.
    package var signing: Signing?
    /// A GPG key's id, or the path of an SSH key; nil for `user.signingkey` of git's configuration.
    package var signingKey: String?

    package init(
        author: CommitAuthor? = nil,
        committer: CommitAuthor? = nil,
        signing: Signing? = nil,
        signingKey: String? = nil
    ) {
        self.author = author
        self.committer = committer
        self.signing = signing
        self.signingKey = signingKey
    }

    /// What git is told with every command.
    var gitSettings: [String] {
        // Without a wish, a person's signing key is left alone: it may ask for a passphrase, and nobody is there.
        var settings = ["commit.gpgsign=\(signing != nil)", "tag.gpgsign=\(signing != nil)"]
        if let committer {
            settings += ["committer.name=\(committer.name)", "committer.email=\(committer.email)"]
        }
        if let author { settings += ["author.name=\(author.name)", "author.email=\(author.email)"] }
        if let signing { settings.append("gpg.format=\(signing.rawValue)") }
        if let signingKey { settings.append("user.signingkey=\(signingKey)") }
        return settings
    }
}
