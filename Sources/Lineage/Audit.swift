package import DVC
package import EventLog
import Events
import Projections
package import Stages

/// Checks the record against itself, against git, and against the files, and changes nothing.
package struct Audit: Sendable {
    private let log: EventLog
    private let paths: StorePaths
    private let repository: DatasetRepository?
    private let remotes: Remotes?

    /// - Parameters:
    ///   - repository: the dataset's; nil when there is none yet.
    ///   - remotes: opens what its versions were pushed to; nil where they are not looked at.
    package init(log: EventLog, paths: StorePaths, repository: DatasetRepository?, remotes: Remotes? = nil) {
        self.log = log
        self.paths = paths
        self.repository = repository
        self.remotes = remotes
    }

    /// What is being checked, for a progress display.
    package enum Progress: Sendable {
        case events(Int, of: Int)
        case files(Int, of: Int)
    }

    /// The file of the dataset that has the log's public keys, one a line.
    package static let keysFile = "log.pub"

    /// Recomputes the tree, compares it with the log's checkpoints and the anchors in git, and hashes what `scope` asks for.
    ///
    /// An agent may be at work meanwhile, so what is read after what matters: the log's versions, then git, then the
    /// log to its end.
    package func verify(
        _ scope: AuditScope = AuditScope(),
        progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> AuditReport {
        var report = AuditReport()
        let repository = scope.dataset ? repository : nil
        let catalog = scope.needsCatalog ? try FoldedCatalog(of: log) : nil
        _ = try await catalog?.catchUp()
        let before = try await catalog?.reader.commits() ?? []
        // A checkpoint is kept before it stands in git, and of events that are in the log.
        let found = try await repository?.trailersOfWholeHistory().compactMap(GitVersion.init) ?? []
        let kept = try await log.checkpointTexts()
        let published = try await publishedKeys(repository)
        let keys: [VerifierKey]
        if let given = scope.keys {
            keys = given
        } else {
            keys = published
            if let problem = try await publishedProblem(repository) {
                report.add("checkpoint", Self.keysFile, problem)
            }
        }
        let signers = LogSigners(
            checkpoints: kept,
            keys: published + keys,
            own: (scope.keys ?? []) + published.filter { $0 == storeKey },
            versions: found,
            known: Set(before.map(\.id))
        )
        let others = found.filter(signers.isOfOther)
        report.ofOtherLogs = others.count
        report.otherLogs = Set(others.compactMap(\.signer)).sorted()
        let inGit = found.filter { !signers.isOfOther($0) }
        let total = try await log.currentHead()
        let accepted = try await AcceptedRestores(in: log, with: scope.acceptedRestore)
        report.forgotten = inGit.count(where: accepted.cover)
        report.accepted = accepted.recorded
        let anchors = inGit.filter { !accepted.cover($0) }
        let anchored = anchors.compactMap(\.head?.size)
        let start = scope.sinceAnchor ? anchored.filter { $0 <= total }.max() ?? 0 : 0
        let verification = try await log.verify(rootsAt: Set(anchored + kept.map(\.size)), after: start) {
            progress(.events($0, of: max($0, total)))
        }
        report.assumedThrough = start
        report.take(verification)
        compare(anchors, verification, after: start, into: &report)
        let checkpoints = CheckpointAudit(keys: keys, verification: verification)
        checkpoints.check(kept, after: start, isKeyNeeded: scope.keys == nil, into: &report)
        checkpoints.check(inGit, into: &report)
        if !report.isClean {
            let known = Set(accepted.recorded.map(\.restored))
            report.restores = try await restores().filter { !known.contains($0) }
        }
        guard let catalog else { return report }
        let stop = try await catalog.catchUp()
        if let stop { report.add("event", "position \(stop.position)", Self.message(of: stop)) }
        let history = HistoryAudit(
            before: before,
            after: try await catalog.reader.commits(),
            inGit: inGit,
            accepted: accepted
        )
        if scope.dataset { history.check(isLogWhole: stop == nil, into: &report) }
        if scope.artifacts {
            try await FileAudit(paths: paths, catalog: catalog).check(into: &report) { progress(.files($0, of: $1)) }
        }
        if scope.remote, let remotes {
            let audit = RemoteAudit(catalog: catalog, remotes: remotes)
            try await audit.check(into: &report) { progress(.files($0, of: $1)) }
        }
        return report
    }

    /// The key that the store has now, where this process may read it.
    private var storeKey: VerifierKey? {
        log.publicKey ?? (try? SigningKey.existing(paths.signingKey))?.publicKey
    }

    /// The keys of the dataset's file of keys, as it is checked out and on each branch: a branch may be older than a key.
    private func publishedKeys(_ repository: DatasetRepository?) async throws -> [VerifierKey] {
        guard let repository else { return [] }
        let texts = try await [repository.text(of: Self.keysFile) ?? ""] + repository.textsOnBranches(of: Self.keysFile)
        return VerifierKey.readable(in: texts.joined(separator: "\n"))
    }

    /// What is wrong with the file of keys that is checked out.
    private func publishedProblem(_ repository: DatasetRepository?) async throws -> String? {
        do {
            _ = try VerifierKey.list(try await repository?.text(of: Self.keysFile) ?? "")
            return nil
        } catch let error as EventLogError {
            return error.message
        }
    }

    /// Where the log says that it was restored; as far as it can be read.
    private func restores() async throws -> [Int] {
        var (found, last) = ([Int](), 0)
        while let page = try? await log.read(after: last, payloads: []), let end = page.last {
            found += page.filter { $0.type == EventType.logRestored.rawValue }.map(\.position)
            last = end.position
        }
        try Task.checkCancellation()
        return found
    }

    private static func message(of stop: FoldedCatalog.Stop) -> String {
        "the catalog can't be folded past here, so later versions and files are not checked: \(stop.reason)"
    }

    private func compare(
        _ versions: [GitVersion],
        _ verification: LogVerification,
        after start: Int,
        into report: inout AuditReport
    ) {
        for version in versions {
            guard let anchor = version.head else { continue }
            report.anchors += 1
            // Where only the end is looked at, older anchors are of what is taken as stored.
            guard anchor.size >= start else { continue }
            let place = "git commit \(version.commit)"
            if anchor.size > verification.head.size {
                // What can't be read is told already, and may be there all the same.
                guard verification.unreadableFrom == nil else { continue }
                report.add(
                    "anchor",
                    place,
                    "it anchors \(anchor.size) events, the log has \(verification.head.size): the end of the log is missing"
                )
            } else if verification.roots[anchor.size] != anchor.root {
                report.add("anchor", place, "the first \(anchor.size) events are not those that it anchors")
            } else {
                report.anchoredThrough = max(report.anchoredThrough, anchor.size)
            }
        }
    }
}

extension AuditReport {
    fileprivate mutating func take(_ verification: LogVerification) {
        head = verification.head
        for problem in verification.problems { add("event", "position \(problem.position)", problem.message) }
        damageBeyondList = verification.problemCount - verification.problems.count
    }
}
