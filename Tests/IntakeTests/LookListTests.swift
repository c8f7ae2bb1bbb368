import Intake
import Testing

/// Hints are joined, never lost, and take a bounded room.
@Suite
struct LookListTests {
    @Test("a key that is hinted again is looked at once, as its last hint says")
    func joins() {
        let list = LookList()
        for hint in [Hint.changed("a"), .appeared("b"), .changed("c"), .changed("b"), .appeared("a")] { list.add(hint) }
        let turn = list.take(2)
        #expect(turn?.keys.map(\.key) == ["a", "b"] && turn?.keys.map(\.closed) == [false, true])
        #expect(list.take(2)?.keys.map(\.key) == ["c"])
        #expect(list.take(2) == nil)
    }

    @Test("what exceeds the limit is left to a sweep")
    func overflows() {
        let list = LookList(limit: 2)
        for key in ["a", "b", "a", "c"] { list.add(.changed(key)) }
        let turn = list.take(10)
        #expect(turn?.keys.map(\.key) == ["a", "b"] && turn?.sweep == .hintsDropped)
    }

    @Test("a sweep that is asked for again while it is under way follows, one by the clock does not")
    func sweeps() {
        let list = LookList()
        list.addSweep(.watchingBegan)
        list.addSweep(.queueOverflow)
        #expect(list.take(1)?.sweep == .watchingBegan)
        list.tick(sweepEvery: .zero)
        #expect(list.take(1)?.sweep == nil)
        list.addSweep(.queueOverflow)
        list.noteSweep()
        #expect(list.take(1)?.sweep == .queueOverflow)
        list.noteSweep()
        list.tick(sweepEvery: .zero)
        #expect(list.take(1)?.sweep == .interval)
    }
}
