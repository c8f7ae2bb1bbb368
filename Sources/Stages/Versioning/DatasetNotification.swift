import Events
import Projections

/// The notification of one dataset version: a CloudEvent in structured JSON (CloudEvents 1.0.2, JSON event format).
struct DatasetNotification {
    static let kind = "swathlog.dataset.committed"

    let commit: CatalogCommit
    let committed: DatasetCommitted
    /// Absolute path of the dataset's repository.
    let store: String
    let time: Timestamp

    func queued(for endpoint: WebhookEndpoint) -> NotificationQueued {
        let id = Identity.notification(commit: commit.id, endpoint: endpoint.url)
        return NotificationQueued(
            id: id,
            endpoint: endpoint.url,
            kind: Self.kind,
            subject: commit.id,
            body: event(id).text
        )
    }

    private func event(_ id: String) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("specversion", "1.0")
            $0.set("id", id)
            $0.set("type", Self.kind)
            $0.set("source", "swathlog/dataset")
            $0.set("subject", commit.partition)
            $0.set("time", time.description)
            $0.set("datacontenttype", "application/json")
            $0.set("data", data)
        }
    }

    private var data: CanonicalJSON {
        CanonicalJSON {
            $0.set("repository", store)
            $0.set("partition", commit.partition)
            $0.set("commit_id", commit.id)
            $0.set("git_commit", committed.gitCommit)
            $0.set("pointer", committed.pointer)
            $0.set("manifest", commit.manifest)
            $0.set("recipe", commit.recipe)
            $0.set("files", commit.files)
            $0.set("bytes", commit.bytes)
            $0.set("added", commit.added)
            $0.set("changed", commit.changed)
            $0.set("removed", commit.removed)
            $0.set("from_position", commit.fromPosition)
            $0.set("through_position", commit.throughPosition)
            $0.set("log_size", committed.logSize)
            $0.set("log_root", committed.logRoot)
        }
    }
}
