import EventLog
import Events
import Projections

/// Writes what a notification says: a CloudEvent in structured JSON (CloudEvents 1.0.2, JSON event format).
///
/// The catalog's page <doc:Notifications> has a JSON Schema for each type's data.
struct NotificationWriter {
    let log: EventLog
    let catalog: CatalogReader
    let repository: String

    func notification(
        of event: RecordedEvent,
        id: String,
        endpoint: String,
        sequence: Int
    ) async throws -> NotificationQueued {
        let content = try await content(of: event)
        let body = CanonicalJSON {
            $0.set("specversion", "1.0")
            $0.set("id", id)
            $0.set("type", content.kind.rawValue)
            $0.set("source", "swathlog/dataset")
            $0.set("subject", content.subject)
            $0.set("time", event.recordedAt.description)
            $0.set("datacontenttype", "application/json")
            $0.set("sequence", Self.ordered(sequence))
            $0.set("data", content.data)
        }
        return NotificationQueued(
            id: id,
            endpoint: endpoint,
            kind: content.kind.rawValue,
            subject: content.about,
            body: body.text,
            sequence: sequence,
            partition: content.partition
        )
    }

    /// As text that sorts as the numbers do (CloudEvents, extension "sequence").
    static func ordered(_ sequence: Int) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    private struct Content {
        let kind: NotificationKind
        /// CloudEvents' subject: a partition, a key, a source.
        let subject: String
        /// What the log's readers find it by.
        let about: String
        let partition: String?
        let data: CanonicalJSON
    }

    private func content(of event: RecordedEvent) async throws -> Content {
        switch EventType(rawValue: event.type) {
        case .datasetCommitted: try await committed(try event.decode(), event)
        case .datasetPushed: try await pushed(try event.decode(), event)
        case .datasetRebased: try await rebased(try event.decode(), event)
        case .objectQuarantined: try await quarantined(try event.decode(), event)
        case .generationCutOver: try cutOver(try event.decode(), event)
        case .stageFailed: try sourceDown(try event.decode(), event)
        case .stageResumed: try sourceRecovered(try event.decode(), event)
        case .auditCompleted: try auditFailed(try event.decode(), event)
        default: throw StageFailure(.passing, "unknown-notification", "\(event.type) is nothing that is told of")
        }
    }

    private func commit(_ id: String) async throws -> CatalogCommit {
        guard let commit = try await catalog.commit(id) else {
            throw StageFailure(.passing, "unknown-commit", "the catalog has no dataset version \(id)")
        }
        return commit
    }

    private func committed(_ committed: DatasetCommitted, _ event: RecordedEvent) async throws -> Content {
        let commit = try await commit(committed.commitID)
        let checkpoint = try await log.checkpoint(of: TreeHead(size: committed.logSize, root: committed.logRoot))
        let data = CanonicalJSON {
            $0.set("repository", repository)
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
            $0.set("position", event.position)
            $0.set("log_size", committed.logSize)
            $0.set("log_root", committed.logRoot)
            $0.set("log_checkpoint", checkpoint?.text)
        }
        return Content(
            kind: .datasetCommitted,
            subject: commit.partition,
            about: commit.id,
            partition: commit.partition,
            data: data
        )
    }

    private func pushed(_ pushed: DatasetPushed, _ event: RecordedEvent) async throws -> Content {
        let commit = try await commit(pushed.commitID)
        let data = CanonicalJSON {
            $0.set("repository", repository)
            $0.set("partition", pushed.partition)
            $0.set("commit_id", pushed.commitID)
            $0.set("git_commit", commit.gitCommit)
            $0.set("manifest", pushed.manifest)
            $0.set("remote", pushed.remote)
            $0.set("objects_sent", pushed.objectsSent)
            $0.set("bytes_sent", pushed.bytesSent)
            $0.set("position", event.position)
        }
        return Content(
            kind: .datasetPushed,
            subject: pushed.partition,
            about: pushed.commitID,
            partition: pushed.partition,
            data: data
        )
    }

