package import Events
package import Projections

/// A projector that acts on the world: it takes items from its part of the work list and appends receipts.
///
/// A stage has no state that matters: what is in flight lives in memory, what happened lives in the log.
package protocol Stage: Sendable {
    /// Its name on the work list and in events.
    var name: String { get }
    /// How many items it works on at once.
    var parallelism: Int { get }
    /// How it repeats what failed for a passing reason.
    var retry: RetryPolicy { get }
    /// When an item that is on the list may be begun; nil for now.
    func postpone(_ item: WorkItem) async throws -> Postponement?
    /// Does an item's work and appends the receipt.
    ///
    /// - Returns: the position of the receipt, after which the item is off the list.
    /// - Throws: `StageFailure`, or another error, which is classed by `StageFailure.init(classing:)`.
    func perform(_ item: WorkItem) async throws -> Int
    /// Appends the event that ends an item which can't be done, and returns its position.
    func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int
    /// Throws while what paused the whole stage is still so.
    func probe() async throws
}

/// How long an item should be left alone.
package enum Postponement: Sendable, Equatable {
    /// Until something on the work list changes.
    case untilChange
    /// Until a moment, or until something changes.
    case until(Timestamp)
}

extension Stage {
    package func postpone(_ item: WorkItem) async throws -> Postponement? { nil }
    package func probe() async throws {}
}

/// How often and how soon something that failed for a passing reason is tried again.
///
/// Exponential back-off with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): the
/// wait before attempt n + 1 is uniform in [0, min(cap, base · 2ⁿ⁻¹)], and never shorter than `least`.
package struct RetryPolicy: Sendable, Equatable {
    /// After so many failures the item is given up.
    package var attempts: Int
    package var base: Duration
    package var cap: Duration
    package var least: Duration

    package init(attempts: Int, base: Duration, cap: Duration, least: Duration = .milliseconds(100)) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.least = least
    }

    /// The wait after the `attempt`-th failure.
    package func wait(afterAttempt attempt: Int) -> Duration {
        var random = SystemRandomNumberGenerator()
        let ceiling = min(cap, base * (1 << min(max(attempt - 1, 0), 30)))
        return max(least, .microseconds(Int64.random(in: 0...max(ceiling.microseconds, 0), using: &random)))
    }
}
