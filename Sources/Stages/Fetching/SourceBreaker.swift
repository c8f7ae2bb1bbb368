import Events
import Synchronization

/// Leaves a source alone that is down, and asks it with one object at a time whether it is back.
///
/// A circuit breaker (M. Nygard, "Release It!", 2007): failures in a row open it; when its time has passed, one object is
/// let through; that one's success closes it, and its failure opens it for longer.
final class SourceBreaker: Sendable {
    /// So many failures in a row that may be an object's own are taken for the source's.
    static let threshold = 4
    /// How long it stays open.
    static let waits = RetryPolicy(
        attempts: .max,
        base: .seconds(1),
        cap: .seconds(60),
        least: .milliseconds(500)
    )

    /// A reason that was told so long ago is news when the source goes down again.
    static let newsAge = Duration.seconds(60)

    /// What a failure is to the object that met it.
    enum Verdict: Sendable, Equatable {
        /// The object's own.
        case ofObject
        /// The source's, which is left alone until then; whether that is news, and how often it was asked.
        case ofSource(until: Timestamp, isNews: Bool, attempt: Int)
    }

    private struct State {
        var failures = 0
        /// Times that it was opened since it was closed.
        var rounds = 0
        var openUntil: Timestamp?
        /// The object that is asking.
        var probe: String?
        var lastProbe: String?
        /// The reasons that were told, and when: they may come in turns, and a source that flaps is no news each time.
        var told: [String: Timestamp] = [:]
    }

    private let state = Mutex(State())

    /// When an object may be asked for; nil for now.
    func postpone(_ item: String, now: Timestamp) -> Postponement? {
        state.withLock { state in
            guard let until = state.openUntil else { return nil }
            if now < until { return .until(until) }
            guard state.probe == nil else { return .untilChange }
            // Another object gets its chance first: it may be this one that is in the way.
            if state.lastProbe == item, now < until + .seconds(1) { return .until(until + .seconds(1)) }
            state.probe = item
            state.lastProbe = item
            return nil
        }
    }

    /// Returns whether the source was left alone before.
    @discardableResult
    func succeeded(_ item: String) -> Bool {
        state.withLock { state in
            let wasOpen = state.openUntil != nil
            state = State(told: state.told)
            return wasOpen
        }
    }

    /// The object ended without word of whether its source is up.
    func released(_ item: String) {
        state.withLock { if $0.probe == item { $0.probe = nil } }
    }

    func failed(_ item: String, _ failure: StageFailure, now: Timestamp) -> Verdict {
        state.withLock { state in
            let isProbe = state.probe == item
            if isProbe { state.probe = nil }
            if let until = state.openUntil, !isProbe {
                // It was on its way when the source went down.
                return .ofSource(until: until, isNews: false, attempt: state.rounds)
            }
            state.failures += 1
            guard isProbe || failure.scope == .source || state.failures >= Self.threshold else { return .ofObject }
            state.rounds += 1
            if state.rounds == 1 { state.told = state.told.filter { $0.value + Self.newsAge > now } }
            let wait = max(Self.waits.wait(afterAttempt: state.rounds), failure.retryAfter ?? .zero)
            state.openUntil = now + wait
            let isNews = state.told[failure.reason] == nil
            if isNews { state.told[failure.reason] = now }
            return .ofSource(until: now + wait, isNews: isNews, attempt: state.rounds)
        }
    }
}
