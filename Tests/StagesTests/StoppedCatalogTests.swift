import EventLog
import Events
import GRDB
import Logging
import Projections
import Stages
import Synchronization
import TestSupport
import Testing

@Suite("While the catalog is stopped nothing is begun", .timeLimit(.minutes(4)))
struct StoppedCatalogTests {
    /// A stage in whose work the catalog stops: its receipt is in the log, and nobody reads it.
    private final class StoppingStage: Stage {
        let name = "fetching"
        let parallelism = 2
        let retry = RetryPolicy(base: .seconds(1), cap: .seconds(60))
        private let log: EventLog
        private let projector: Projector
        private let done = Mutex<[String]>([])

        var items: [String] { done.withLock { $0 } }

        init(log: EventLog, projector: Projector) {
            self.log = log
            self.projector = projector
        }

        func postpone(_ item: WorkItem) async throws -> Postponement? { nil }

        func perform(_ item: WorkItem) async throws -> Int {
            done.withLock { $0.append(item.item) }
            let started = AgentStarted(version: "1", engineRevision: 1, host: "h", pid: 1, mode: "run", maxPixels: 1)
            let receipt = try await log.append([ProposedEvent(started, stream: .agent)])[0].position
            try await set("failed_position = \(receipt), failure = 'odd'")
            return receipt
        }

        func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int { 0 }

        func set(_ cursor: String) async throws {
            try await projector.database.write {
                try $0.execute(sql: "UPDATE cursors SET \(cursor) WHERE view = 'catalog'")
            }
            try await projector.catchUp()
        }
    }

    @Test("what was done is not done again, however long it lasts, and the work goes on when somebody has mended it")
    func once() async throws {
        let (clock, scratch) = (JumpingClock(), try Scratch("stopped"))
        let log = try EventLog.open(path: scratch.file("log.db"), actor: "test", time: clock)
        let projector = try Projector(path: scratch.file("projections.db"), log: log, views: [Catalog()])
        let stage = StoppingStage(log: log, projector: projector)
        let runner = StageRunner(
            stage,
            log: log,
            projector: projector,
            time: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        func list(_ item: String) async throws {
            try await projector.database.write {
                try $0.execute(
                    sql: "INSERT INTO work (stage, item, position) VALUES ('fetching', ?, 1)",
                    arguments: [item]
                )
            }
            projector.nudge()
        }
        try await list("one")
        try await withThrowingTaskGroup { group in
            group.addTask { try? await runner.run() }
            try await eventually("it is done") { projector.stop(of: Catalog.name) != nil }
            try await list("other")
            for _ in 0..<200 {
                projector.nudge()
                try await clock.sleep(until: clock.now() + .seconds(1))
            }
            #expect(stage.items == ["one"])
            #expect(runner.pause == nil && log.headPosition == 1)

            // What its receipt says, once it is read.
            try await projector.database.write { try $0.execute(sql: "DELETE FROM work WHERE item = 'one'") }
            try await stage.set("failed_position = NULL, failure = NULL")
            try await eventually("the other is done") { stage.items.count > 1 }
            #expect(stage.items == ["one", "other"])
            group.cancelAll()
        }
    }
}
