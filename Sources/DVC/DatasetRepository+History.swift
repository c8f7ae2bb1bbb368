import Files

extension DatasetRepository {
    /// The hash of the last commit.
    package func head() async throws -> String {
        try await git.run(["rev-parse", "--verify", "HEAD"]).line
    }

    /// The hash of a branch's last commit.
    package func head(of branch: String) async throws -> String {
        try await git.run(["rev-parse", "--verify", "refs/heads/\(branch)"]).line
    }

    /// The branch that is checked out.
    package func branch() async throws -> String {
        try await git.branch()
    }

    /// The branch here whose commits go to a branch of a git remote: the one of its name, or where there is none the one
    /// that is checked out.
    package func branch(sharedAs name: String) async throws -> String {
        let found = try await git.run(["rev-parse", "--verify", "--quiet", "refs/heads/\(name)"], accepting: [0, 1])
        return found.status == 0 ? name : try await branch()
    }

    /// Throws `otherBranch` where another branch is checked out, and `gitDetached` where none is.
    ///
    /// - Parameter wanted: nil for any.
    package func require(branch wanted: String?) async throws {
        let current = try await branch()
        guard let wanted, current != wanted else { return }
        throw DVCError(
            .otherBranch,
            "\(path) has the branch \(current) checked out, and versions go to \(wanted): `git -C \(path) switch \(wanted)`, the agent goes on by itself"
        )
    }

    /// Whether the checked-out branch has a commit.
    package func isOnBranch(_ commit: String) async throws -> Bool {
        let found = try await git.run(["merge-base", "--is-ancestor", commit, "HEAD"], accepting: [0, 1, 128])
        return found.status == 0
    }

    /// The names of the git remotes.
    package func gitRemotes() async throws -> [String] {
        try await git.run(["remote"]).line.split(separator: "\n").map(String.init)
    }

    /// The newest commit, on any branch, that has a trailer of exactly this key and value.
    package func findCommit(trailer key: String, value: String) async throws -> String? {
        guard CommitMessage.isKey(key), CommitMessage.isValue(value) else {
            throw DVCError(.badMessage, "no trailer can have the key \(key.debugDescription) and this value")
        }
        return try await findCommit((key, value), among: "--all")
    }

    /// The newest commit with a trailer of those that a revision reaches.
    func findCommit(_ trailer: Trailer, among revisions: String) async throws -> String? {
        let (key, value) = trailer
        let narrowed = [revisions, "--fixed-strings", "--grep=\(key): \(value)"]
        return try await log(narrowed).first { commit in
            commit.trailers.contains { $0.key == key && $0.value.utf8.elementsEqual(value.utf8) }
        }?.commit
    }

    /// Every commit of the checked-out branch with its trailers, oldest first.
    package func trailersOfAllCommits() async throws -> [CommitTrailers] {
        // 1: there is no commit yet.
        let head = try await git.run(["rev-parse", "--verify", "--quiet", "HEAD"], accepting: [0, 1])
        guard head.status == 0 else { return [] }
        return try await log(["--reverse", "--topo-order", head.line])
    }

    /// Every commit that is checked out or that a branch, a tag or a branch of a remote leads to, with its trailers, oldest
    /// first.
    ///
    /// Which of them a person has checked out says nothing of what there is.
    package func trailersOfWholeHistory() async throws -> [CommitTrailers] {
        let head = try await git.run(["rev-parse", "--verify", "--quiet", "HEAD"], accepting: [0, 1])
        let places = ["--branches", "--tags", "--remotes"] + (head.status == 0 ? [head.line] : [])
        return try await log(["--reverse", "--topo-order"] + places)
    }

    /// The hashes of the checked-out branch's commits by the values of a trailer; the newest where several have one.
    package func commits(byTrailer key: String) async throws -> [String: String] {
        var found: [String: String] = [:]
        for commit in try await trailersOfAllCommits() {
            for trailer in commit.trailers where trailer.key == key { found[trailer.value] = commit.commit }
        }
        return found
    }

