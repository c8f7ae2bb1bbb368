import Dispatch
import Synchronization

/// What the threads that make one image's tiles share: the first error, what was made, and which strips are in use.
final class CutProgress: Sendable {
    private struct State {
        var failure: (any Error)?
        var unfinished: [Int: Int] = [:]
        var count = CutCount()
    }

    private let state = Mutex(State())
    /// Counts finished jobs.
    private let finished = DispatchSemaphore(value: 0)

    /// Says that `count` jobs read a strip.
    func begin(_ count: Int, on strip: Int) {
        state.withLock { $0.unfinished[strip, default: 0] += count }
    }

    /// Runs a job's work, unless another one failed before it.
    func run(on strip: Int, _ work: () throws -> CutCount) {
        if state.withLock({ $0.failure == nil }) {
            let outcome = Result(catching: work)
            state.withLock { state in
                switch outcome {
                case .success(let made): state.count += made
                case .failure(let error):
                    if state.failure == nil { state.failure = error }
                }
            }
        }
        state.withLock { $0.unfinished[strip, default: 0] -= 1 }
        finished.signal()
    }

    /// Stops jobs that have not begun.
    func fail(_ error: any Error) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    func check() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Waits until no job reads the strip any more (any strip, for nil), and makes tiles meanwhile.
    func wait(for strip: Int?, in queue: TileQueue) {
        while isInUse(strip) {
            if queue.runOne() { continue }
            queue.leave()
            finished.wait()
            queue.enter()
        }
    }

    private func isInUse(_ strip: Int?) -> Bool {
        state.withLock { state in
            if let strip { return state.unfinished[strip, default: 0] > 0 }
            return state.unfinished.values.contains { $0 > 0 }
        }
    }

    var count: CutCount { state.withLock { $0.count } }
}
