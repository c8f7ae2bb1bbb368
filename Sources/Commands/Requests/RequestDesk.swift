import EventLog
import Events
import Files
import Imaging
import Logging
import Projections
import ServiceLifecycle
import Stages

/// Takes what operators ask for while the agent runs, and appends it.
struct RequestDesk: Service {
    static let suffix = ".request"
    static let refusedSuffix = ".refused"
    let log: EventLog
    let catalog: CatalogReader
    let paths: StorePaths
    let logger: Logger

    /// The names of the requests that nobody has taken yet, oldest first.
    static func untaken(in paths: StorePaths) throws -> [String] {
        guard try fileInfo(paths.requests) != nil else { return [] }
        return try listDirectory(paths.requests).compactMap(\.name).filter { $0.hasSuffix(suffix) }
    }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var untakeable: Set<String> = []
                while true {
                    await takeAll(&untakeable)
                    try await Task.sleep(for: .milliseconds(500))
                }
            }
        } catch is CancellationError {}
    }

    /// Takes what is there, in its order; what can't be taken holds up nothing else, and is told of once.
    private func takeAll(_ untakeable: inout Set<String>) async {
        do {
            let names = try Self.untaken(in: paths)
            untakeable.formIntersection(names + [paths.requests])
            for name in names {
                do {
                    try await take(name)
                    untakeable.remove(name)
                } catch {
                    warn(of: name, error, &untakeable)
                }
            }
        } catch {
            warn(of: paths.requests, error, &untakeable)
        }
    }

    private func warn(of name: String, _ error: any Error, _ untakeable: inout Set<String>) {
        guard untakeable.insert(name).inserted else { return }
        logger.warning("A request could not be taken.", metadata: ["request": "\(name)", "reason": "\(error)"])
    }

    private func take(_ name: String) async throws {
        let path = "\(paths.requests)/\(name)"
        do {
            try await log.append(try await events(in: readFile(path), name: name))
        } catch let error as EventError {
            try refuse(path, error.message)
        } catch let error as EventLogError where error.code == .badEvent {
            try refuse(path, error.message)
        }
        // Only now: an agent that is killed before finds it again, and records nothing twice.
        try removeFile(path)
    }

    private func refuse(_ path: String, _ why: String) throws {
        logger.warning("A request is refused.", metadata: ["request": "\(path)", "reason": "\(why)"])
        try writeAtomically(Array(why.utf8), to: path + Self.refusedSuffix, mode: 0o600)
    }

    private func events(in bytes: [UInt8], name: String) async throws -> [ProposedEvent] {
        var events: [ProposedEvent] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let json = try JSONObject(Array(line))
            let id = EventID(derivedFrom: name, String(index))
            let (event, stream) = try event(json, id: id)
            guard try await knows(stream) || Self.mayBeFirst(event.type) else {
                throw EventLogError(.badEvent, "the store knows nothing of \(stream.text)")
            }
            events.append(event)
        }
        return events
    }

    /// Whether a stream may begin with such an event: a generation with its request, and what is found damaged may be of a
    /// partition that has no version yet.
    private static func mayBeFirst(_ type: String) -> Bool {
        [EventType.artifactDamaged, .artifactVerified, .reprocessRequested].map(\.rawValue).contains(type)
    }

    /// Refuses a recipe that this agent can't cut by, as one of another version would ask for.
    private func check(_ recipe: Recipe, _ digest: Digest) throws {
        let settings: TilingSettings
        do {
            settings = try TilingSettings(values: recipe.settings)
        } catch {
            throw EventLogError(.badEvent, "the recipe is not of this agent: \(error.message)")
        }
        guard recipe.engineRevision == Imaging.engineRevision, settings.values == recipe.settings,
            recipe.digest == digest
        else {
            let own = Imaging.engineRevision
            throw EventLogError(
                .badEvent,
                "the recipe is of imaging engine \(recipe.engineRevision), and the agent's is \(own): use one version of both"
            )
        }
    }

    private func knows(_ stream: StreamName) async throws -> Bool {
        // A partition has no event of its own before its first version.
        if case .dataset(let partition) = stream { return try await catalog.partition(partition) != nil }
        return try await log.revision(of: stream) > 0
    }

    /// What may be asked for; all else is refused.
    private func event(_ json: JSONObject, id: EventID) throws -> (ProposedEvent, StreamName) {
        let (type, text) = (try json.string("type"), try json.string("stream"))
        let payload = try json.object("payload")
        let subject = StreamName.id(of: text)
        func proposed(_ payload: some EventPayload, _ stream: StreamName) throws -> (ProposedEvent, StreamName) {
            guard stream.text == text else {
                throw EventLogError(.badEvent, "\(type) does not belong to \(text)")
            }
            return (ProposedEvent(payload, stream: stream, id: id), stream)
        }
        switch EventType(rawValue: type) {
        case .objectReleased:
            return try proposed(try ObjectReleased(from: payload), .object(subject))
        case .objectDismissed where text.hasPrefix("notice/"):
            return try proposed(try ObjectDismissed(from: payload), .notice(subject))
        case .objectDismissed:
            return try proposed(try ObjectDismissed(from: payload), .object(subject))
        case .redeliveryRequested:
            return try proposed(try RedeliveryRequested(from: payload), .notification(subject))
        case .commitRequested:
            return try proposed(try CommitRequested(from: payload), .dataset(subject))
        case .reprocessRequested:
            let requested = try ReprocessRequested(from: payload)
            try check(requested.recipe, requested.digest)
            return try proposed(requested, .generation(subject))
        case .reprocessCancelled:
            return try proposed(try ReprocessCancelled(from: payload), .generation(subject))
        case .recipeAdopted:
            let adopted = try RecipeAdopted(from: payload)
            try check(adopted.recipe, adopted.digest)
            return try proposed(adopted, .recipe)
        case .endpointAdopted:
            return try proposed(try EndpointAdopted(from: payload), .endpoint(subject))
        case .artifactDamaged:
            return try proposed(try ArtifactDamaged(from: payload), .dataset(try payload.string("partition")))
        case .artifactVerified:
            return try proposed(try ArtifactVerified(from: payload), .dataset(try payload.string("partition")))
        case .restoreAccepted:
            return try proposed(try RestoreAccepted(from: payload), .agent)
        case .auditCompleted:
            return try proposed(try AuditCompleted(from: payload), .agent)
        default:
            throw EventLogError(.badEvent, "\(type) can't be asked for")
        }
    }
}
