extension DatasetRepository {
    /// Whether git takes a tag of this name.
    package func isTagName(_ name: String) async throws -> Bool {
        guard !name.hasPrefix("-") else { return false }
        return try await git.run(["check-ref-format", "refs/tags/\(name)"], accepting: [0, 1]).status == 0
    }

    /// A commit's message, with its trailers.
    package func message(of commit: String) async throws -> String {
        try await git.run(["log", "-1", "--format=%B", commit]).line
    }

    /// Gives a commit a tag with a message, signed where commits are; nothing happens where it has it.
    ///
    /// A tag of that name on another commit is somebody's, and stays (`tagTaken`).
    package func tag(_ name: String, commit: String, message: String) async throws {
        guard try await isTagName(name) else {
            throw DVCError(.tagTaken, "no git tag can have the name \(name.debugDescription): change commit_tag")
        }
        if let tagged = try await self.commit(named: "refs/tags/\(name)") {
            guard tagged == commit else {
                throw DVCError(
                    .tagTaken,
                    "the tag \(name) is on commit \(tagged.prefix(12)), not on \(commit.prefix(12)): rename or remove it, the agent tries again"
                )
            }
            return
        }
        try await GitLocks(repository: path).clear(patience: patience)
        try await git.run(
            ["tag", "--annotate", "--cleanup=verbatim", "--file=-", "--end-of-options", name, commit],
            input: message.hasSuffix("\n") ? message : message + "\n"
        )
    }
}
