import Intake
import ObjectStores
import ServiceLifecycle

/// What tells of a bucket's objects beside its listing: a queue, and pushes that the agent's server takes.
struct Announcers {
    let agent: Agent
    let intake: ObservationIntake
    /// The source's name in status.
    let source: String

    /// The services that the settings ask for.
    func services() throws -> [any Service] {
        var services: [any Service] = []
        if let queue = try agent.buckets.queue() { services.append(QueueService(reading(queue), agent.board)) }
        return services
    }

    private func reading(_ queue: SQSQueue) -> QueueIntake {
        let (room, source, intake) = (agent.room, source, intake)
        return QueueIntake(
            queue: queue,
            settings: QueueIntake.Settings(pollers: agent.settings.sources.queuePollers),
            logger: agent.logger,
            gate: { try await room.wait(source) },
            record: { notices in
                _ = try await intake.take(notices.map { .success($0) }, from: .sqs)
            },
            quarantine: { malformed in
                _ = try await intake.take(malformed.map { .failure($0) }, from: .sqs)
            }
        )
    }

    /// Records what was pushed, once there is room for the work that follows.
    func take(_ batch: NoticeBatch) async throws -> ObservationOutcome {
        try await agent.room.wait(source)
        return try await intake.take(batch.records, from: .push)
    }
}
