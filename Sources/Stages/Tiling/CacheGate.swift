import Synchronization

/// Keeps files from being swept from the DVC cache while tiles are put into it.
///
/// Who makes a tile leaves out the file that is there already; that one must not be swept before the log names it.
package final class CacheGate: Sendable {
    private struct State {
        var inside = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    package init() {}

    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Whether tiles may be made now; who was let in has to leave.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.inside += 1
            return true
        }
    }

    func leave() { state.withLock { $0.inside -= 1 } }

    /// Runs `body` while nobody makes tiles.
    func whileClosed<Value>(_ body: () async throws -> Value) async throws -> Value {
        state.withLock { $0.isClosed = true }
        defer { state.withLock { $0.isClosed = false } }
        while state.withLock({ $0.inside > 0 }) { try await Task.sleep(for: .milliseconds(20)) }
        return try await body()
    }
}
