import Projections
import Stages

/// Work that fails again and again until somebody does something: what a one-shot run leaves to the next one.
struct StuckWork: Sendable {
    let stage: String
    /// The item, or the source that nothing can be had from; nil where the whole stage is paused.
    let item: String?
    let reason: String
    let message: String
    /// How many items of the stage are stuck by this.
    var waiting = 1

    /// Stages that never give an item up.
    private static let patientStages: Set<String> = ["versioning", "pushing", "sharing"]

    /// How often a source is asked that does not answer: for some minutes, as it may come back.
    private static let silentRounds = 10

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
            + (try await sources(agent, attempts: attempts))
            + items.map { item in
                StuckWork(stage: item.stage, item: item.item, reason: item.reason ?? "", message: item.message ?? "")
            }
    }

    /// The sources that refuse all that they are asked for, or do not answer.
    private static func sources(_ agent: Agent, attempts: Int) async throws -> [StuckWork] {
        var stuck: [StuckWork] = []
        for stage in agent.stages {
            for (source, outage) in stage.outages.sorted(by: { $0.key < $1.key })
            where outage.rounds >= (outage.isRefusal ? attempts : silentRounds) {
                let waiting = try await stage.waiting(for: source)
                guard waiting > 0 else { continue }
                let failure = outage.failure
                stuck.append(
                    StuckWork(
                        stage: stage.name,
                        item: source,
                        reason: failure.reason,
                        message: failure.message,
                        waiting: waiting
                    )
                )
            }
        }
        return stuck
    }
}
