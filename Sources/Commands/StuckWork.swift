import Projections
import Stages

/// Work that fails again and again until somebody does something: what a one-shot run leaves to the next one.
struct StuckWork: Sendable {
    let stage: String
    /// Nil where the whole stage is paused.
    let item: String?
    let reason: String
    let message: String
    /// How much of the stage's work is stuck like this.
    var waiting = 0

    /// Stages that never give an item up.
    private static let patientStages: Set<String> = ["versioning", "pushing", "sharing"]

    /// All work of patient stages that has failed.
    static func failing(_ agent: Agent) async throws -> [WorkItem] {
        try await WorkList(agent.projector.database).failing(limit: .max).filter { patientStages.contains($0.stage) }
    }

    /// What has failed `attempts` times or more since the run began, for a reason that does not pass by itself: a full disk
    /// may.
    ///
    /// - Parameter before: what had failed when the run began.
    static func find(_ agent: Agent, attempts: Int, since before: [WorkItem]) async throws -> [StuckWork] {
        let items = try await failing(agent).filter { item in
            let old = before.first { $0.stage == item.stage && $0.item == item.item }?.attempts ?? 0
            return item.attempts - old >= attempts
        }
        let stages = agent.stages.compactMap { stage in
            stage.pause.map { (stage.name, $0) }
        }.filter { $0.1.attempt >= attempts && $0.1.reason != "disk-full" }
        return stages.map { StuckWork(stage: $0, item: nil, reason: $1.reason, message: $1.message) }
            + items.map { item in
                StuckWork(
                    stage: item.stage,
                    item: item.item,
                    reason: item.reason ?? "",
                    message: item.message ?? "",
                    waiting: items.count(where: { $0.stage == item.stage })
                )
            }
    }
}
