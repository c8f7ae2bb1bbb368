import Files

/// Commits files of a repository, and nothing but them.
struct GitCommit {
    let git: Git
    let patience: Duration

    /// Commits these paths as the work tree has them, present or removed; false when the last commit has them so.
    ///
    /// - Parameter isLeftOut: asked of each path that differs from the last commit.
    @discardableResult
    func commit(
        _ paths: [String],
        message: CommitMessage,
        leavingOut isLeftOut: @Sendable (String) async throws -> Bool = { _ in false }
    ) async throws -> Bool {
        try await GitLocks(repository: git.repository).clear(patience: patience)
        var states = try await states(of: paths)
        var leftOut: Set<String> = []
        for path in states.keys.sorted() where try await isLeftOut(path) { leftOut.insert(path) }
        let paths = paths.filter { !leftOut.contains($0) }
        for path in leftOut { states[path] = nil }
        let present = try states.filter { try fileInfo("\(git.repository)/\($0.key)") != nil }
        let unclear = present.filter { !$0.value.isSettled }.keys.sorted()
        if !unclear.isEmpty {
            // Forced: a person's own ignore rules are for their files, not for the dataset's.
            try await git.run(["add", "--force", "--"] + unclear)
            states = try await self.states(of: paths)
        }
        let changed = states.filter { $0.value.isChanged }.keys.sorted()
        if changed.isEmpty { return false }
        let arguments = ["commit", "--quiet", "--only", "--cleanup=verbatim", "--file=-"]
        try await git.run(arguments + ["--"] + changed, input: message.text)
        return true
    }

    /// Makes a commit that changes nothing and says something.
    func commitNothing(message: CommitMessage) async throws {
        try await GitLocks(repository: git.repository).clear(patience: patience)
        let arguments = ["commit", "--quiet", "--only", "--allow-empty", "--cleanup=verbatim", "--file=-"]
        try await git.run(arguments, input: message.text)
    }

    /// How a path stands in the index against the last commit, and in the work tree against the index.
    private struct State {
        /// As `git status` has them: `.` for the same, `A` for a new file, `D` for one that is gone, `?` for unknown to git.
        let index: Character
        let tree: Character

        /// Whether it is told by one of the two alone how it stands against the last commit.
        var isSettled: Bool { index != "?" && (index == "." || tree == ".") }
        /// Of a path that is not settled, the file is gone.
        var isChanged: Bool { isSettled || index != "A" && index != "?" }
    }

    /// Those of some paths that are not in index and work tree as the last commit has them: one git is all that an
    /// unchanged path costs, and most changed ones.
    private func states(of paths: [String]) async throws -> [String: State] {
        let arguments = [
            "status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching", "--",
        ]
        var states: [String: State] = [:]
        for entry in try await git.run(arguments + paths).output.split(separator: 0) {
            let text = String(decoding: entry, as: UTF8.self)
            // `1 XY sub mH mI mW hH hI path`, `u XY sub m1 m2 m3 mW h1 h2 h3 path`, `? path`, `! path`
            let (isConflict, isKnown) = (text.hasPrefix("u "), text.hasPrefix("1 "))
            let before = isConflict ? 10 : isKnown ? 8 : 1
            let fields = text.split(separator: " ", maxSplits: before, omittingEmptySubsequences: false)
            guard fields.count == before + 1, let path = fields.last.map(String.init) else { continue }
            if isConflict || isKnown {
                states[path] = State(index: isConflict ? "U" : fields[1].first ?? "?", tree: fields[1].last ?? "?")
            } else {
                // Of a directory that is ignored as a whole, it is named with a slash.
                for known in paths where known == path || path.hasSuffix("/") && known.hasPrefix(path) {
                    states[known] = State(index: "?", tree: "?")
                }
            }
        }
        return states
    }
}
