import Files

/// What a git remote said to a push.
package enum PushAnswer: Sendable, Equatable {
    case taken
    /// It has commits that this repository has not.
    case behind
}

extension DatasetRepository {
    /// Pushes a commit to a branch of a git remote; never by force.
    package func push(_ commit: String, to remote: String, branch: String) async throws -> PushAnswer {
        try await push("\(commit):refs/heads/\(branch)", to: remote) ? .taken : .behind
    }

    /// Pushes a tag; one that is there as it is here is fine, another one is somebody's, and stays (`tagTaken`).
    package func push(tag: String, to remote: String) async throws {
        guard try await push("refs/tags/\(tag)", to: remote) else {
            throw DVCError(
                .tagTaken,
                "\(remote) has another tag \(tag): rename or remove it there, the agent tries again"
            )
        }
    }

    /// Makes what a branch of a git remote holds the base of the commits here that it lacks; see `Rebase`.
    ///
    /// - Parameter local: the branch that has to be checked out; nil for any.
    /// - Returns: whether anything has changed here.
    package func rebase(onto branch: String, of remote: String, on local: String? = nil) async throws -> Bool {
        try await talk(["fetch", "--quiet", "--no-tags", remote, "+refs/heads/\(branch):\(Rebase.theirs)"])
        while isPublishing || isRebasing { try await Task.sleep(for: .milliseconds(50)) }
        isRebasing = true
        defer { isRebasing = false }
        try await GitLocks(repository: path).clear(patience: patience)
        let lock = try await DVCLock.acquire(repository: path, patience: patience, onWait: onWait)
        defer { lock.release() }
        try await require(branch: local)
        return try await Rebase(git: git, lock: lock, isSigned: commits.signing != nil).run()
    }

    /// Whether the remote has the reference now as it is here; false where it has something else there.
    private func push(_ reference: String, to remote: String) async throws -> Bool {
        let arguments = ["push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", remote, reference]
        let pushed = try await talk(arguments, accepting: [0, 1])
        if pushed.status == 0 { return true }
        let lines = pushed.line.split(separator: "\n")
        let refusal = lines.first { $0.hasPrefix("!") }.map(String.init) ?? ""
        if refusal.contains("[rejected]") { return false }
        let said = ([refusal] + pushed.error.split(separator: "\n").suffix(4).map(String.init))
            .filter { !$0.isEmpty }.joined(separator: "; ")
        throw DVCError(.pushRefused, "\(remote) refuses the push of \(reference): \(said)")
    }

    @discardableResult
    private func talk(_ arguments: [String], accepting: Set<CInt> = [0]) async throws -> Git.Result {
        try await git.talk(arguments, accepting: accepting)
    }
}

extension Git {
    /// Runs a git that speaks to a remote, without anybody to answer questions and without waiting for a dead line for ever.
    func talk(_ arguments: [String], accepting: Set<CInt> = [0]) async throws -> Result {
        let patience = ["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60"]
        var variables: [String] = []
        let hasOwnShell = try await run(["config", "--get", "core.sshCommand"], accepting: [0, 1]).status == 0
        if !hasOwnShell, !Git.isSet("GIT_SSH_COMMAND"), !Git.isSet("GIT_SSH") {
            variables = ["GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=15"]
        }
        do {
            return try await run(patience + arguments, accepting: accepting, variables: variables)
        } catch let error as DVCError where error.code == .gitFailed {
            throw DVCError(.remoteUnreachable, "the git remote can't be spoken to: \(error.message)")
        }
    }
}
