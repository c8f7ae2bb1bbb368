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
            let stuck = try await StuckWork.find(agent, attempts: Self.patience, since: failedBefore)
            var left = try await moves(stuck)
            if !left {
                // Who asked to be left alone may mean a day; the log need not have a pause for it, if one was told just now.
                let endpoints = agent.settings.endpoints.map(\.name).filter { !agent.notifying.leavesAlone($0) }
                left = try await work.hasNotification(for: endpoints, dueAt: start)
            }
            if isCaughtUp, !left { return stuck }
            try await agent.projector.waitForChange(after: changes)
        }
    }

    /// Whether anything but notifications can go on.
    func moves(_ stuck: [StuckWork]) async throws -> Bool {
        let work = WorkList(agent.projector.database)
        func stuckItems(_ stage: String) -> Int {
            let ofStage = stuck.filter { $0.stage == stage }
            return ofStage.contains { $0.item == nil } ? .max : ofStage.reduce(0) { $0 + $1.waiting }
        }
        var moving = try await counts(work).filter { $0.stage != "notifying" && $0.waiting > stuckItems($0.stage) }
        // A generation is not cut over while some of it is still to come.
        if stuck.contains(where: { $0.stage == "rederiving" }) { moving.removeAll { $0.stage == "cutting-over" } }
        guard moving.map(\.stage) == ["versioning"],
            stuck.contains(where: { ["fetching", "tiling"].contains($0.stage) })
        else { return !moving.isEmpty }
        // A version is not made while its images are still to come.
        return try await moving[0].waiting > stuckItems("versioning") + work.unfinishedPartitions()
    }

    private func counts(_ work: WorkList) async throws -> [WorkCount] {
        var counts = try await work.counts().filter { stages?.contains($0.stage) ?? true }
        if commitsByHand, try await !agent.catalog.isCommitUnderWay() {
            counts.removeAll { $0.stage == "versioning" }
        }
        return counts
    }
}
