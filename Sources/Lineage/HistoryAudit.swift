import EventLog
import Events
import Projections

/// Compares the dataset versions of the log with those of git.
///
/// An agent may be at work meanwhile, and writes in this order: intent, git commit, receipt. So what has a receipt
/// before git is read must be in git, and what is in git must have its intent in the log that is read after it.
struct HistoryAudit {
    /// The log's versions before git was read, and after.
    let before: [CatalogCommit]
    let after: [CatalogCommit]
    let inGit: [GitVersion]
    /// Ids of versions whose commits are known to be of events that the log has forgotten.
    let forgotten: Set<String>

    /// - Parameter isLogWhole: whether `after` are all of the log's versions.
    func check(isLogWhole: Bool, into report: inout AuditReport) {
        let hashes = Dictionary(inGit.compactMap { version in version.id.map { ($0, version.commit) } }) { first, _ in
            first
        }
        for commit in before {
            guard let hash = commit.gitCommit else { continue }
            let place = "position \(commit.committedPosition ?? commit.startedPosition)"
            switch hashes[commit.id] {
            case hash: report.versions += 1
            case nil:
                report.add(
                    "dataset",
                    place,
                    "git commit \(hash) of dataset version \(commit.id) is not in the history any more"
                )
            case let other?:
                report.add(
                    "dataset",
                    place,
                    "dataset version \(commit.id) is git commit \(other), the log says \(hash)"
                )
            }
        }
        let inLog = Dictionary(after.map { ($0.id, $0) }) { first, _ in first }
        for version in inGit where !version.isAmong(forgotten) {
            let place = "git commit \(version.commit)"
            for name in version.missing {
                report.add("dataset", place, "its trailer \(name) is missing or can't be read")
            }
            guard let id = version.id else { continue }
            if let commit = inLog[id] {
                compare(version, with: commit, into: &report)
            } else if isLogWhole {
                report.add("dataset", place, "the log knows no dataset version \(id)")
            }
        }
    }

    private func compare(_ version: GitVersion, with commit: CatalogCommit, into report: inout AuditReport) {
        let positions = "\(commit.fromPosition)-\(commit.throughPosition)"
        let said = [
            (GitVersion.recipeKey, version.recipe, commit.recipe.description),
            (GitVersion.positionsKey, version.positions, positions),
        ]
        for case (let name, let git?, let log) in said where git != log {
            report.add(
                "dataset",
                "position \(commit.startedPosition)",
                "git commit \(version.commit) of dataset version \(commit.id) says \(name): \(git), the log says \(log)"
            )
        }
        guard let head = version.head, let receipt = commit.logHead, commit.gitCommit == version.commit,
            head != TreeHead(size: receipt.size, root: receipt.root)
        else { return }
        report.add(
            "dataset",
            "position \(commit.committedPosition ?? commit.startedPosition)",
            "the receipt says that git commit \(version.commit) anchors \(receipt.size) events with root \(receipt.root), the commit says \(head.size) with \(head.root)"
        )
    }
}
