import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// What the process's signals do while services run.
///
/// | signal | does |
/// |---|---|
/// | SIGTERM, SIGINT | intake stops, what is in flight gets `grace` to finish, then it is abandoned, and the log closed |
/// | one of them again | ends the process at once: the log needs no closing, and the next agent goes on from it |
/// | SIGHUP | reads the configuration again, where there is something to do with it |
struct SignalWatch: Sendable {
    let grace: Duration
    let logger: Logger
    /// Reads the configuration again; nil for a process that a hang-up ends, as it does by default.
    let reload: (@Sendable () async -> Void)?
    /// What is left to be done before the process ends at once.
    let onEndAtOnce: @Sendable () -> Void

    /// What is abandoned has so long to notice it.
    private static let abandonment = Duration.seconds(10)

    func run(_ group: ServiceGroup) async throws {
        let trapped: [UnixSignal] = [.sigterm, .sigint] + (reload == nil ? [] : [.sighup])
        let signals = await UnixSignalsSequence(trapping: trapped)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                // What was abandoned was cancelled; the log is closed all the same.
                do { try await group.run() } catch is CancellationError {}
            }
            tasks.addTask {
                await watch(signals, group)
                // Only when it is cancelled, or the process ends.
                try await Task.sleep(for: .seconds(31_536_000))
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    private func watch(_ signals: UnixSignalsSequence, _ group: ServiceGroup) async {
        await withDiscardingTaskGroup { tasks in
            var isStopping = false
            for await signal in signals {
                switch signal {
                case .sighup:
                    if let reload, !isStopping { await reload() }
                case _ where isStopping:
                    logger.warning("The agent ends at once: it was asked to a second time.")
                    exitNow(signal)
                default:
                    isStopping = true
                    logger.notice("The agent is asked to stop.", metadata: ["grace": "\(grace)"])
                    await group.triggerGracefulShutdown()
                    tasks.addTask {
                        guard (try? await Task.sleep(for: grace + Self.abandonment)) != nil else { return }
                        logger.warning("The agent ends at once: what was abandoned does not end.")
                        exitNow(signal)
                    }
                }
            }
            tasks.cancelAll()
        }
    }

    /// Ends the process as the signal would have.
    private func exitNow(_ signal: UnixSignal) {
        onEndAtOnce()
        _exit(128 + (signal == .sigint ? SIGINT : SIGTERM))
    }
}
