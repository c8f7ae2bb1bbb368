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
    /// The versions of this log, on whatever branch or tag.
    let inGit: [GitVersion]
    /// Those of events that the log has forgotten, as somebody has accepted.
    let accepted: AcceptedRestores

    /// - Parameter isLogWhole: whether `after` are all of the log's versions.
    func check(isLogWhole: Bool, into report: inout AuditReport) {
        // A person may have copied one to another branch, with its trailers.
        let hashes = Dictionary(grouping: inGit, by: \.id).mapValues { $0.map(\.commit) }
        for commit in before {
            guard let hash = commit.gitCommit else { continue }
            let place = "position \(commit.committedPosition ?? commit.startedPosition)"
            let found = hashes[commit.id] ?? []
            if found.contains(hash) {
                report.versions += 1
            } else if let other = found.first {
                report.add(
                    "dataset",
                    place,
                    "dataset version \(commit.id) is git commit \(other), the log says \(hash)"
                )
            } else {
                report.add(
                    "dataset",
                    place,
                    "git commit \(hash) of dataset version \(commit.id) is on no branch and under no tag any more"
                )
            }
        }
        let inLog = Dictionary(after.map { ($0.id, $0) }) { first, _ in first }
        for version in inGit where !accepted.cover(version) {
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
