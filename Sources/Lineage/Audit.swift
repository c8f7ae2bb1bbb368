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

    /// - Parameter repository: the dataset's; nil when there is none yet.
    package init(log: EventLog, paths: StorePaths, repository: DatasetRepository?) {
        self.log = log
        self.paths = paths
        self.repository = repository
    }

    /// What is being checked, for a progress display.
    package enum Progress: Sendable {
        case events(Int, of: Int)
        case files(Int, of: Int)
    }

    /// Recomputes the tree from the first event, compares it with the anchors in git, and hashes every recorded file
    /// that is on disk.
    ///
    /// An agent may be at work meanwhile, so what is read after what matters: the log's versions, then git, then the
    /// log to its end.
    package func verify(progress: @escaping @Sendable (Progress) -> Void) async throws -> AuditReport {
        var report = AuditReport()
        let catalog = try FoldedCatalog(of: log)
        _ = try await catalog.catchUp()
        let before = try await catalog.reader.commits()
        let inGit = try await repository?.trailersOfAllCommits().compactMap(GitVersion.init) ?? []
        let total = log.headPosition
        let verification = try await log.verify(rootsAt: Set(inGit.compactMap(\.head?.size))) {
            progress(.events($0, of: max($0, total)))
        }
        report.take(verification)
        let stop = try await catalog.catchUp()
        if let stop { report.add("event", "position \(stop.position)", Self.message(of: stop)) }
        compare(inGit, verification, into: &report)
        let history = HistoryAudit(before: before, after: try await catalog.reader.commits(), inGit: inGit)
        history.check(isLogWhole: stop == nil, into: &report)
        try await FileAudit(paths: paths, catalog: catalog).check(into: &report) { progress(.files($0, of: $1)) }
        return report
    }

    private static func message(of stop: FoldedCatalog.Stop) -> String {
        "the catalog can't be folded past here, so later versions and files are not checked: \(stop.reason)"
    }

    private func compare(_ versions: [GitVersion], _ verification: LogVerification, into report: inout AuditReport) {
        for version in versions {
            guard let anchor = version.head else { continue }
            report.anchors += 1
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
