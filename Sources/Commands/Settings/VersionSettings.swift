package import DVC
import Events
import Files
import Projections
package import Stages

/// When and how dataset versions are committed, and where their commits go.
package struct VersionSettings: Sendable, Equatable {
    package var mode: CommitPolicy.Mode
    /// `commit_interval`.
    package var interval: Duration
    /// New tiles of a partition at which it is committed.
    package var tiles: Int?
    package var message: CommitTemplate
    package var tag: CommitTemplate?
    package var commits: CommitSettings
    /// A remote of the repository's, or a URL; nil for nowhere.
    package var gitRemote: String?
    /// Nil for the branch that is checked out.
    package var gitBranch: String?

    init(_ values: SettingValues) throws {
        mode = try values.text(.commitPolicy).flatMap(CommitPolicy.Mode.init(rawValue:)) ?? .auto
        interval = .seconds(try values.number(.commitInterval) ?? 0)
        tiles = try values.number(.commitTiles)
        message = try values.template(.commitMessage) ?? .standardMessage
        tag = try values.template(.commitTag)
        commits = CommitSettings(
            author: try values.author(.commitAuthor),
            committer: try values.author(.commitCommitter),
            signing: try values.signing(),
            signingKey: nil
        )
        if let key = try values.text(.commitSigningKey) {
            guard let signing = commits.signing else {
                throw SettingsError(.contradiction, "commit_signing_key is given, but commit_signing is none")
            }
            commits.signingKey = signing == .ssh ? absolute(key) : key
        }
        gitRemote = try values.text(.gitRemote)
        gitBranch = try values.text(.gitBranch)
        try check(values)
    }

    private func check(_ values: SettingValues) throws {
        guard let subject = Self.sample(message).split(separator: "\n", omittingEmptySubsequences: false).first,
            subject.contains(where: { !$0.isWhitespace }), !message.text.unicodeScalars.contains("\0")
        else { throw try values.bad(.commitMessage, "needs a first line that says what a commit does") }
        if let tag, !tag.isUnique {
            throw try values.bad(
                .commitTag,
                "would be the same for two versions: it needs {id}, or {partition} with {number} or {through}, and text between placeholders with no digit beside the number"
            )
        }
        guard let gitRemote else {
            guard gitBranch == nil else {
                throw SettingsError(.contradiction, "git_branch is given for no git_remote: name one")
            }
            return
        }
        guard !gitRemote.isEmpty, !gitRemote.hasPrefix("-"), gitBranch?.hasPrefix("-") != true, gitBranch != "" else {
            throw try values.bad(.gitRemote, "and git_branch are not empty and begin with no '-'")
        }
        // What stands before the @ of a web address may be a token; of ssh://, only a name is no secret.
        if gitRemote.contains(#/^(?i:https?):\/\/[^\/]*@/#) || gitRemote.contains(#/:\/\/[^\/@]*:[^\/]*@/#) {
            throw try values.bad(
                .gitRemote,
                "has a user or a password, which would be in the log: leave it out, and give it to git's credential helper"
            )
        }
    }

    /// What a template makes of a version as there may be one.
    static func sample(_ template: CommitTemplate) -> String {
        let time = Timestamp(microseconds: 0)
        let started = DatasetCommitStarted(
            commitID: EventID(at: time).description,
            partition: "partition",
            recipe: Digest(of: []),
            manifest: "",
            previous: nil,
            files: 1,
            bytes: 1,
            added: 1,
            changed: 0,
            removed: 0,
            fromPosition: 1,
            throughPosition: 1,
            remote: nil
        )
        return template.filled(CatalogCommit(started, position: 1), number: 1, time: time)
    }
}

extension VersionSettings {
    /// The form of the commits in a repository; throws where that does not know a name that the settings use.
    func form(in repository: DatasetRepository) async throws -> CommitForm {
        if let tag, try await !repository.isTagName(Self.sample(tag)) {
            throw SettingsError(.badValue, "commit_tag: git takes no tag like '\(Self.sample(tag))'")
        }
        var place: GitRemotePlace?
        if let gitRemote {
            let known = try await repository.gitRemotes()
            // What has neither is no URL and no path.
            guard known.contains(gitRemote) || gitRemote.contains("/") || gitRemote.contains(":") else {
                throw SettingsError(
                    .badValue,
                    "git_remote: \(repository.path) has no git remote \(gitRemote): `git remote add`, or name a URL"
                )
            }
            let branch = try await repository.branch()
            place = GitRemotePlace(
                remote: gitRemote,
                branch: gitBranch ?? branch,
                local: try await repository.branch(sharedAs: gitBranch ?? branch)
            )
        }
        return CommitForm(message: message, tag: tag, gitRemote: place)
    }
}

extension SettingValues {
    fileprivate func template(_ key: SettingKey) throws -> CommitTemplate? {
        guard let text = try text(key) else { return nil }
        guard let template = CommitTemplate(text) else {
            let known = CommitTemplate.Field.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
            throw try bad(key, "is text with \(known) in it, and {{ for a brace, not '\(text)'")
        }
        return template
    }

    fileprivate func author(_ key: SettingKey) throws -> CommitAuthor? {
        guard let text = try text(key) else { return nil }
        guard let author = CommitAuthor(text) else { throw try bad(key, "is Name <address>, not '\(text)'") }
        return author
    }

    fileprivate func signing() throws -> CommitSettings.Signing? {
        switch try text(.commitSigning) {
        case "gpg": .gpg
        case "ssh": .ssh
        default: nil
        }
    }
}
