import Dispatch
import Synchronization
import Threads

/// The threads that make tiles, shared by all images that are being cut.
///
/// At most `workers` threads compute at once: those that cut an image, which decode it and make tiles while they wait for
/// room, and helpers, which take over whenever one of those has nothing to compute. So one image fills the processor
/// as many do.
package final class TileCrew: Sendable {
    private let queue: TileQueue
    /// Threads that compute at once.
    package let workers: Int

    package init(workers: Int) {
        self.workers = max(1, workers)
        queue = TileQueue(workers: self.workers)
        // A thread that the system does not grant only makes it slower: whoever cuts makes its own tiles.
        for _ in 1..<max(2, self.workers) where self.workers > 1 {
            _ = startOwnThread { [queue] in queue.help() }
        }
    }

    deinit { queue.close() }

    /// Counts the calling thread among those that compute, while `body` runs.
    package func computing<Result>(_ body: () throws -> Result) rethrows -> Result {
        try join { _ in try body() }
    }

    /// The same, for what makes tiles.
    func join<Result>(_ body: (TileQueue) throws -> Result) rethrows -> Result {
        queue.enter()
        defer { queue.leave() }
        return try body(queue)
    }
}

/// Jobs that wait for a thread, and how many threads are at work.
final class TileQueue: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        /// The first job that nobody has taken.
        var next = 0
        var active = 0
        var isClosed = false

        var isEmpty: Bool { next == jobs.count }

        mutating func take() -> Job? {
            guard next < jobs.count else { return nil }
            let job = jobs[next]
            next += 1
            if next == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                next = 0
            }
            return job
        }
    }

    /// Threads that compute at once.
    let workers: Int
    private let state = Mutex(State())
    private let benches = Mutex<[Workbench]>([])
    /// Counts reasons for a helper to look; one too many costs a look.
    private let wake = DispatchSemaphore(value: 0)

    init(workers: Int) { self.workers = workers }

    func add(_ jobs: [Job]) {
        state.withLock { $0.jobs += jobs }
        for _ in 0..<min(jobs.count, workers - 1) { wake.signal() }
    }

    /// Runs the oldest job on the calling thread, which has entered; false when there is none.
    func runOne() -> Bool {
        guard let job = state.withLock({ $0.take() }) else { return false }
        job()
        return true
    }

    /// Lends buffers that nobody else uses meanwhile.
    func withBench<Result>(_ body: (Workbench) throws -> Result) rethrows -> Result {
        let bench = benches.withLock { $0.popLast() } ?? Workbench()
        defer { benches.withLock { $0.append(bench) } }
        return try body(bench)
    }

    func enter() { state.withLock { $0.active += 1 } }

    func leave() {
        let isWanted = state.withLock { state in
            state.active -= 1
            return !state.isEmpty
        }
        if isWanted { wake.signal() }
    }

    /// A helper's life.
    func help() {
        while true {
            wake.wait()
            while let job = takeAsHelper() {
                job()
                state.withLock { $0.active -= 1 }
            }
            if state.withLock({ $0.isClosed }) {
                // The next helper is to see it as well.
                wake.signal()
                return
            }
        }
    }

    private func takeAsHelper() -> Job? {
        state.withLock { state in
            guard state.active < workers, let job = state.take() else { return nil }
            state.active += 1
            return job
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }
}
