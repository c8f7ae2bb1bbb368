package import Events
package import GRDB

/// Turns the log into run events of OpenLineage: the agent's runs, and in them each derivation and each dataset version.
///
/// It reads the events in order and remembers the runs under way alone. A run has one START and one COMPLETE, FAIL or
/// ABORT: a derivation that outlives the agent that began it is one run all the same, and an agent that died ends with the
/// start of the next.
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
        EventType.objectQuarantined.rawValue,
        EventType.datasetCommitStarted.rawValue, EventType.datasetCommitted.rawValue,
    ]

    private let database: any DatabaseReader
    private let vocabulary: OpenLineageVocabulary
    private var agent: OpenLineageRun?
    private var derivations: [String: OpenLineageRun] = [:]
    private var versions: [String: OpenLineageRun] = [:]

    /// - Parameters:
    ///   - database: the catalog's tables.
    ///   - namespace: of the jobs and of the dataset's partitions.
    ///   - version: of this program.
    package init(database: any DatabaseReader, namespace: String, version: String) {
        self.database = database
        vocabulary = OpenLineageVocabulary(namespace: namespace, version: version)
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

    private typealias Change = (state: OpenLineageState, run: OpenLineageRun)

    private mutating func changes(_ event: RecordedEvent) async throws -> [Change] {
        let id = StreamName.id(of: event.stream)
        switch EventType(rawValue: event.type) {
        case .agentStarted: return startAgent(try event.decode(), event)
        case .agentStopped: return endAgent(.complete)
        case .derivationStarted: return try await startDerivation(id, try event.decode(), event)
        case .derivationCompleted: return try await completeDerivation(id, try event.decode(), event)
        case .derivationFailed:
            let failed = try event.decode(DerivationFailed.self)
            return Self.end(&derivations, id, .fail("\(failed.reason): \(failed.message)"))
        case .objectQuarantined:
            let quarantined = try event.decode(ObjectQuarantined.self)
            let hit = derivations.filter { $0.value.object == id }.keys.sorted()
            return hit.flatMap { Self.end(&derivations, $0, .fail("\(quarantined.reason): \(quarantined.message)")) }
        case .datasetCommitStarted: return startVersion(try event.decode(), event)
        case .datasetCommitted: return completeVersion(try event.decode())
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
        return agent.map { [(state, $0)] } ?? []
    }

    private mutating func startDerivation(
        _ id: String,
        _ started: DerivationStarted,
        _ event: RecordedEvent
    ) async throws -> [Change] {
        let run = try await derivation(of: started.object, started.sourceSHA256, event)
        derivations[id] = run
        return [(.start, run)]
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

    /// One that had failed and was tried again has no start of its own in the log.
    private mutating func completeDerivation(
        _ id: String,
        _ completed: DerivationCompleted,
        _ event: RecordedEvent
    ) async throws -> [Change] {
        var changes: [Change] = []
        if derivations[id] == nil,
            let object = try await OpenLineagePlace.object(of: completed.sourceSHA256, in: database)
        {
            let run = try await derivation(of: object, completed.sourceSHA256, event)
            derivations[id] = run
            changes.append((.start, run))
        }
        if let partition = derivations[id]?.partition {
            let statistics = OpenLineageStatistics(files: completed.tiles, bytes: completed.tileBytes)
            derivations[id]?.outputs = [vocabulary.partition(partition, version: id, statistics: statistics)]
        }
        return changes + Self.end(&derivations, id, .complete)
    }

    private mutating func startVersion(_ started: DatasetCommitStarted, _ event: RecordedEvent) -> [Change] {
        let before = Self.end(&versions, started.partition, .abort)
        var run = OpenLineageRun("versioning", event, parent: agent)
        run.statistics = OpenLineageStatistics(files: started.files, bytes: started.bytes)
        run.inputs = [vocabulary.partition(started.partition, version: started.previous, statistics: nil)]
        run.outputs = [vocabulary.partition(started.partition, version: started.manifest, statistics: nil)]
        versions[started.partition] = run
        return before + [(.start, run)]
    }

    private mutating func completeVersion(_ committed: DatasetCommitted) -> [Change] {
        let output = vocabulary.partition(
            committed.partition,
            version: committed.gitCommit,
            statistics: versions[committed.partition]?.statistics
        )
        versions[committed.partition]?.outputs = [output]
        return Self.end(&versions, committed.partition, .complete)
    }

    private static func end(
        _ runs: inout [String: OpenLineageRun],
        _ key: String,
        _ state: OpenLineageState
    ) -> [Change] {
        runs.removeValue(forKey: key).map { [(state, $0)] } ?? []
    }
}
