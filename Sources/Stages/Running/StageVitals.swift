package import Events

/// What can be seen of a stage from outside: whether it moves.
package struct StageVitals: Sendable, Equatable {
    /// Items that it is at.
    package var inFlight = 0
    /// When an item was last begun or ended; nil before the first.
    package var lastMoved: Timestamp?
    /// Since when it looks through its work list; nil while it waits, as it should.
    package var looksSince: Timestamp?
    /// Whether it has stopped for good.
    package var hasEnded = false
    package var pause: StageRunner.Pause?

    package init() {}

    /// Since when nothing has moved that should; nil where all is well.
    package func stuckSince(now: Timestamp, limit: Duration) -> Timestamp? {
        // Each is long only when it is stuck: a look takes a moment, and of many items in flight some end.
        let since = [looksSince, inFlight > 0 ? lastMoved : nil].compactMap(\.self).min()
        guard let since, now - since > limit else { return nil }
        return since
    }
}
