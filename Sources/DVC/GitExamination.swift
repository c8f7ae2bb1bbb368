import Files
import Foundation

/// Tries what git is to do for a dataset, and changes nothing.
package struct GitExamination: Sendable {
    /// Who commits will be by.
    package enum Identity: Sendable, Equatable {
        /// Whom the settings or git's configuration name.
        case named(String)
        /// This program, because nobody else is named.
        case own(String)
    }

    /// Whether the repository is there.
    package let hasRepository: Bool
    private let git: Git
    private let commits: CommitSettings

    /// - Parameter path: the repository's directory, which need not be there yet.
    package init(repository path: String, commits: CommitSettings) async throws {
        hasRepository = try fileInfo("\(path)/.git") != nil
        var directory = path
        while try fileInfo(directory) == nil, directory != "/" { directory = parent(of: directory) }
        git = try await Git(repository: directory, commits: commits)
        self.commits = commits
    }

    package func identity() async throws -> Identity {
        func said(_ key: String) async throws -> String? {
            let line = try await git.run(["config", "--get", key], accepting: [0, 1]).line
            return line.isEmpty ? nil : line
        }
        let (name, email) = (try await said("user.name"), try await said("user.email"))
        if let author = commits.author { return .named("\(author.name) <\(author.email)>") }
        let text = "\(name ?? Git.ownName) <\(email ?? Git.ownEmail)>"
        return name == nil || email == nil ? .own(text) : .named(text)
    }

    /// Has git sign a commit as the settings say.
    ///
    /// It does so in the repository, where git throws the commit away by itself, since nobody points to it; where there is
    /// none yet, in one that is removed again.
    ///
    /// - Throws: `git-signing-failed`.
    package func sign() async throws {
        guard !hasRepository else { return try await git.trySigning() }
        let directory = temporaryName(in: FileManager.default.temporaryDirectory.path)
        try createDirectories(directory, durable: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let other = try await Git(repository: directory, commits: commits)
        try await other.run(["init", "--quiet"])
        try await other.trySigning()
    }

    /// Asks a git remote what it has.
    ///
    /// - Throws: `git-remote-unreachable`.
    package func reach(_ remote: String) async throws {
        _ = try await git.talk(["ls-remote", "--heads", "--quiet", remote])
    }
}
