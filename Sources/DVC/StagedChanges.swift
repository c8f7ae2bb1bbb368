/// What a person has staged in a repository and not committed yet.
struct StagedChanges {
    let git: Git

    /// Throws `indexDirty` where changes are staged, besides those of some paths.
    func refuse(besides isOurs: (String) -> Bool) async throws {
        let listed = try await git.run(["diff", "--cached", "--no-ext-diff", "--name-only", "-z"])
        let staged = listed.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.filter {
            !isOurs($0)
        }
        guard let first = staged.first else { return }
        throw DVCError(
            .indexDirty,
            "\(git.repository) has staged changes, of \(first.debugDescription)\(staged.count > 1 ? " and \(staged.count - 1) more" : ""): commit them, or `git restore --staged .`"
        )
    }
}
