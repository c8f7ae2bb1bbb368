import EventLog
import Events
import Logging
import ServiceLifecycle
import Stages

/// Records that a source can't be watched, and that it can be again: once each, so that who is to know is told.
///
/// What fails now and then is nobody's business: a source is down, or up again, once it has been so for `patience`.
struct OutageService: Service {
    let agent: Agent

    private static let patience = Duration.seconds(10)

    /// What is known of one source.
    private struct Seen {
        let isFailing: Bool
        let since: Timestamp
    }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                // Of a source that was down when the agent before ended it was told, not that it is back.
                var told = agent.sourcesThatWereDown
                var seen: [String: Seen] = [:]
                while true {
                    for (source, state) in agent.board.all { await look(at: source, state, &seen, &told) }
                    try await Task.sleep(for: .seconds(1))
                }
            }
        } catch is CancellationError {}
    }

    private func look(
        at source: String,
        _ state: SourceState,
        _ seen: inout [String: Seen],
        _ told: inout Set<String>
    ) async {
        // One that waits for room is not down.
        var failure: (reason: String, message: String)?
        if case .failing(let reason, let message) = state.state { failure = (reason, message) }
        let now = SystemTime().now()
        if seen[source]?.isFailing != (failure != nil) { seen[source] = Seen(isFailing: failure != nil, since: now) }
        guard let since = seen[source]?.since, now - since >= Self.patience else { return }
        if let failure, !told.contains(source) {
            let event = StageFailed(
                stage: Self.prefix + source,
                item: nil,
                attempt: 1,
                reason: failure.reason,
                message: failure.message,
                nextAttemptAt: now
            )
            if await append(event) { told.insert(source) }
        } else if failure == nil, told.contains(source) {
            if await append(StageResumed(stage: Self.prefix + source)) { told.remove(source) }
        }
    }

    /// On a full disk the log takes nothing: it is told later.
    private func append(_ payload: some EventPayload) async -> Bool {
        (try? await agent.log.append([ProposedEvent(payload, stream: .agent)])) != nil
    }

    /// What stands before a source's name in `StageFailed` and `StageResumed`.
    static let prefix = "watching "
}
