import Events
import Stages
import Testing

@Suite("A source that is down is left alone for as long as it asked")
struct BreakerTests {
    private let breaker = Breaker(waits: RetryPolicy(base: .milliseconds(1), cap: .milliseconds(1), least: .zero))
    private let start = Timestamp(microseconds: 1_000_000)

    private func throttled(_ seconds: Int) -> StageFailure {
        StageFailure(.source, "throttled", "slow down", retryAfter: .seconds(seconds))
    }

    @Test("what was on its way before and succeeds does not end it")
    func onItsWay() {
        _ = breaker.failed("a", throttled(2), now: start)
        #expect(breaker.succeeded("b") == .wasUp)
        #expect(breaker.postpone("a", now: start + .seconds(1)) == .until(start + .seconds(2)))
    }

    @Test("what was on its way before and is told to wait longer, waits longer")
    func longer() {
        _ = breaker.failed("a", throttled(2), now: start)
        let told = breaker.failed("b", throttled(2), now: start + .seconds(1))
        #expect(told == .ofSource(until: start + .seconds(3), isNews: false, attempt: 1))
        _ = breaker.failed("c", StageFailure(.source, "unreachable", ""), now: start + .seconds(1))
        #expect(breaker.postpone("a", now: start + .seconds(2)) == .until(start + .seconds(3)))
    }

    @Test("one is let through when its time has passed, and its success ends it")
    func probe() {
        _ = breaker.failed("a", throttled(2), now: start)
        #expect(breaker.postpone("b", now: start + .seconds(2)) == nil)
        #expect(breaker.postpone("c", now: start + .seconds(2)) == .untilChange)
        #expect(breaker.succeeded("b") == .isBack(wasTold: true))
        #expect(breaker.postpone("c", now: start + .seconds(2)) == nil)
    }

    @Test("each has its turn to ask before one asks again")
    func turns() {
        var now = start
        _ = breaker.failed("0", throttled(1), now: now)
        for round in 0..<2 {
            for number in 0..<5 {
                now = now + .seconds(1)
                // The list is gone through from its beginning each time.
                for earlier in 0..<number { #expect(breaker.postpone("\(earlier)", now: now) != nil) }
                if round > 0, number == 0 { now = now + .seconds(2) }
                #expect(breaker.postpone("\(number)", now: now) == nil, "\(round): \(number)")
                _ = breaker.failed("\(number)", throttled(1), now: now)
            }
        }
    }

    @Test("what refuses is asked for each item once before it is left alone for longer")
    func refusals() {
        let breaker = Breaker(waits: RetryPolicy(base: .seconds(8), cap: .seconds(3_600), least: .seconds(8)))
        let refusal = StageFailure(.passing, "denied", "no")
        var now = start
        for number in 0..<Breaker.threshold { _ = breaker.failed("\(number)", refusal, isRefusal: true, now: now) }
        func wait(after item: String) -> Duration {
            now = max(now, breaker.openUntil ?? now)
            #expect(breaker.postpone(item, now: now + .seconds(9)) == nil)
            _ = breaker.failed(item, refusal, isRefusal: true, now: now)
            return (breaker.openUntil ?? now) - now
        }
        for number in 0..<30 { #expect(wait(after: "\(number)") <= .seconds(16)) }
        let again = (0..<6).map { wait(after: "\($0)") }
        // Each is at random between the least and a limit that doubles: that all of them are short does not happen.
        #expect(again.max() ?? .zero > .seconds(16))
    }

    @Test("what was put right is asked now, and left alone as at first where it was not; its return is told")
    func askedNow() {
        _ = breaker.failed("a", throttled(900), now: start)
        breaker.askNow()
        #expect(breaker.postpone("a", now: start) == nil)
        #expect(breaker.postpone("b", now: start) == .untilChange)
        guard case .ofSource(_, _, attempt: 1) = breaker.failed("a", throttled(2), now: start) else {
            Issue.record("it is not left alone again")
            return
        }
        breaker.askNow()
        #expect(breaker.postpone("b", now: start) == nil)
        #expect(breaker.succeeded("b") == .isBack(wasTold: true))
    }

    @Test("failures that may be the objects' own are the source's after a few in a row")
    func threshold() {
        let failure = StageFailure(.passing, "transport", "broken off")
        for number in 1..<Breaker.threshold {
            #expect(breaker.failed("\(number)", failure, now: start) == .ofItem)
        }
        guard case .ofSource(_, isNews: true, attempt: 1) = breaker.failed("last", failure, now: start) else {
            Issue.record("it is still asked")
            return
        }
    }
}
