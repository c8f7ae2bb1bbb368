package import DVC
package import EventLog
import Events
package import GRDB
package import Stages

/// Checks the record against itself, against git, and against the files.
package struct Audit: Sendable {
    private let log: EventLog
    private let paths: StorePaths
    private let database: DatabasePool
    private let repository: DatasetRepository?

    /// - Parameter repository: the dataset's; nil when there is none yet.
    package init(log: EventLog, paths: StorePaths, database: DatabasePool, repository: DatasetRepository?) {
        self.log = log
        self.paths = paths
        self.database = database
        self.repository = repository
    }

    /// What is being checked, for a progress display.
    package enum Progress: Sendable {
        case events(Int, of: Int)
        case files(Int, of: Int)
    }

    /// Recomputes the tree from the first event, compares it with the anchors in git, and hashes every recorded file
    /// that is on disk.
    package func verify(progress: @escaping @Sendable (Progress) -> Void) async throws -> AuditReport {
        var report = AuditReport()
        let anchors = try await repository?.trailersOfAllCommits().compactMap(Anchor.init) ?? []
        let total = log.headPosition
        let verification = try await log.verify(rootsAt: Set(anchors.map(\.head.size))) {
            progress(.events($0, of: total))
        }
        report.head = verification.head
        report.damage += verification.problems.map {
            AuditReport.Damage(kind: "event", place: "position \($0.position)", message: $0.message)
        }
        report.damageBeyondList = verification.problemCount - verification.problems.count
        compare(anchors, verification, into: &report)
        try await compareReceipts(anchors, into: &report)
        try await FileAudit(paths: paths, database: database).check(into: &report) { progress(.files($0, of: $1)) }
        return report
    }

    private func compare(_ anchors: [Anchor], _ verification: LogVerification, into report: inout AuditReport) {
        report.anchors = anchors.count
        for anchor in anchors {
            if anchor.head.size > verification.head.size {
                report.damage.append(
                    .init(
                        kind: "anchor",
                        place: "git commit \(anchor.commit)",
                        message:
                            "it anchors \(anchor.head.size) events, the log has \(verification.head.size): the end of the log is missing"
                    )
                )
            } else if verification.roots[anchor.head.size] != anchor.head.root {
                report.damage.append(
                    .init(
                        kind: "anchor",
                        place: "git commit \(anchor.commit)",
                        message: "the first \(anchor.head.size) events are not those that it anchors"
                    )
                )
            } else {
                report.anchoredThrough = max(report.anchoredThrough, anchor.head.size)
            }
        }
    }

    /// Each dataset version of the log must be in git, and each of git's in the log.
    private func compareReceipts(_ anchors: [Anchor], into report: inout AuditReport) async throws {
        let commits = try await CatalogCommits(database).all()
        let inGit = Dictionary(anchors.map { ($0.commitID, $0.commit) }) { first, _ in first }
        for commit in commits where commit.gitCommit != nil {
            switch inGit[commit.id] {
            case commit.gitCommit: report.versions += 1
            case nil:
                report.damage.append(
                    .init(
                        kind: "dataset",
                        place: "position \(commit.committedPosition)",
                        message:
                            "git commit \(commit.gitCommit ?? "") of dataset version \(commit.id) is not in the history any more"
                    )
                )
            case let other?:
                report.damage.append(
                    .init(
                        kind: "dataset",
                        place: "position \(commit.committedPosition)",
                        message:
                            "dataset version \(commit.id) is git commit \(other), the log says \(commit.gitCommit ?? "")"
                    )
                )
            }
        }
        let inLog = Set(commits.map(\.id))
        for anchor in anchors where !inLog.contains(anchor.commitID) {
            report.damage.append(
                .init(
                    kind: "dataset",
                    place: "git commit \(anchor.commit)",
                    message: "the log knows no dataset version \(anchor.commitID)"
                )
            )
        }
    }
}

/// A commit of the dataset's history that says how the log stood.
private struct Anchor: Sendable {
    let commit: String
    let commitID: String
    let head: TreeHead

    init?(_ commit: CommitTrailers) {
        guard
            let head = commit.trailers.first(where: { $0.key == LogHeadTrailer.key }).flatMap({
                LogHeadTrailer.parse($0.value)
            }),
            let id = commit.trailers.first(where: { $0.key == "Swathlog-Commit" })?.value
        else { return nil }
        self.commit = commit.commit
        commitID = id
        self.head = head
    }
}

/// The dataset versions of the log, as the catalog has them.
private struct CatalogCommits {
    struct Version: Sendable {
        let id: String
        let gitCommit: String?
        let committedPosition: Int
    }

    let database: DatabasePool

    init(_ database: DatabasePool) {
        self.database = database
    }

    func all() async throws -> [Version] {
        try await database.read { database in
            try Row.fetchAll(database, sql: "SELECT id, git_commit, committed_position FROM commits").map {
                Version(id: $0[0], gitCommit: $0[1], committedPosition: ($0[2] as Int?) ?? 0)
            }
        }
    }
}
