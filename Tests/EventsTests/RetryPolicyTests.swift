import Events
import TestSupport
import Testing

@Suite("One policy says how soon what failed is tried again")
struct RetryPolicyTests {
    private let start = Timestamp(microseconds: 1_000_000)

    @Test("waits grow to their cap, are drawn from all of their range, and are never shorter than asked")
    func fullJitter() {
        var random = SeededGenerator(seed: 3)
        let policy = RetryPolicy(base: .seconds(1), cap: .seconds(60), least: .zero)
        for (failures, ceiling) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1_000, 60), (.max, 60), (0, 1)] {
            #expect(policy.ceiling(afterAttempt: failures) == .seconds(ceiling))
            let waits = (0..<400).map { _ in policy.wait(afterAttempt: failures, using: &random) }
            #expect(waits.allSatisfy { $0 >= .zero && $0 <= .seconds(ceiling) })
            #expect(waits.contains { $0 < .seconds(ceiling) / 5 } && waits.contains { $0 > .seconds(ceiling) * 0.8 })
        }
        #expect(policy.wait(afterAttempt: 1, asked: .seconds(90), using: &random) == .seconds(90))
    }

    @Test("a schedule gives one attempt more than it has times, and stays at its last one")
    func schedule() {
        let policy = RetryPolicy(schedule: [.seconds(5), .seconds(300), .seconds(1_800)])
        #expect(policy.attempts == 4)
        #expect((1...5).map { policy.ceiling(afterAttempt: $0) } == [5, 300, 1_800, 1_800, 1_800].map { .seconds($0) })
        #expect(policy.next(afterAttempt: 3, failingSince: start, now: start) != nil)
        #expect(policy.next(afterAttempt: 4, failingSince: start, now: start) == nil)
    }

    @Test("nothing is tried again after the deadline, counted from the first failure")
    func deadline() {
        let policy = RetryPolicy(base: .seconds(1), cap: .seconds(1), deadline: .seconds(100))
        let next = policy.next(afterAttempt: 50, failingSince: start, now: start + .seconds(98))
        #expect(next.map { $0 > start + .seconds(98) && $0 <= start + .seconds(99) } == true)
        #expect(policy.next(afterAttempt: 2, failingSince: start, now: start + .seconds(100)) == nil)
        #expect(policy.next(afterAttempt: 1, failingSince: start, now: start, asked: .seconds(200)) == nil)
    }
}
