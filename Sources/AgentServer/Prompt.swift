import Synchronization

/// One value for all who ask, and an answer in time: what hangs holds nobody up, and is not begun anew before it has ended.
final class Prompt<Value: Sendable>: Sendable {
    private let limit: Duration
    private let make: @Sendable () async throws -> Value
    private let underWay = Mutex<Task<Value, any Error>?>(nil)

    init(within limit: Duration, _ make: @escaping @Sendable () async throws -> Value) {
        self.limit = limit
        self.make = make
    }

    /// - Throws: `answer-too-slow` when it is not there in time.
    func value() async throws -> Value {
        let task = underWay.withLock { underWay in
            if let task = underWay { return task }
            let task = Task {
                defer { self.underWay.withLock { $0 = nil } }
                return try await make()
            }
            underWay = task
            return task
        }
        // No child task: a group would wait for what hangs.
        let first = First<Value>()
        return try await withCheckedThrowingContinuation { continuation in
            first.wait(continuation)
            let alarm = Task { [limit] in
                guard (try? await Task.sleep(for: limit)) != nil else { return }
                first.take(.failure(Problem.tooSlow))
            }
            Task {
                first.take(await task.result)
                alarm.cancel()
            }
        }
    }
}

/// Passes on the first of several results.
private final class First<Value: Sendable>: Sendable {
    private let waiting = Mutex<CheckedContinuation<Value, any Error>?>(nil)

    func wait(_ continuation: CheckedContinuation<Value, any Error>) {
        waiting.withLock { $0 = continuation }
    }

    func take(_ result: Result<Value, any Error>) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(with: result)
    }
}
