import EventLog
import Events
import Foundation
import GRDB
import Logging
import Projections
import Stages
import Synchronization
import TestSupport
import Testing

@Suite("What stands still is found, and why", .timeLimit(.minutes(4)))
struct ReadinessTests {
    private static let limit = Duration.seconds(600)

    /// A clock that the test alone moves; who sleeps on it is woken by the end of the test.
    private final class StillClock: TimeSource {
        private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))

        func now() -> Timestamp { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
        func sleep(until deadline: Timestamp) async throws { try await Task.sleep(for: .seconds(86_400)) }
    }

    /// A stage of any name that hangs where it is told to.
    private final class WedgedStage: Stage {
        enum Place: CaseIterable { case nowhere, look, work, failing, ended }

        let name: String
        let parallelism = 1
        let retry = RetryPolicy(base: .seconds(1), cap: .seconds(60))
        private let place: Place
        private let count = Atomic(0)

        var looks: Int { count.load(ordering: .relaxed) }

        init(_ name: String, _ place: Place) {
            self.name = name
            self.place = place
        }

        func postpone(_ item: WorkItem) async throws -> Postponement? {
            count.add(1, ordering: .relaxed)
            if place == .look { try await Task.sleep(for: .seconds(86_400)) }
            if place == .ended { throw StageFailure(.stage, "view-stopped", "nothing can be looked at") }
            return place == .nowhere ? .untilChange : nil
        }

        func perform(_ item: WorkItem) async throws -> Int {
            if place == .failing { throw StageFailure(.stage, "disk-full", "make room") }
            try await Task.sleep(for: .seconds(86_400))
            return 0
        }

        func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int { 0 }
    }

    /// The names of what operators ask for, as they lie there.
    private final class Requests: Sendable {
        private let names = Mutex<[String]>([])

        func withLock<Result>(_ body: (inout [String]) -> Result) -> Result { names.withLock { body(&$0) } }
    }

    /// A log with something on every stage's list, its views, and a runner of a stage.
    private struct Bench {
        let clock = StillClock()
        let scratch: Scratch
        let log: EventLog
        let projector: Projector
        let stage: WedgedStage
        let runner: StageRunner
        let monitor: ReadinessMonitor
        let requests = Requests()

        init(_ stage: WedgedStage) async throws {
            self.stage = stage
            scratch = try Scratch("ready")
            log = try EventLog.open(path: scratch.file("log.db"), actor: "test", time: clock)
            projector = try Projector(path: scratch.file("projections.db"), log: log, views: [Catalog(), Activity()])
            runner = StageRunner(
                stage,
                log: log,
                projector: projector,
                time: clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            monitor = ReadinessMonitor(
                stages: [runner],
                projector: projector,
                log: log,
                store: scratch.path,
                requests: { [requests] in requests.withLock { $0 } },
                limit: { ReadinessTests.limit },
                time: clock
            )
            try await log.append(TellingStore.quarantined("p/a.jpg"))
            try await projector.catchUp()
            // What each stage has on its list is not the matter here: it has something.
            try await projector.database.write { database in
                try database.execute(
                    sql: "INSERT OR IGNORE INTO work (stage, item, position) VALUES (?, 'an item', 1)",
                    arguments: [stage.name]
                )
            }
        }

        /// Runs the stage, and the body beside it.
        func run(_ body: () async throws -> Void) async throws {
            try await withThrowingTaskGroup { group in
                group.addTask { try? await runner.run() }
                try await body()
                group.cancelAll()
            }
        }

        func codes() async -> [String] { await monitor.readiness().reasons.map { "\($0.subject) \($0.code)" } }
    }

    private static let stages = ["fetching", "tiling", "versioning", "pushing", "announcing", "notifying"]

    @Test(
        "a stage that hangs in its work, or in looking for it, is stuck after the limit, not before",
        arguments: stages
    )
    func wedged(stage: String) async throws {
        for place in [WedgedStage.Place.work, .look] {
            let bench = try await Bench(WedgedStage(stage, place))
            try await bench.run {
                try await eventually("it hangs") {
                    bench.runner.vitals.inFlight == 1 || place == .look && bench.runner.vitals.looksSince != nil
                }
                #expect(await bench.codes() == [])
                bench.clock.pass(Self.limit)
                #expect(await bench.codes() == [])
                bench.clock.pass(.seconds(1))
                #expect(await bench.codes() == ["\(stage) stage-stuck"])
            }
        }
    }

    @Test("a stage whose items have to wait is not stuck, however long they do", arguments: stages)
    func waiting(stage: String) async throws {
        let bench = try await Bench(WedgedStage(stage, .nowhere))
        try await bench.run {
            try await eventually("it has looked") { bench.stage.looks > 0 && bench.runner.vitals.looksSince == nil }
            bench.clock.pass(.seconds(86_400))
            #expect(await bench.codes() == [])
        }
    }

    @Test("a paused stage is told of at once, with its reason", arguments: stages)
    func paused(stage: String) async throws {
        let bench = try await Bench(WedgedStage(stage, .failing))
        try await bench.run {
            try await eventually("it is paused") { bench.runner.pause != nil }
            let reason = await bench.monitor.readiness().reasons.first
            #expect(reason == Readiness.Reason("disk-full", stage, "make room"))
        }
    }

    @Test("a stage that ended is told of at once", arguments: stages)
    func ended(stage: String) async throws {
        let bench = try await Bench(WedgedStage(stage, .ended))
        try await bench.run {
            try await eventually("it ended") { bench.runner.vitals.hasEnded }
            #expect(await bench.codes() == ["\(stage) stage-ended"])
        }
    }

    @Test("a view has to reach where the log was, not where it has got to")
    func frozenMark() async throws {
        let bench = try await Bench(WedgedStage("tiling", .nowhere))
        // It follows a log that is always ahead of it: each time it has read what was there when it was asked before.
        for number in 0..<5 {
            try await bench.log.append(TellingStore.quarantined("p/\(number).jpg"))
            #expect(await bench.codes() == [])
            bench.clock.pass(.seconds(500))
            try await bench.projector.catchUp()
            try await bench.log.append(TellingStore.quarantined("q/\(number).jpg"))
            #expect(await bench.codes() == [])
            bench.clock.pass(.seconds(500))
            try await bench.projector.catchUp()
        }
        // It stands still, and so does the log.
        try await bench.log.append(TellingStore.quarantined("r/a.jpg"))
        #expect(await bench.codes() == [])
        bench.clock.pass(.seconds(601))
        #expect(await bench.codes() == ["catalog view-behind", "activity view-behind"])
        try await bench.projector.catchUp()
        #expect(await bench.codes() == [])
    }

    @Test("a request that is not taken is told of after the limit, and those that are taken never, however many come")
    func untakenRequest() async throws {
        let bench = try await Bench(WedgedStage("tiling", .nowhere))
        for number in 0..<5 {
            bench.requests.withLock { $0 = ["taken-\(number)"] }
            #expect(await bench.codes() == [])
            bench.clock.pass(Self.limit)
        }
        bench.requests.withLock { $0 = ["left", "taken"] }
        #expect(await bench.codes() == [])
        bench.clock.pass(.seconds(300))
        // One that came later does not hide it, nor does it begin anew.
        bench.requests.withLock { $0 = ["left", "later"] }
        #expect(await bench.codes() == [])
        bench.clock.pass(.seconds(300))
        #expect(await bench.codes() == [])
        bench.clock.pass(.seconds(1))
        let reasons = await bench.monitor.readiness().reasons
        #expect(reasons.map(\.code) == ["request-untaken"] && reasons[0].message.hasPrefix("left is untaken"))
        bench.requests.withLock { $0 = ["later"] }
        #expect(await bench.codes() == [])
    }

    @Test("a disk without room is told of, and so is a source or an endpoint that is left alone, which is no reason")
    func diskAndWarnings() async throws {
        let bench = try await Bench(WedgedStage("tiling", .nowhere))
        let down = StageFailed(
            stage: "fetching s3://flights",
            item: nil,
            attempt: 1,
            reason: "access-denied",
            message: "give it the right to read",
            nextAttemptAt: bench.clock.now()
        )
        try await bench.log.append([ProposedEvent(down, stream: .agent)])
        try await bench.projector.catchUp()
        let ready = await bench.monitor.readiness()
        #expect(ready.isReady && ready.warnings.map(\.code) == ["access-denied"])
        try await SmallDisk.run(in: bench.scratch, megabytes: 8) { disk in
            let monitor = ReadinessMonitor(
                stages: [],
                projector: bench.projector,
                log: bench.log,
                store: disk.path,
                requests: { [] },
                limit: { Self.limit },
                time: bench.clock
            )
            #expect(await monitor.readiness().reasons.map(\.code) == ["disk-full"])
        }
    }
}
