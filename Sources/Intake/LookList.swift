import Synchronization

/// What a folder's intake is to look at next: the keys that were hinted, each once, and whether everything is to be.
///
/// It holds a bounded number of keys; what is hinted beyond them is for a sweep to find.
package final class LookList: Sendable {
    /// What to do now, in this order.
    package struct Turn {
        package var settles = false
        /// The keys, and whether each was seen to be closed after writing.
        package var keys: [(key: String, closed: Bool)] = []
        package var sweep: SweepReason?
    }

    /// One element each time that there may be something to do, for one reader.
    package let wakes: AsyncStream<Void>

    private struct State {
        var closed: [ExactKey: Bool] = [:]
        var order: [ExactKey] = []
        var settles = false
        var sweep: SweepReason?
        /// When the last sweep ended; nil while one is asked for or under way.
        var sweptAt: ContinuousClock.Instant? = .now

        mutating func ask(_ reason: SweepReason) {
            sweep = sweep ?? reason
            sweptAt = nil
        }
    }

    private let limit: Int
    private let state = Mutex(State())
    private let wake: AsyncStream<Void>.Continuation

    package init(limit: Int = 65_536) {
        self.limit = limit
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func add(_ hint: Hint) {
        switch hint {
        case .changed(let key): add(key, closed: true)
        // The last hint counts: a file that was closed and then made anew may still be written.
        case .appeared(let key), .removed(let key): add(key, closed: false)
        case .sweepNeeded(let reason): addSweep(reason)
        }
    }

    package func addSweep(_ reason: SweepReason) {
        state.withLock { $0.ask(reason) }
        wake.yield()
    }

    /// Asks for the files that are still being written, and for a sweep when the last one ended so long ago.
    package func tick(sweepEvery interval: Duration) {
        state.withLock { state in
            state.settles = true
            if let sweptAt = state.sweptAt, .now - sweptAt >= interval { state.ask(.interval) }
        }
        wake.yield()
    }

    /// Notes that a sweep has ended, however it did.
    package func noteSweep() {
        state.withLock { if $0.sweep == nil { $0.sweptAt = .now } }
    }

    /// Takes what is to be done, with at most so many keys; nil where there is nothing.
    package func take(_ count: Int) -> Turn? {
        state.withLock { state in
            guard state.settles || state.sweep != nil || !state.order.isEmpty else { return nil }
            var turn = Turn(settles: state.settles, sweep: state.sweep)
            for key in state.order.prefix(count) {
                turn.keys.append((key.text, state.closed.removeValue(forKey: key) ?? false))
            }
            state.order.removeFirst(turn.keys.count)
            state.settles = false
            state.sweep = nil
            return turn
        }
    }

    private func add(_ key: String, closed: Bool) {
        let key = ExactKey(key)
        state.withLock { state in
            if state.closed[key] == nil {
                guard state.order.count < limit else { return state.ask(.hintsDropped) }
                state.order.append(key)
            }
            state.closed[key] = closed
        }
        wake.yield()
    }
}