    private func rebased(_ rebased: DatasetRebased, _ event: RecordedEvent) async throws -> Content {
        let commit = try await commit(rebased.commitID)
        let data = CanonicalJSON {
            $0.set("repository", repository)
            $0.set("partition", rebased.partition)
            $0.set("commit_id", rebased.commitID)
            $0.set("git_commit", rebased.gitCommit)
            $0.set("previous_commit", rebased.previousCommit)
            $0.set("manifest", commit.manifest)
            $0.set("git_remote", commit.gitRemote)
            $0.set("git_branch", commit.gitBranch)
            $0.set("position", event.position)
        }
        return Content(
            kind: .datasetRebased,
            subject: rebased.partition,
            about: rebased.commitID,
            partition: rebased.partition,
            data: data
        )
    }

    private func quarantined(_ quarantined: ObjectQuarantined, _ event: RecordedEvent) async throws -> Content {
        let id = StreamName.id(of: event.stream)
        let object = try await catalog.object(id)
        let partition = try await catalog.partition(ofObject: id)
        let data = CanonicalJSON {
            $0.set("object", id)
            $0.set("source", object?.source)
            $0.set("bucket", object?.bucket)
            $0.set("key", object?.key)
            $0.set("version", object?.version)
            $0.set("partition", partition)
            $0.set("stage", quarantined.stage)
            $0.set("reason", quarantined.reason)
            $0.set("message", quarantined.message)
            $0.set("position", event.position)
        }
        return Content(
            kind: .objectQuarantined,
            subject: object?.key ?? id,
            about: id,
            partition: partition,
            data: data
        )
    }

    private func cutOver(_ cutOver: GenerationCutOver, _ event: RecordedEvent) throws -> Content {
        let generation = StreamName.id(of: event.stream)
        let data = CanonicalJSON {
            $0.set("repository", repository)
            $0.set("generation", generation)
            $0.set("recipe", cutOver.recipe)
            $0.set("previous_recipe", cutOver.previous)
            $0.set("partitions", cutOver.partitions)
            $0.set("objects", cutOver.objects)
            $0.set("tiles", cutOver.tiles)
            $0.set("failed", cutOver.failed)
            $0.set("position", event.position)
        }
        return Content(
            kind: .generationCutOver,
            subject: generation,
            about: generation,
            partition: nil,
            data: data
        )
    }

    private func sourceDown(_ failed: StageFailed, _ event: RecordedEvent) throws -> Content {
        let source = SourceName.of(stage: failed.stage) ?? failed.stage
        let data = CanonicalJSON {
            $0.set("source", source)
            $0.set("activity", activity(failed.stage))
            $0.set("reason", failed.reason)
            $0.set("message", failed.message)
            $0.set("next_attempt_at", failed.nextAttemptAt.description)
            $0.set("position", event.position)
        }
        return Content(kind: .sourceDown, subject: source, about: source, partition: nil, data: data)
    }

    private func sourceRecovered(_ resumed: StageResumed, _ event: RecordedEvent) throws -> Content {
        let source = SourceName.of(stage: resumed.stage) ?? resumed.stage
        let data = CanonicalJSON {
            $0.set("source", source)
            $0.set("activity", activity(resumed.stage))
            $0.set("position", event.position)
        }
        return Content(kind: .sourceRecovered, subject: source, about: source, partition: nil, data: data)
    }

    /// The word before a source's name.
    private func activity(_ stage: String) -> String { String(stage.prefix { $0 != " " }) }

    private func auditFailed(_ audit: AuditCompleted, _ event: RecordedEvent) throws -> Content {
        let data = CanonicalJSON {
            $0.set("repository", repository)
            $0.set("log_size", audit.events)
            $0.set("log_root", audit.root)
            $0.set("artifacts", audit.artifacts)
            $0.set("remote", audit.remote)
            $0.set("damages", audit.damages)
            $0.set("damage", audit.damage.map(\.json))
            $0.set("position", event.position)
        }
        return Content(kind: .auditFailed, subject: "log", about: "log", partition: nil, data: data)
    }
}
