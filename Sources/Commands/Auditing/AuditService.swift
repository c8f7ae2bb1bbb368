import AgentServer
import DVC
import EventLog
import Events
import Lineage
import Logging
import Projections
import ServiceLifecycle
import Stages

/// Checks the record at an interval, and records what it finds: who is to know is told by a notification.
///
/// It recomputes the log's tree and compares it with its checkpoints, git and the dataset's versions. Files are not hashed:
/// that reads all of the disk, and is for `swathlog audit verify --record` to do when the disk has time.
struct AuditService: Service {
    let agent: Agent
    /// Where one is asked for between two of them.
    let desk: AuditDesk

    /// After an audit that could not be made.
    private static let longestRetry = Duration.seconds(3_600)

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await watch() }
        } catch is CancellationError {}
    }

    private func watch() async throws {
        var failed: ContinuousClock.Instant?
        while true {
            // The interval may change while it is waited for.
            try await Task.sleep(for: .seconds(1))
            if !desk.isWanted {
                guard let interval = agent.settings.auditInterval, try await isDue(interval) else { continue }
                if let failed, failed + min(interval, Self.longestRetry) > .now { continue }
            }
            failed = await audit() ? nil : .now
        }
    }

    /// Whether an interval has passed since the last audit, whoever made it; since the first event where there was none.
    private func isDue(_ interval: Duration) async throws -> Bool {
        let last = try await agent.catalog.lastPosition(of: .auditCompleted)
        guard let event = try await agent.log.event(at: max(1, last)) else { return false }
        return event.recordedAt + interval <= SystemTime().now()
    }

    /// - Returns: whether the outcome is in the log.
    private func audit() async -> Bool {
        desk.began()
        do {
            let scope = AuditScope(artifacts: false)
            let report = try await Audit(
                log: agent.log,
                paths: agent.paths,
                repository: try await DatasetRepository.openForReading(at: agent.paths.dataset)
            ).verify(scope) { [desk] progress in
                if case .events(let done, let total) = progress { desk.reached(done, of: total) }
            }
            try Task.checkCancellation()
            let appended = try await agent.log.append([ProposedEvent(report.event(scope), stream: .agent)])
            try await agent.projector.wait(for: "activity", toReach: appended[0].position)
            for damage in report.damage.prefix(AuditCompleted.described) {
                agent.logger.critical(
                    "The record does not hold.",
                    metadata: [
                        "kind": "\(damage.kind)", "place": "\(damage.place)", "message": "\(damage.message)",
                    ]
                )
            }
            desk.ended()
            return true
        } catch {
            desk.ended("\(error)")
            if !(error is CancellationError) {
                agent.logger.warning("The record could not be checked.", metadata: ["reason": "\(error)"])
            }
            return false
        }
    }
}

extension AuditReport {
    /// What the log says of the audit.
    func event(_ scope: AuditScope) -> AuditCompleted {
        AuditCompleted(
            events: head.size,
            root: head.root,
            artifacts: scope.artifacts,
            remote: scope.remote,
            forgotten: forgotten > 0 ? forgotten : nil,
            damages: damage.count + damageBeyondList,
            damage: damage.prefix(AuditCompleted.described).map {
                AuditCompleted.Damage(kind: $0.kind, place: $0.place, message: $0.message)
            }
        )
    }
}
