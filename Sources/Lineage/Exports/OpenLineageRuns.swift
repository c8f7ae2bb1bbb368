package import EventLog
package import Events
package import GRDB

/// Turns the log into run events of OpenLineage: the agent's runs, and in them each derivation, each dataset version and each
/// push of one.
///
/// It reads the events in order and remembers the runs under way alone. A run has one START and one COMPLETE, FAIL or ABORT.
/// None outlives the agent that began it: what the next one goes on with, or what is tried again after it failed, is a run of
/// its own. So what is under way at a position follows from the events since the agent's start before it.
package struct OpenLineageRuns {
    /// An event of OpenLineage, and the position that it comes from.
    package struct Item: Sendable {
        package let position: Int
        package let json: CanonicalJSON
    }

    /// The types of event that say anything in it.
    package static let payloadTypes: Set<String> = [
        EventType.agentStarted.rawValue, EventType.agentStopped.rawValue, EventType.derivationStarted.rawValue,
        EventType.derivationCompleted.rawValue, EventType.derivationFailed.rawValue,
        EventType.objectQuarantined.rawValue, EventType.stageFailed.rawValue,
        EventType.datasetCommitStarted.rawValue, EventType.datasetCommitted.rawValue, EventType.datasetPushed.rawValue,
    ]

    private let database: any DatabaseReader
    private let vocabulary: OpenLineageVocabulary
    private var agent: OpenLineageRun?
    private var derivations = OpenLineageRunsUnderWay()
    /// By their partitions.
    private var versions = OpenLineageRunsUnderWay()
    /// By the ids of the versions.
    private var pushes = OpenLineageRunsUnderWay()

    /// - Parameters:
    ///   - database: the catalog's tables.
    ///   - namespace: of the jobs and of the dataset's partitions.
    ///   - version: of this program.
    package init(database: any DatabaseReader, namespace: String, version: String) {
        self.database = database
        vocabulary = OpenLineageVocabulary(namespace: namespace, version: version)
    }

    /// The position after which events have to be read to know all runs that are under way at a position: the start of the
    /// agent that ran then.
    package static func beginning(of position: Int, in log: EventLog) async throws -> Int {
        let starts = EventFilter(types: [EventType.agentStarted.rawValue], stream: StreamName.agent.text)
        var next: Int? = position + 1
        while let before = next {
            let page = try await log.page(starts, from: before, newestFirst: true, limit: 1)
            if let start = page.events.first { return start.position - 1 }
            next = page.next
        }
        return 0
    }

    /// What an event of the log says in OpenLineage's words; an event of a type or version that is not known says nothing.
    package mutating func events(of event: RecordedEvent) async throws -> [Item] {
        do {
            return try await changes(event).map {
                Item(position: event.position, json: vocabulary.event($0.state, $0.run, at: event.recordedAt))
            }
        } catch let error as EventError where error.code == .unknownEvent {
            return []
        }
    }

    private typealias Change = OpenLineageRunsUnderWay.Change

    private mutating func changes(_ event: RecordedEvent) async throws -> [Change] {
        let id = StreamName.id(of: event.stream)
        switch EventType(rawValue: event.type) {
        case .agentStarted: return startAgent(try event.decode(), event)
        case .agentStopped: return endAgent(.complete)
        case .derivationStarted:
            let started = try event.decode(DerivationStarted.self)
            return derivations.start(id, try await derivation(of: started.object, started.sourceSHA256, event))
        case .derivationCompleted: return try await completeDerivation(id, try event.decode(), event)
        case .derivationFailed:
            let failed = try event.decode(DerivationFailed.self)
            return derivations.end(id, .fail("\(failed.reason): \(failed.message)"))
        case .objectQuarantined:
            let quarantined = try event.decode(ObjectQuarantined.self)
            return derivations.end(.fail("\(quarantined.reason): \(quarantined.message)")) { $0.object == id }
        case .datasetCommitStarted:
            let started = try event.decode(DatasetCommitStarted.self)
            let run = version(started.partition, started.manifest, after: started.previous, event)
            return versions.start(started.partition, run)
        case .datasetCommitted: return try await completeVersion(try event.decode(), event)
        case .datasetPushed: return completePush(try event.decode(), event)
        case .stageFailed: return try await failStage(try event.decode(), event)
        default: return []
        }
    }

    private mutating func startAgent(_ started: AgentStarted, _ event: RecordedEvent) -> [Change] {
        let ended = endAgent(.abort)
        let run = OpenLineageRun("agent", event, parent: nil)
        agent = run
        return ended + [(.start, run)]
    }

    private mutating func endAgent(_ state: OpenLineageState) -> [Change] {
        defer { agent = nil }
        let within = derivations.end(.abort) + versions.end(.abort) + pushes.end(.abort)
        return within + (agent.map { [(state, $0)] } ?? [])
    }

    private func derivation(of object: String, _ content: Digest, _ event: RecordedEvent) async throws -> OpenLineageRun
    {
        let place = try await OpenLineagePlace.find(object: object, in: database)
        var run = OpenLineageRun("tiling", event, parent: agent)
        run.object = object
        run.inputs = place.map { [vocabulary.source($0, content: content)] } ?? []
        run.partition = place?.partition
        run.outputs = place.map { [vocabulary.partition($0.partition, version: nil, statistics: nil)] } ?? []
        return run
    }

    private mutating func completeDerivation(
        _ id: String,
        _ completed: DerivationCompleted,
        _ event: RecordedEvent
    ) async throws -> [Change] {
        var started: [Change] = []
        if derivations[id] == nil,
            let object = try await OpenLineagePlace.object(of: completed.sourceSHA256, in: database)
        {
            started = derivations.start(id, try await derivation(of: object, completed.sourceSHA256, event))
        }
        if let partition = derivations[id]?.partition {
            let statistics = OpenLineageStatistics(files: completed.tiles, bytes: completed.tileBytes)
            derivations[id]?.outputs = [vocabulary.partition(partition, version: id, statistics: statistics)]
        }
        return started + derivations.end(id, .complete)
    }

    private func version(
        _ partition: String,
        _ manifest: String?,
        after previous: String?,
        _ event: RecordedEvent
    ) -> OpenLineageRun {
        var run = OpenLineageRun("versioning", event, parent: agent)
        run.inputs = [vocabulary.partition(partition, version: previous, statistics: nil)]
        run.outputs = [vocabulary.partition(partition, version: manifest, statistics: nil)]
        return run
    }

    /// A version that is made may have to be pushed, which begins then.
    private mutating func completeVersion(
        _ committed: DatasetCommitted,
        _ event: RecordedEvent
    ) async throws -> [Change] {
        let commit = try await OpenLineageCommit.find(committed.commitID, in: database)
        var changes: [Change] = []
        if versions[committed.partition] == nil {
            let run = version(committed.partition, committed.manifest, after: commit?.previous, event)
            changes = versions.start(committed.partition, run)
        }
        versions[committed.partition]?.outputs = [
            vocabulary.partition(
                committed.partition,
                version: committed.gitCommit,
                statistics: commit.map { OpenLineageStatistics(files: $0.files, bytes: $0.bytes) }
            )
        ]
        changes += versions.end(committed.partition, .complete)
        guard let remote = commit?.remote else { return changes }
        return changes + startPush(committed.commitID, committed.partition, committed.manifest, remote, event)
    }

    private mutating func startPush(
        _ id: String,
        _ partition: String,
        _ manifest: String,
        _ remote: String,
        _ event: RecordedEvent
    ) -> [Change] {
        var run = OpenLineageRun("pushing", event, parent: agent)
        run.inputs = [vocabulary.partition(partition, version: manifest, statistics: nil)]
        run.outputs = [vocabulary.remote(remote, version: manifest, statistics: nil)]
        return pushes.start(id, run)
    }

    private mutating func completePush(_ pushed: DatasetPushed, _ event: RecordedEvent) -> [Change] {
        var started: [Change] = []
        if pushes[pushed.commitID] == nil {
            started = startPush(pushed.commitID, pushed.partition, pushed.manifest, pushed.remote, event)
        }
        let statistics = OpenLineageStatistics(files: pushed.objectsSent, bytes: pushed.bytesSent)
        pushes[pushed.commitID]?.outputs = [
            vocabulary.remote(pushed.remote, version: pushed.manifest, statistics: statistics)
        ]
        return started + pushes.end(pushed.commitID, .complete)
    }

    /// A version or a push that failed will be tried again, by a run of its own.
    private mutating func failStage(_ failed: StageFailed, _ event: RecordedEvent) async throws -> [Change] {
        let state = OpenLineageState.fail("\(failed.reason): \(failed.message)")
        switch (failed.stage, failed.item) {
        case ("versioning", let partition?):
            var started: [Change] = []
            if versions[partition] == nil {
                started = versions.start(partition, version(partition, nil, after: nil, event))
            }
            return started + versions.end(partition, state)
        case ("pushing", let id?):
            var started: [Change] = []
            if pushes[id] == nil, let commit = try await OpenLineageCommit.find(id, in: database),
                let remote = commit.remote
            {
                started = startPush(id, commit.partition, commit.manifest, remote, event)
            }
            return started + pushes.end(id, state)
        // The stage as a whole: what it was at is what met the reason.
        case ("versioning", nil): return versions.end(state)
        case ("pushing", nil): return pushes.end(state)
        default: return []
        }
    }
}