    /// A partition's pointer in a commit, or nil where the commit has none.
    package func pointer(of partition: String, at commit: String = "HEAD") async throws -> Pointer? {
        let name = "\(partition).dvc"
        guard try await names(at: commit).contains(name) else { return nil }
        let found = try await git.run(["cat-file", "blob", "\(commit):\(name)"])
        return try Pointer(parsing: String(decoding: found.output, as: UTF8.self))
    }

    /// The partitions of a commit, in the order of their names' bytes.
    package func partitions(at commit: String = "HEAD") async throws -> [String] {
        try await names(at: commit).filter { $0.hasSuffix(".dvc") && $0 != ".dvc" }.map {
            String($0.dropLast(4))
        }
    }

    /// The partitions that are checked out; none where there is no commit yet.
    package func checkedOutPartitions() async throws -> [String] {
        let head = try await git.run(["rev-parse", "--verify", "--quiet", "HEAD"], accepting: [0, 1])
        return head.status == 0 ? try await partitions(at: head.line) : []
    }

    /// The entries that a pointer stands for, from the cache; their sizes are unknown.
    package func entries(of pointer: Pointer) throws -> [ManifestEntry] {
        try ManifestReader.entries(of: readFile(cache.objectPath(pointer.manifest)))
    }

    /// The full hash of the commit that a revision names; nil when it names none.
    package func commit(named revision: String) async throws -> String? {
        guard !revision.hasPrefix("-") else { return nil }
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"]
        let found = try await git.run(arguments, accepting: [0, 1, 128])
        // 128 says that the name is none, as past the end of a reflog, or that git refuses the repository altogether.
        if found.status == 128 { try await git.run(["rev-parse", "--git-dir"]) }
        return found.status == 0 ? found.line : nil
    }

    /// The partitions whose pointers a commit changed.
    package func partitionsChanged(by commit: String) async throws -> [String] {
        let arguments = ["diff-tree", "--root", "--no-commit-id", "--name-only", "-z", commit]
        return try await git.run(arguments).output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.hasSuffix(".dvc") && $0 != ".dvc" }.map { String($0.dropLast(4)) }
    }

    /// A text file of the top directory in the last commit, or nil where that has none.
    package func text(of name: String) async throws -> String? {
        try await git.texts(["HEAD:\(name)"]).first ?? nil
    }

    /// The texts of a file of the top directory in the last commits of all branches, those of remotes among them.
    package func textsOnBranches(of name: String) async throws -> [String] {
        let tips = try await git.run(["for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes"]).line
        let names = Set(tips.split(separator: "\n")).sorted().map { "\($0):\(name)" }
        return try await git.texts(names).compactMap(\.self)
    }

    private func names(at commit: String) async throws -> [String] {
        try await git.run(["ls-tree", "--name-only", "-z", commit]).output
            .split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Commits end with zero, a commit's hash with 1F, a trailer's key with 1D, and trailers are 1E apart: none of
    /// which a trailer of ours can hold.
    private func log(_ selection: [String]) async throws -> [CommitTrailers] {
        let format = "%H%x1f%(trailers:only=true,unfold=true,separator=%x1e,key_value_separator=%x1d)"
        return try await git.run(["log", "-z", "--no-color", "--format=\(format)"] + selection).output
            .split(separator: 0).map { line in
                let parts = line.split(separator: 0x1F, maxSplits: 1, omittingEmptySubsequences: false)
                let trailers = (parts.count > 1 ? parts[1] : []).split(separator: 0x1E).map {
                    trailer -> Trailer in
                    let pair = trailer.split(separator: 0x1D, maxSplits: 1, omittingEmptySubsequences: false)
                    return (text(pair[0]), pair.count > 1 ? text(pair[1]) : "")
                }
                return CommitTrailers(commit: text(parts[0]), trailers: trailers)
            }
    }

    private nonisolated func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
