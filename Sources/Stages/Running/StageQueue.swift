package import EventLog
package import Events
package import Projections

/// What waits for one stage, and for how long.
package struct StageQueue: Sendable, Equatable {
    package let stage: String
    package let waiting: Int
    /// Those of them that have failed and wait for their next attempt.
    package let failing: Int
    /// The position of the event that asked for the oldest; nil when nothing waits.
    package let oldestPosition: Int?
    /// How long that one has waited; never less than nothing, though clocks are set back.
    package let oldestAge: Duration?

    /// The queues of these stages, in their order; also those in which nothing waits.
    package static func read(
        _ stages: [String],
        work: WorkList,
        log: EventLog,
        now: Timestamp
    ) async throws -> [StageQueue] {
        let counts = Dictionary(try await work.counts().map { ($0.stage, $0) }) { first, _ in first }
        var queues: [StageQueue] = []
        for stage in stages {
            let count = counts[stage]
            var age: Duration?
            if let oldest = count?.oldestPosition, let event = try await log.event(at: oldest) {
                age = max(.zero, now - event.recordedAt)
            }
            queues.append(
                StageQueue(
                    stage: stage,
                    waiting: count?.waiting ?? 0,
                    failing: count?.failing ?? 0,
                    oldestPosition: count?.oldestPosition,
                    oldestAge: age
                )
            )
        }
        return queues
    }
}
