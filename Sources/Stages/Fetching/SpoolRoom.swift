import Files
import Synchronization

/// Lets downloads begin only where the disk has room for all that are under way.
final class SpoolRoom: Sendable {
    /// What stays free beside them, in bytes.
    private static let reserve = 64 << 20

    /// What becomes of an object that would begin.
    enum Answer: Sendable, Equatable {
        case given
        /// It fits once those that are under way have ended.
        case afterOthers
        /// The disk has too little room for it alone.
        case missing(free: Int)
    }

    private struct State {
        var sizes: [String: Int] = [:]
        /// Those that met the full disk.
        var failed: Set<String> = []
        /// Those of which it was told that they wait.
        var told: Set<String> = []
    }

    private let path: String
    private let state = Mutex(State())

    init(path: String) {
        self.path = path
    }

    /// Whether an object of `size` bytes may begin.
    ///
    /// One alone may take all that is free; one that met the full disk has to leave what a stage wants to go on.
    ///
    /// - Parameter mayTakeNone: whether its bytes may be shared with the source's, so that only the disk can tell.
    func take(_ item: String, size: Int, mayTakeNone: Bool) throws -> Answer {
        let free = try freeBytes(at: path)
        return state.withLock { state in
            let hasFailed = state.failed.contains(item)
            let size = mayTakeNone && !hasFailed ? 0 : size
            guard size == 0 || size + (hasFailed ? roomToGoOn : 0) <= free else { return .missing(free: free) }
            let beside = state.sizes.values.reduce(0, +)
            guard size == 0 || beside == 0 || size + beside + Self.reserve <= free else { return .afterOthers }
            state.sizes[item] = size
            state.failed.remove(item)
            state.told.remove(item)
            return .given
        }
    }

    /// The room that was given was none.
    func didNotDo(for item: String) {
        state.withLock { _ = $0.failed.insert(item) }
    }

    /// Whether it has to be told that an object waits.
    func isNews(_ item: String) -> Bool {
        state.withLock { $0.told.insert(item).inserted }
    }

    func release(_ item: String) {
        state.withLock { $0.sizes[item] = nil }
    }
}
