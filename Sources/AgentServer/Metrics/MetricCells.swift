import CoreMetrics
import Synchronization

/// A count that code adds to.
final class CounterCell: CounterHandler, Sendable {
    private let count = Atomic<Int64>(0)

    var value: Double { Double(count.load(ordering: .relaxed)) }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }
}

/// A value that code sets.
final class GaugeCell: MeterHandler, RecorderHandler, Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }

    private func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (isDone, found) = bits.compareExchange(expected: old, desired: new, ordering: .relaxed)
            if isDone { return }
            old = found
        }
    }
}

/// Values that code records, by how large they were; a timer's are seconds.
final class HistogramCell: RecorderHandler, TimerHandler, Sendable {
    struct Values: Sendable, Equatable {
        /// Values at most as large as each bucket's bound and larger than the one's before; beyond the last in one more.
        var counts: [Int]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<Values>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Values(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    var values: Values { state.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { values in
            values.counts[bucket] += 1
            values.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}

/// What is not described is not kept: every metric has its place in the reference.
final class NothingCell: CounterHandler, MeterHandler, RecorderHandler, TimerHandler, Sendable {
    static let shared = NothingCell()

    func increment(by: Int64) {}
    func reset() {}
    func set(_ value: Int64) {}
    func set(_ value: Double) {}
    func increment(by: Double) {}
    func decrement(by: Double) {}
    func record(_ value: Int64) {}
    func record(_ value: Double) {}
    func recordNanoseconds(_ duration: Int64) {}
}
