import Synchronization

/// How far a log or a view reaches, and who waits for it to reach further.
package final class PositionSignal: Sendable {
    private struct Waiter {
        let id: Int
        let position: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var position: Int
        var nextID = 0
        var waiters: [Waiter] = []
        /// Waits that were cancelled before they began.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    package init(_ position: Int) {
        state = Mutex(State(position: position))
    }

    package var position: Int { state.withLock { $0.position } }

    /// Wakes those who wait for a position before `position`.
    package func advance(to position: Int) {
        move { max($0, position) }
    }

    /// Goes one further.
    package func advance() {
        move { $0 + 1 }
    }

    /// Goes back to 0: what was reached is to be reached again.
    package func rewind() {
        state.withLock { $0.position = 0 }
    }

    private func move(_ next: (Int) -> Int) {
        let woken = state.withLock { state in
            state.position = next(state.position)
            let reached = state.waiters.filter { $0.position < state.position }
            state.waiters.removeAll { $0.position < state.position }
            return reached
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Returns once it reaches beyond `position`; throws `CancellationError` when the task is cancelled.
    package func wait(past position: Int) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if state.position > position { return .success(()) }
                    state.waiters.append(Waiter(id: id, position: position, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
        state.withLock { _ = $0.cancelled.remove(id) }
    }
}
