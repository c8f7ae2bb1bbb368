import EventLog
import Events
import Projections
import Stages

/// What a one-shot run still has to do.
struct LeftWork {
    let agent: Agent
    /// Whether only those partitions are committed that somebody asks for: the others wait for the hand.
    let commitsByHand: Bool
    /// The stages that do something in this run; nil for all.
    var stages: Set<String>?

    /// Attempts after which work that never gives up is left to the next run: somebody has to do something first.
    private static let patience = 3

    /// Returns when nothing is left to do but to repeat what failed: notifications that are due now are tried once, dataset
    /// versions and pushes some times.
    ///
    /// - Returns: what can't be done before somebody does something.
    func wait() async throws -> [StuckWork] {
        let work = WorkList(agent.projector.database)
        let start = SystemTime().now()
        let failedBefore = try await StuckWork.failing(agent)
        while true {
            let changes = agent.projector.changeCount
            let isCaughtUp = try await agent.catalog.position() >= agent.log.headPosition
            let counts = try await counts(work)
            let stuck = try await StuckWork.find(agent, attempts: Self.patience, since: failedBefore)
            var left = counts.contains { count in
                count.stage != "notifying"
                    && !stuck.contains { $0.stage == count.stage && ($0.item == nil || $0.waiting == count.waiting) }
            }
            if !left {
                // Who asked to be left alone may mean a day; the log need not have a pause for it, if one was told just now.
                let endpoints = agent.settings.endpoints.map(\.name).filter { !agent.notifying.leavesAlone($0) }
                left = try await work.hasNotification(for: endpoints, dueAt: start)
            }
            if isCaughtUp, !left { return stuck }
            try await agent.projector.waitForChange(after: changes)
        }
    }

    private func counts(_ work: WorkList) async throws -> [WorkCount] {
        var counts = try await work.counts().filter { stages?.contains($0.stage) ?? true }
        if commitsByHand, try await !agent.catalog.isCommitUnderWay() {
            counts.removeAll { $0.stage == "versioning" }
        }
        return counts
    }
}
