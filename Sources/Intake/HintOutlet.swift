import Synchronization

/// Passes hints to their reader, and remembers when it had to drop one.
final class HintOutlet: Sendable {
    private let continuation: AsyncStream<Hint>.Continuation
    private let dropped = Mutex(false)

    init(_ continuation: AsyncStream<Hint>.Continuation) {
        self.continuation = continuation
    }

    /// Whether the reader still has to be told that hints are missing.
    var owesSweep: Bool { dropped.withLock { $0 } }

    func send(_ hint: Hint) {
        dropped.withLock { dropped in
            if dropped {
                dropped = !enqueue(.sweepNeeded(.hintsDropped))
            }
            // While a sweep is owed, further hints are part of what it will find.
            if !dropped {
                dropped = !enqueue(hint)
            }
        }
    }

    /// Tries again to tell that hints are missing.
    func settleDebt() {
        dropped.withLock { dropped in
            if dropped {
                dropped = !enqueue(.sweepNeeded(.hintsDropped))
            }
        }
    }

    func finish() {
        continuation.finish()
    }

    private func enqueue(_ hint: Hint) -> Bool {
        if case .dropped = continuation.yield(hint) { return false }
        return true
    }
}
