package import Events
import Synchronization

/// Leaves a source or an endpoint alone that is down, and asks it with one item at a time whether it is back.
///
/// A circuit breaker (M. Nygard, "Release It!", 2007): failures in a row open it; when its time has passed, one item is
/// let through; that one's success closes it, and its failure opens it for longer. Items take turns at that: one that fails
/// for a reason of its own is not in the way of those behind it.
package final class Breaker: Sendable {
    /// So many failures in a row that may be an item's own are taken for the source's.
    package static let threshold = 4
    /// How long it stays open.
    private let waits: RetryPolicy

    /// A reason that was told so long ago is news when the source goes down again.
    static let newsAge = Duration.seconds(60)

    /// What a failure is to the item that met it.
    package enum Verdict: Sendable, Equatable {
        /// The item's own.
        case ofItem
        /// The source's, which is left alone until then; whether that is news, and how often it was asked.
        case ofSource(until: Timestamp, isNews: Bool, attempt: Int)
    }

    private struct State {
        var failures = 0
        /// Times that it was opened since it was closed.
        var rounds = 0
        var openUntil: Timestamp?
        /// The item that is asking.
        var probe: String?
        /// The items that have asked since each had its turn last.
        var asked: Set<String> = []
        /// Whether each item has had its turn since it was opened.
        var hasAskedAll = false
        /// What opened it last.
        var cause: (failure: StageFailure, isRefusal: Bool)?
        /// The reasons that were told, and when: they may come in turns, and a source that flaps is no news each time.
        var told: [String: Timestamp] = [:]
        /// Whether it was told that this time it is down.
        var wasNews = false
    }

    /// What a success says of the source.
    package enum Return: Sendable, Equatable {
        /// It was not left alone, or still is.
        case wasUp
        /// It was left alone before; whether that was told.
        case isBack(wasTold: Bool)
    }

    private let state = Mutex(State())

    package init(waits: RetryPolicy) {
        self.waits = waits
    }

    /// Until when the source is left alone; nil while it is not.
    package var openUntil: Timestamp? { state.withLock { $0.openUntil } }

    /// Why the source is left alone, and for how long it has been; nil while it is not.
    package var outage: Outage? {
        state.withLock { state in
            guard state.openUntil != nil, let cause = state.cause else { return nil }
            return Outage(failure: cause.failure, isRefusal: cause.isRefusal, rounds: state.rounds)
        }
    }

    /// When an item may begin; nil for now.
    package func postpone(_ item: String, now: Timestamp) -> Postponement? {
        state.withLock { state in
            guard let until = state.openUntil else { return nil }
            if now < until { return .until(until) }
            guard state.probe == nil else { return .untilChange }
            // Every other item gets its chance first: it may be this one that is in the way.
            if state.asked.contains(item) {
                let turn = until + Self.patience(past: state.asked.count)
                if now < turn { return .until(turn) }
                state.asked = []
                state.hasAskedAll = true
            }
            state.probe = item
            state.asked.insert(item)
            return nil
        }
    }

    /// How long it takes to be sure that no other item stands behind so many that have asked.
    private static func patience(past count: Int) -> Duration {
        // A look goes past a thousand items a second.
        .seconds(1) + .milliseconds(4 * count)
    }

    /// Whether one more failure of this item would be taken for the source's.
    package func wouldBlameSource(for item: String) -> Bool {
        state.withLock { state in
            state.probe == item || (state.openUntil == nil && state.failures + 1 >= Self.threshold)
        }
    }

    /// An item has what it asked for; that closes the breaker only if it was the one let through.
    ///
    /// One that was on its way before says nothing about now, and the source may have asked to be left alone since.
    @discardableResult
    package func succeeded(_ item: String) -> Return {
        state.withLock { state in
            guard state.openUntil == nil || state.probe == item else { return .wasUp }
            let result = state.openUntil == nil ? Return.wasUp : .isBack(wasTold: state.wasNews)
            state = State(told: state.told)
            return result
        }
    }

    /// Lets the next item through at once, and counts anew how often it failed: what was in the way may have been put right.
    package func askNow() {
        state.withLock { state in
            state.failures = 0
            state.rounds = 0
            state.asked = []
            state.hasAskedAll = false
            if state.openUntil != nil { state.openUntil = Timestamp(microseconds: 0) }
        }
    }

    /// The item ended without word of whether its source is up.
    package func released(_ item: String) {
        state.withLock { if $0.probe == item { $0.probe = nil } }
    }

    /// - Parameter isRefusal: whether the source answered, and may have meant this item alone: the others are asked for,
    ///   each once, before the source is left alone for longer.
    package func failed(
        _ item: String,
        _ failure: StageFailure,
        isRefusal: Bool = false,
        now: Timestamp
    ) -> Verdict {
        state.withLock { state in
            let isProbe = state.probe == item
            if isProbe { state.probe = nil }
            if let until = state.openUntil, !isProbe {
                // It was on its way when the source went down: it counts for no more than what it was told to wait.
                let longest = failure.retryAfter.map { max(until, now + $0) } ?? until
                state.openUntil = longest
                return .ofSource(until: longest, isNews: false, attempt: state.rounds)
            }
            state.failures += 1
            guard isProbe || failure.scope == .source || state.failures >= Self.threshold else { return .ofItem }
            if state.rounds == 0 { state.told = state.told.filter { $0.value + Self.newsAge > now } }
            if state.rounds == 0 || !isRefusal || state.hasAskedAll { state.rounds += 1 }
            let wait = max(waits.wait(afterAttempt: state.rounds), failure.retryAfter ?? .zero)
            state.openUntil = now + wait
            state.cause = (failure, isRefusal)
            let isNews = state.told[failure.reason] == nil
            if isNews {
                state.told[failure.reason] = now
                state.wasNews = true
            }
            return .ofSource(until: now + wait, isNews: isNews, attempt: state.rounds)
        }
    }
}

/// A source or an endpoint that is left alone.
package struct Outage: Sendable, Equatable {
    package let failure: StageFailure
    /// Whether it answers, and refuses whatever it is asked for.
    package let isRefusal: Bool
    /// How often it was asked since in vain; of one that refuses, how often each item was.
    package let rounds: Int
}
