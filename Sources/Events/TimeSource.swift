#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What tells the time and waits for it: the system's clock in an agent, one that the test moves in tests.
package protocol TimeSource: Sendable {
    func now() -> Timestamp
    /// Returns when `now()` has reached `deadline`; throws `CancellationError` when the task is cancelled.
    func sleep(until deadline: Timestamp) async throws
}

/// The machine's wall clock.
package struct SystemTime: TimeSource {
    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    package func sleep(until deadline: Timestamp) async throws {
        let wait = deadline - now()
        if wait > .zero { try await Task.sleep(for: wait) }
    }
}
