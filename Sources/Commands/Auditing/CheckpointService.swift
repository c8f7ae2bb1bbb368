import EventLog
import Events
import Logging
import ServiceLifecycle

/// Signs the log's head at an interval, when it has grown.
struct CheckpointService: Service {
    let agent: Agent

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await sign() }
        } catch is CancellationError {}
    }

    private func sign() async throws {
        while true {
            let size = try await agent.log.newestCheckpoint()?.head.size ?? 0
            try await agent.log.waitForEvents(after: size)
            let grown = ContinuousClock.now
            // The interval may change while it is waited for.
            while case let left = grown + agent.settings.checkpointInterval - .now, left > .zero {
                try await Task.sleep(for: min(left, .seconds(1)))
            }
            do {
                try await agent.log.signHead()
            } catch let error as EventLogError where error.code == .diskFull {
                agent.logger.warning("The log's head was not signed.", metadata: ["reason": "\(error)"])
            }
        }
    }
}
