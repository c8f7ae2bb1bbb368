package import EventLog
package import Events
import Files
package import Projections
import Synchronization

/// Finds the object that brings the agent down: what is in flight is named by empty files, which outlive a killed agent.
///
/// The next agent finds the names and records a `StageFailed` under the reason `agent-died` for each. An item that was in
/// flight when an agent died is worked on again alone among its like, so that the one that is to blame is in flight with
/// ever fewer others; after `limit` deaths in a row it is given up. Nothing here is synced: a machine that loses its power
/// says nothing about an object.
package final class CrashWatch: Sendable {
    /// So many agents in a row.
    package static let limit = 3
    /// The name of the mark of an agent that was ended from outside; no item's name is without a space.
    private static let endedBySignal = "ended-by-signal"
    /// How long an item is left alone after the n-th death: its neighbours go first.
    private static let waits = RetryPolicy(base: .seconds(1), cap: .seconds(60))

    private let directory: String
    /// The one item that is suspected and in flight.
    private let suspect = Mutex<String?>(nil)

    /// Makes the directory where it is missing.
    package init(directory: String) throws {
        self.directory = directory
        try createDirectories(directory)
    }

    /// Whether an item may begin now; one that is suspected only when no other is in flight.
    package func admit(_ item: WorkItem) -> Bool {
        guard item.crashes > 0 else { return true }
        return suspect.withLock { suspect in
            guard suspect == nil else { return false }
            suspect = name(item)
            return true
        }
    }

    /// Whether an item was in flight at the end of too many agents.
    package func isToBlame(_ item: WorkItem) -> Bool { item.crashes >= Self.limit }

    package func began(_ item: WorkItem) {
        // Without it a death is not counted, and no more.
        _ = try? writeNew([], to: "\(directory)/\(name(item))", mode: 0o600, synchronized: false)
    }

    package func ended(_ item: WorkItem) {
        _ = try? removeFile("\(directory)/\(name(item))")
        withdraw(item)
    }

    /// An item that was admitted does not begin.
    package func withdraw(_ item: WorkItem) {
        suspect.withLock { if $0 == name(item) { $0 = nil } }
    }

    /// Notes that somebody ends the agent at once: what is in flight then is not to blame.
    ///
    /// It is one mark, since other threads begin items until the very end.
    package func noteEndBySignal() {
        _ = try? writeNew([], to: "\(directory)/\(Self.endedBySignal)", mode: 0o600, synchronized: false)
    }

    private func name(_ item: WorkItem) -> String { "\(item.stage) \(item.item)" }

    /// Records what was in flight when the agent before died; nothing where a signal ended it.
    ///
    /// - Parameter previousStart: the position of that agent's `AgentStarted`: what was recorded since then is a death in a
    ///   row with this one.
    package func recordDeaths(
        in log: EventLog,
        work: WorkList,
        previousStart: Int,
        time: any TimeSource
    ) async throws {
        let names = try listDirectory(directory).compactMap(\.name)
        // Removed first: a death that is not counted is better than one that is counted twice.
        for name in names { _ = try removeFile("\(directory)/\(name)") }
        guard !names.contains(Self.endedBySignal) else { return }
        var events: [ProposedEvent] = []
        for name in names.sorted() {
            let parts = name.split(separator: " ", maxSplits: 1).map(String.init)
            // What was finished and not crossed off is on no list any more.
            guard parts.count == 2, let item = try await work.item(parts[0], parts[1]) else { continue }
            let isInARow = item.crashPosition.map { $0 > previousStart } ?? false
            let deaths = isInARow ? item.crashes + 1 : 1
            let event = StageFailed(
                stage: item.stage,
                item: item.item,
                attempt: deaths,
                reason: StageFailed.agentDied,
                message: "the agent died while it worked on this (\(deaths) in a row); it is tried again alone",
                nextAttemptAt: time.now()
                    + max(Self.waits.wait(afterAttempt: deaths), deaths > 1 ? .seconds(5) : .zero)
            )
            events.append(ProposedEvent(event, stream: .agent, cause: .event(item.position)))
        }
        try await log.append(events)
    }
}
