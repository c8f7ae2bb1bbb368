import Events
import Files
import Logging
import Projections
import Stages
import Synchronization

/// Lets intake wait while there is more work than the agent should remember, or too little room on the disk.
///
/// It waits from the high water mark until the low one is reached, so that it does not stop and go with every object.
final class IntakeRoom: Sendable {
    /// Intake stops below this many free bytes, and goes on above twice as many.
    static let leastFree = 256 << 20

    private let work: WorkList
    private let projector: Projector
    private let path: String
    private let limit: Int
    private let board: SourceBoard
    private let logger: Logger
    private let onWait: @Sendable () -> Void

    /// - Parameter onWait: called when intake begins to wait: work that is held until all was looked at must go on now.
    init(
        _ projector: Projector,
        path: String,
        limit: Int,
        board: SourceBoard,
        logger: Logger,
        onWait: @escaping @Sendable () -> Void
    ) {
        work = WorkList(projector.database)
        self.projector = projector
        self.path = path
        self.limit = limit
        self.board = board
        self.logger = logger
        self.onWait = onWait
    }

    /// Returns when there is room.
    func wait(_ source: String) async throws {
        guard var reason = try await shortage(backlog: limit, free: Self.leastFree) else { return }
        logger.notice("Intake waits.", metadata: ["source": "\(source)", "reason": "\(reason)"])
        onWait()
        while true {
            board.update(source) { $0.state = .waiting(reason) }
            let changes = projector.changeCount
            // The disk fills and empties without a word in the log.
            try await withThrowingTaskGroup { group in
                group.addTask { try await self.projector.waitForChange(after: changes) }
                group.addTask { try await Task.sleep(for: .seconds(5)) }
                try await group.next()
                group.cancelAll()
            }
            guard let still = try await shortage(backlog: max(1, limit / 2), free: 2 * Self.leastFree) else { break }
            reason = still
        }
        logger.notice("Intake goes on.", metadata: ["source": "\(source)"])
        board.update(source) { $0.state = .watching }
    }

    private func shortage(backlog: Int, free: Int) async throws -> String? {
        let waiting = try await work.counts().filter { ["fetching", "tiling"].contains($0.stage) }
            .reduce(0) { $0 + $1.waiting }
        if waiting >= backlog { return "\(waiting) objects are on the work list, backlog_limit is \(limit)" }
        let room = try freeBytes(at: path)
        guard room < free else { return nil }
        return
            "the disk that holds \(path) has \(room >> 20) MiB free; intake goes on at \(2 * Self.leastFree >> 20) MiB"
    }
}
