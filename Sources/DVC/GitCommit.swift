import Files

/// Commits files of a repository, and nothing but them.
struct GitCommit {
    let git: Git
    let patience: Duration

    /// Commits these paths as the work tree has them, present or removed; false when the last commit has them so.
    @discardableResult
    func commit(_ paths: [String], message: CommitMessage) async throws -> Bool {
        try await GitLocks(repository: git.repository).clear(patience: patience)
        let present = try paths.filter { try fileInfo("\(git.repository)/\($0)") != nil }
        // Forced: a person's own ignore rules are for their files, not for the dataset's.
        if !present.isEmpty { try await git.run(["add", "--force", "--"] + present) }
        var changed = present
        if try await git.run(["rev-parse", "--verify", "--quiet", "HEAD"], accepting: [0, 1]).status == 0 {
            let listed = try await git.run(
                ["diff", "--no-ext-diff", "--name-only", "-z", "HEAD", "--"] + paths
            )
            changed = listed.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        }
        if changed.isEmpty { return false }
        let arguments = ["commit", "--quiet", "--only", "--cleanup=verbatim", "--file=-"]
        try await git.run(arguments + ["--"] + changed, input: message.text)
        return true
    }
}
