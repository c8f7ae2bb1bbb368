import Events
import Intake
import Logging
import ObjectStores
import Synchronization

/// What an intake handed on.
final class Collected: Sendable {
    private let state = Mutex<(notices: [ObjectNotice], malformed: [MalformedNotice])>(([], []))

    var notices: [ObjectNotice] { state.withLock { $0.notices } }
    var malformed: [MalformedNotice] { state.withLock { $0.malformed } }

    func add(_ notices: [ObjectNotice]) { state.withLock { $0.notices += notices } }
    func add(_ malformed: [MalformedNotice]) { state.withLock { $0.malformed += malformed } }

    /// An intake that hands on to this.
    func intake(
        of queue: SQSQueue,
        _ settings: QueueIntake.Settings = .quick,
        before: @escaping @Sendable ([ObjectNotice]) async throws -> Void = { _ in },
        after: @escaping @Sendable () async throws -> Void = {}
    ) -> QueueIntake {
        QueueIntake(
            queue: queue,
            settings: settings,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            record: { notices in
                try await before(notices)
                self.add(notices)
                try await after()
            },
            quarantine: { self.add($0) }
        )
    }
}

extension QueueIntake.Settings {
    /// Polls of a second and short pauses, so that no test waits for nothing.
    static let quick = QueueIntake.Settings(
        wait: .seconds(1),
        visibility: .seconds(30),
        retry: RetryPolicy(base: .milliseconds(20), cap: .milliseconds(100), least: .milliseconds(5))
    )

    func with(visibility: Duration) -> Self {
        var settings = self
        settings.visibility = visibility
        return settings
    }
}

extension QueueIntake {
    /// Runs it until `body` returns, and then ends it at once.
    func whileRunning<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.run() }
            let value = try await body()
            group.cancelAll()
            return value
        }
    }
}
