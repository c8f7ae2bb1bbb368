import Intake
import ObjectStores
import ServiceLifecycle

/// Reads a queue until shutdown, and shows how that goes.
struct QueueService: Service {
    private let intake: QueueIntake
    private let board: SourceBoard

    init(_ intake: QueueIntake, _ board: SourceBoard) {
        self.intake = intake
        self.board = board
    }

    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                do { try await self.intake.run() } catch is CancellationError {}
            }
            group.addTask {
                while true {
                    show()
                    try await Task.sleep(for: .seconds(5))
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func show() {
        let status = intake.status
        board.update(intake.queue.location.url) { state in
            state.state = status.failure.map { .failing(reason: $0.reason, message: $0.message) } ?? .watching
            state.lastLook = status.lastReceived
            state.messages = status.messages
        }
    }
}
