import Foundation
import Synchronization

/// Shares the frames of a flight out to threads of its own, because drawing would block the cooperative pool.
final class FlightRun: Sendable {
    private struct State {
        var frames: ArraySlice<Int> = []
        var done = 0
        var running = 0
        var failure: (any Error)?
        var waiter: CheckedContinuation<Void, any Error>?
    }

    private let total: Int
    private let progress: @Sendable (Int, Int) -> Void
    private let state = Mutex(State())

    init(total: Int, progress: @escaping @Sendable (Int, Int) -> Void) {
        self.total = total
        self.progress = progress
    }

    /// Ends the run with `CancellationError` after the frames that are being drawn.
    func cancel() { fail(CancellationError()) }

    /// Draws these frames and returns when every thread has ended.
    func perform(
        _ frames: [Int],
        workers: Int,
        draw: @escaping @Sendable (Int) throws -> Void
    ) async throws {
        let workers = min(workers, frames.count)
        guard workers > 0 else { return }
        try await withCheckedThrowingContinuation { continuation in
            state.withLock {
                $0.frames = frames[...]
                $0.running = workers
                $0.waiter = continuation
            }
            for _ in 0..<workers {
                let thread = Thread { self.work(draw) }
                thread.stackSize = 1 << 20
                thread.start()
            }
        }
    }

    private func work(_ draw: (Int) throws -> Void) {
        while let index = claim() {
            do {
                try draw(index)
                finish()
            } catch {
                fail(error)
            }
        }
        leave()
    }

    private func claim() -> Int? {
        state.withLock { $0.failure == nil ? $0.frames.popFirst() : nil }
    }

    private func finish() {
        // Called with the lock held, so that numbers arrive in order.
        state.withLock { state in
            state.done += 1
            progress(state.done, total)
        }
    }

    private func fail(_ error: any Error) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    private func leave() {
        let ended = state.withLock { state -> (CheckedContinuation<Void, any Error>, (any Error)?)? in
            state.running -= 1
            guard state.running == 0, let waiter = state.waiter else { return nil }
            state.waiter = nil
            return (waiter, state.failure)
        }
        guard let (waiter, failure) = ended else { return }
        if let failure { waiter.resume(throwing: failure) } else { waiter.resume() }
    }
}
