/// How often and how soon something that failed for a passing reason is tried again: the one policy of stages, sources
/// and notifications.
///
/// Exponential back-off with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): the
/// wait before attempt n + 1 is uniform in [0, min(cap, base · 2ⁿ⁻¹)], and never shorter than `least`. Where there is a
/// `schedule`, its n-th time stands for base · 2ⁿ⁻¹, and its last one for all that follow.
///
/// It holds no state: what it decides on comes from events, and what it decides goes into one.
package struct RetryPolicy: Sendable, Equatable {
    /// After so many failures it is given up.
    package var attempts: Int
    package var base: Duration
    package var cap: Duration
    package var least: Duration
    /// The longest waits, one after another, in place of `base` and its doublings; empty for none.
    package var schedule: [Duration]
    /// After so much time since the first failure it is given up; nil for never.
    package var deadline: Duration?

    package init(
        attempts: Int = .max,
        base: Duration,
        cap: Duration,
        least: Duration = .milliseconds(100),
        deadline: Duration? = nil
    ) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.least = least
        self.deadline = deadline
        schedule = []
    }

    /// One attempt, and one more after each time of the schedule.
    package init(schedule: [Duration], least: Duration = .milliseconds(100), deadline: Duration? = nil) {
        self.init(
            attempts: schedule.count + 1,
            base: schedule.first ?? least,
            cap: schedule.max() ?? least,
            least: least,
            deadline: deadline
        )
        self.schedule = schedule
    }

    /// The longest that the wait after the `attempt`-th failure can be.
    package func ceiling(afterAttempt attempt: Int) -> Duration {
        let index = max(attempt - 1, 0)
        if let last = schedule.last { return index < schedule.count ? schedule[index] : last }
        var ceiling = base
        for _ in 0..<min(index, 62) where ceiling < cap { ceiling *= 2 }
        return min(ceiling, cap)
    }

    /// The wait after the `attempt`-th failure.
    ///
    /// - Parameter asked: how long the other side wants to be left alone; it may be longer than `cap`.
    package func wait(afterAttempt attempt: Int, asked: Duration? = nil) -> Duration {
        var random = SystemRandomNumberGenerator()
        return wait(afterAttempt: attempt, asked: asked, using: &random)
    }

    package func wait(
        afterAttempt attempt: Int,
        asked: Duration? = nil,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        let ceiling = max(ceiling(afterAttempt: attempt).microseconds, 0)
        return max(least, .microseconds(Int64.random(in: 0...ceiling, using: &random)), asked ?? .zero)
    }

    /// When to try again after the `attempt`-th failure; nil for never.
    ///
    /// - Parameter failingSince: when it failed first.
    package func next(
        afterAttempt attempt: Int,
        failingSince: Timestamp,
        now: Timestamp,
        asked: Duration? = nil
    )
        -> Timestamp?
    {
        guard attempt < attempts else { return nil }
        let next = now + wait(afterAttempt: attempt, asked: asked)
        if let deadline, next > failingSince + deadline { return nil }
        return next
    }
}
