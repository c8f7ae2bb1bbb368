import AgentServer
import Intake
import ObjectStores
import ServiceLifecycle

/// What tells of a bucket's objects beside its listing: a queue, and pushes over HTTP.
struct Announcers {
    let agent: Agent
    let intake: ObservationIntake
    /// The source's name in status.
    let source: String

    /// The services that the settings ask for.
    func services() throws -> [any Service] {
        var services: [any Service] = []
        let settings = agent.settings.sources
        if let port = settings.httpPort {
            let server = ServerSettings(
                host: settings.httpHost,
                port: port,
                token: settings.httpToken.flatMap { ServerToken($0) }
            )
            services.append(AgentServer(server, logger: agent.logger, observe: { try await self.take($0, .push) }))
        }
        return services
    }

    /// Records what was told, once there is room for the work that follows.
    private func take(_ batch: NoticeBatch, _ announcer: Announcer) async throws -> ObservationOutcome {
        try await agent.room.wait(source)
        return try await intake.take(batch.records, from: announcer)
    }
}
