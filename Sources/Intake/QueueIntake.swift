package import Events
package import Logging
package import ObjectStores
import ServiceLifecycle
import Synchronization

/// Reads the notices in an SQS queue, hands them on, and deletes a message only when that has returned.
///
/// A message is told at least once: who is killed between the two hears it again. A message whose notices can't be handed
/// on is given back and received again, and moved to the dead-letter queue if the queue has a redrive policy.
package final class QueueIntake: Sendable {
    package struct Settings: Sendable, Equatable {
        /// Requests for messages that are under way at a time, 1 to 8.
        ///
        /// An HTTP client opens 16 connections to a host unless told otherwise, and deleting needs some too.
        package var pollers: Int
        /// How long a request waits for a message.
        package var wait: Duration
        /// How long a message stays unseen by others unless it is extended; nil: as the queue is set.
        package var visibility: Duration?
        package var retry: RetryPolicy
        /// How often a message that can't be handed on is tried before it is given back.
        package var attempts: Int

        package init(
            pollers: Int = 2,
            wait: Duration = SQSQueue.longestWait,
            visibility: Duration? = nil,
            retry: RetryPolicy = RetryPolicy(base: .seconds(1), cap: .seconds(60)),
            attempts: Int = 5
        ) {
            self.pollers = pollers
            self.wait = wait
            self.visibility = visibility
            self.retry = retry
            self.attempts = attempts
        }
    }

    /// SQS's own default; a queue's shorter one leaves too little time to keep messages unseen.
    private static let defaultVisibility = Duration.seconds(30)
    private static let shortestVisibility = Duration.seconds(10)

    package let queue: SQSQueue
    let settings: Settings
    let time: any TimeSource
    let logger: Logger
    private let gate: @Sendable () async throws -> Void
    let record: @Sendable ([ObjectNotice]) async throws -> Void
    let quarantine: @Sendable ([MalformedNotice]) async throws -> Void
    let state = Mutex(QueueStatus())

    /// - Parameters:
    ///   - gate: returns when there is room for more work; asked before each request for messages.
    ///   - record: returns when what the notices lead to is on disk. May be told the same again.
    ///   - quarantine: returns when what could not be read is on disk with its text. May be told the same again.
    package init(
        queue: SQSQueue,
        settings: Settings = Settings(),
        time: any TimeSource = SystemTime(),
        logger: Logger,
        gate: @escaping @Sendable () async throws -> Void = {},
        record: @escaping @Sendable ([ObjectNotice]) async throws -> Void,
        quarantine: @escaping @Sendable ([MalformedNotice]) async throws -> Void
    ) {
        self.queue = queue
        self.settings = settings
        self.time = time
        self.logger = logger
        self.gate = gate
        self.record = record
        self.quarantine = quarantine
    }

    package var status: QueueStatus { state.withLock { $0 } }

    /// Reads until a graceful shutdown, which waits for what is in hand, or until the task is cancelled, which does not.
    package func run() async throws {
        state.withLock { $0.isRunning = true }
        defer { state.withLock { $0.isRunning = false } }
        guard let visibility = await visibility() else { return try Task.checkCancellation() }
        await withDiscardingTaskGroup { group in
            for _ in 0..<min(max(settings.pollers, 1), 8) {
                group.addTask { await self.poll(visibility) }
            }
        }
        try Task.checkCancellation()
    }

    /// How long messages stay unseen, and whether the queue has to be asked for that.
    struct Visibility: Sendable {
        let asked: Duration?
        let lasting: Duration
    }

    /// nil when it is time to stop.
    private func visibility() async -> Visibility? {
        if let visibility = settings.visibility { return Visibility(asked: visibility, lasting: visibility) }
        let fallback = Visibility(asked: Self.defaultVisibility, lasting: Self.defaultVisibility)
        var failures = 0
        while !isStopping {
            do {
                let queue = queue
                let own = try await cancelWhenGracefulShutdown { try await queue.attributes() }.visibilityTimeout
                state.withLock { $0.failure = nil }
                guard let own, own >= Self.shortestVisibility else { return fallback }
                return Visibility(asked: nil, lasting: own)
            } catch let error as SQSError where error.code == .denied || error.code == .badRequest {
                // Who may read a queue need not be allowed to ask about it.
                return fallback
            } catch {
                failures += 1
                await pause(after: error, failures: failures)
            }
        }
        return nil
    }

    private func poll(_ visibility: Visibility) async {
        var failures = 0
        while !isStopping {
            do {
                try await waitAtGate()
                let asked = time.now()
                let messages = try await receive(visibility)
                failures = 0
                if messages.isEmpty {
                    try await pauseIfHasty(since: asked)
                } else {
                    await handle(messages, visibility.lasting)
                }
            } catch {
                failures += 1
                await pause(after: error, failures: failures)
            }
        }
    }

    private func waitAtGate() async throws {
        state.withLock { $0.held += 1 }
        defer { state.withLock { $0.held -= 1 } }
        try await cancelWhenGracefulShutdown(gate)
    }

    private func receive(_ visibility: Visibility) async throws -> [SQSMessage] {
        let (queue, wait) = (queue, settings.wait)
        let messages = try await cancelWhenGracefulShutdown {
            try await queue.receive(wait: wait, visibility: visibility.asked)
        }
        state.withLock { state in
            state.failure = nil
            state.lastReceived = time.now()
            state.messages += messages.count
            state.repeated += messages.count { $0.receiveCount > 1 }
        }
        return messages
    }

    /// A server that does not wait for messages would be asked without end.
    private func pauseIfHasty(since asked: Timestamp) async throws {
        guard time.now() - asked < min(settings.wait, .seconds(1)) else { return }
        let (time, deadline) = (time, asked + .seconds(1))
        try await cancelWhenGracefulShutdown { try await time.sleep(until: deadline) }
    }

    // MARK: Failing

    var isStopping: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    /// Shows what is wrong and waits; returns early when it is time to stop.
    func pause(after error: any Error, failures: Int) async {
        guard !isStopping else { return }
        let (reason, message, asked) =
            switch error {
            case let error as SQSError: (error.code.rawValue, error.message, error.retryAfter)
            default: ("intake-failed", "\(error)", nil)
            }
        let next = time.now() + settings.retry.wait(afterAttempt: failures, asked: asked)
        state.withLock {
            $0.failure = .init(reason: reason, message: message, times: failures, nextAttempt: next)
        }
        logger.warning(
            "Reading the queue failed; it is tried again.",
            metadata: [
                "queue": "\(queue.location.url)", "reason": "\(reason)", "message": "\(message)",
                "attempt": "\(failures)", "next": "\(next)",
            ]
        )
        let time = time
        try? await cancelWhenGracefulShutdown { try await time.sleep(until: next) }
    }
}
