import Events
import TestSupport

/// A long history that a seed gives: what stages would append, in any order that they could.
struct RandomHistory {
    private var random: SeededGenerator
    private var objects: [ObjectObserved] = []
    private var contents: [String: String] = [:]
    private var recipe = 512
    private var commits = 0
    private var generations: [(id: String, size: Int)] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func events(_ count: Int) -> [ProposedEvent] {
        var events = [Happening.adopted(recipe)]
        while events.count < count { events += next(position: events.count) }
        return events
    }

    private mutating func next(position: Int) -> [ProposedEvent] {
        let object = objects.randomElement(using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5: return [observe()]
        case 5..<9: return object.map { [fetch($0)] } ?? []
        case 9..<14:
            return object.flatMap { contents[$0.objectID] }.map { Happening.derived($0, recipe) } ?? []
        case 14:
            return object.map { [Happening.removed($0, Bool.random(using: &random) ? "keep" : "withdraw")] }
                ?? []
        case 15: return object.map { [Happening.quarantined($0)] } ?? []
        case 16:
            recipe = [256, 512, 1_024].randomElement(using: &random) ?? 512
            return [Happening.adopted(recipe)]
        case 17: return generation()
        case 18: return commit(through: position)
        default: return [agent(object)]
        }
    }

    /// Asks for a generation, or ends one that was asked for, the one under way or not.
    private mutating func generation() -> [ProposedEvent] {
        let size = [256, 512, 1_024].randomElement(using: &random) ?? 512
        guard Int.random(in: 0..<3, using: &random) > 0, let ended = generations.randomElement(using: &random) else {
            generations.append(("g\(generations.count)", size))
            return [
                Happening.requested(
                    "g\(generations.count - 1)",
                    size,
                    partitions: Bool.random(using: &random) ? [] : ["a"],
                    isIncremental: Bool.random(using: &random)
                )
            ]
        }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return [Happening.cancelled(ended.id)]
        case 1:
            return [ProposedEvent(GenerationSwept(files: 0, bytes: 0), stream: .generation(ended.id))]
        default:
            let contents = Set(contents.values).sorted().shuffled(using: &random).prefix(3)
            return contents.flatMap { Happening.derived($0, ended.size) } + [Happening.cutOver(ended.id, ended.size)]
        }
    }

    private mutating func observe() -> ProposedEvent {
        let key =
            "\(["a", "b", "a b"].randomElement(using: &random) ?? "a")/\(Int.random(in: 0..<40, using: &random)).jpg"
        let bucket = ["/srv/one", "/srv/two"].randomElement(using: &random) ?? "/srv/one"
        let object = Happening.object(
            key,
            Int.random(in: 1...4, using: &random),
            bucket: bucket,
            isLate: Int.random(in: 0..<5, using: &random) == 0
        )
        objects.append(object)
        return Happening.observed(object)
    }

    private mutating func fetch(_ object: ObjectObserved) -> ProposedEvent {
        let content = contents[object.objectID] ?? "content \(Int.random(in: 0..<60, using: &random))"
        contents[object.objectID] = content
        return Happening.fetched(object, content)
    }

    private mutating func commit(through position: Int) -> [ProposedEvent] {
        commits += 1
        let id = "c\(commits)"
        var events = [Happening.commitStarted(id, "a", recipe, through: position)]
        if Bool.random(using: &random) {
            events += [Happening.committed(id, "a"), Happening.pushed(id, "a")]
        }
        let notification = StreamName.notification("n-\(id)")
        events += [
            ProposedEvent(
                NotificationQueued(id: "n-\(id)", endpoint: "e", kind: "k", subject: id, body: "{}"),
                stream: notification
            ),
            ProposedEvent(
                NotificationAttempted(attempt: 1, status: 503, error: nil, seconds: 1),
                stream: notification
            ),
            Bool.random(using: &random)
                ? ProposedEvent(NotificationDelivered(attempt: 2), stream: notification)
                : ProposedEvent(NotificationAbandoned(attempts: 2, reason: "r"), stream: notification),
        ]
        return events
    }

    private mutating func agent(_ object: ObjectObserved?) -> ProposedEvent {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            ProposedEvent(
                AgentStarted(version: "1", engineRevision: 1, host: "h", pid: 1, mode: "run"),
                stream: .agent
            )
        case 1:
            ProposedEvent(type: "OfTomorrow", schemaVersion: 1, payload: Array("{}".utf8), stream: "agent")
        default:
            ProposedEvent(
                StageFailed(
                    stage: "fetching",
                    item: Bool.random(using: &random) ? object?.objectID : nil,
                    attempt: 1,
                    reason: "r",
                    message: "m",
                    nextAttemptAt: Timestamp(microseconds: 5)
                ),
                stream: .agent
            )
        }
    }
}
