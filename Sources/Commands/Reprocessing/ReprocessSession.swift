import EventLog
import Events
import Logging
import Projections
import ServiceLifecycle
import Stages
import Synchronization
import UnixSignals

/// Asks for a re-derivation or its end, and waits until that is done: by the agent that runs, or by one of its own.
struct ReprocessSession {
    let store: StoreReader
    let layers: SettingLayers
    let showsProgress: Bool

    /// - Parameters:
    ///   - wish: what is asked for; nil where it was asked for before.
    ///   - generation: whose end is waited for.
    func perform(_ wish: OperatorRequest.Wish?, of generation: String) async throws -> ReprocessReport {
        let agent: Agent
        do {
            agent = try await Agent.open(layers, mode: "reprocess") { _ in CommitPolicy(quiet: .zero, longest: .zero) }
        } catch let error as EventLogError where error.code == .locked {
            if let wish { try await OperatorRequest(paths: store.paths).leave([wish]) }
            let logger = LogOutput(try Settings(layers, cores: Agent.cores)).logger
            let run = ReprocessRun(
                store.catalog,
                WorkList(store.views.database),
                generation,
                log: store.log,
                logger: logger,
                showsProgress: showsProgress
            )
            try await ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [.init(service: run, successTerminationBehavior: .gracefullyShutdownGroup)],
                    gracefulShutdownSignals: [.sigint, .sigterm],
                    logger: logger
                )
            ).run()
            return try await run.report()
        }
        if let wish { try await agent.log.append([wish.event]) }
        try await agent.projector.catchUp()
        agent.sourcesWereLookedAt()
        let run = ReprocessRun(
            agent.catalog,
            WorkList(agent.projector.database),
            generation,
            log: agent.log,
            agent: agent,
            logger: agent.logger,
            showsProgress: showsProgress
        )
        try await agent.signals().run(ServiceGroup.swathlog(agent, main: run))
        let report = try await run.report()
        try await agent.close(report.isFinished ? "finished" : "asked-to-stop")
        return report
    }
}

/// Waits until nothing is left to do for a generation.
final class ReprocessRun: Service {
    private let catalog: CatalogReader
    private let work: WorkList
    private let generation: String
    private let log: EventLog
    /// Nil where another process does the work.
    private let agent: Agent?
    private let logger: Logger
    private let showsProgress: Bool
    private let start = SystemTime().now()
    private let isFinished = Mutex(false)

    /// What has to be done with before a generation has ended, whatever it is about.
    private static let endings: Set<String> = ["sweeping", "versioning", "pushing", "sharing", "announcing"]

    init(
        _ catalog: CatalogReader,
        _ work: WorkList,
        _ generation: String,
        log: EventLog,
        agent: Agent? = nil,
        logger: Logger,
        showsProgress: Bool
    ) {
        self.catalog = catalog
        self.work = work
        self.generation = generation
        self.log = log
        self.agent = agent
        self.logger = logger
        self.showsProgress = showsProgress
    }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.wait() }
            isFinished.withLock { $0 = true }
        } catch is CancellationError {}
        if showsProgress, Terminal.errorIsTerminal { Terminal.overwrite("\r\u{1B}[K") }
    }

    private func wait() async throws {
        let start = ContinuousClock.now
        var told = start
        var toldOfHand: Set<String> = []
        var failedBefore: [WorkItem] = []
        if let agent { failedBefore = try await StuckWork.failing(agent) }
        while true {
            guard let found = try await catalog.generation(generation) else {
                try await Task.sleep(for: .milliseconds(50))
                continue
            }
            if try await hasEnded(found) { return }
            let left = try await leftToHand(found)
            if !toldOfHand.isSuperset(of: left) {
                toldOfHand.formUnion(left)
                Terminal.complain("swathlog: \(ReprocessReport.text(leftToHand: left))")
            }
            // What needs somebody is not waited for: an agent tries it again.
            if let agent {
                let stuck = try await StuckWork.find(agent, attempts: 3, since: failedBefore)
                if let first = stuck.first, try await hasStopped(found, stuck, agent) {
                    throw StageFailure(.stage, first.reason, first.text)
                }
            }
            let interval: Duration = Terminal.errorIsTerminal ? .milliseconds(200) : .seconds(10)
            if showsProgress, ContinuousClock.now >= told + interval {
                told = ContinuousClock.now
                tell(found, elapsed: (told - start) / .seconds(1))
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Whether what is stuck is all that is left; once it was cut over, what else there is comes by itself later.
    private func hasStopped(_ found: CatalogGeneration, _ stuck: [StuckWork], _ agent: Agent) async throws -> Bool {
        guard found.endedPosition == nil else { return true }
        let byHand = agent.settings.versions.mode == .hand
        let left = LeftWork(agent: agent, commitsByHand: byHand, stages: Set(agent.stages.map(\.name)))
        return try await !left.moves(stuck)
    }

    private func hasEnded(_ found: CatalogGeneration) async throws -> Bool {
        guard [.cutOver, .cancelled].contains(found.state), let ended = found.endedPosition else { return false }
        for count in try await work.counts() where Self.endings.contains(count.stage) {
            // Beside an agent that takes in images there is always something to commit: only what is as old counts.
            if agent != nil || count.oldestPosition <= ended { return false }
        }
        if let agent {
            let endpoints = agent.settings.endpoints.map(\.name).filter { !agent.notifying.leavesAlone($0) }
            if try await work.hasNotification(for: endpoints, dueAt: start) { return false }
        }
        return try await catalog.commits(of: found).allSatisfy {
            $0.committedPosition != nil && ($0.remote == nil || $0.pushedPosition != nil)
        }
    }

    /// The partitions whose versions an agent makes only once somebody asks for them.
    private func leftToHand(_ found: CatalogGeneration) async throws -> [String] {
        guard agent == nil, found.state == .cutOver, let ended = found.endedPosition,
            try await UncommittedByHand.isPolicy(ofAgentIn: log)
        else { return [] }
        return try await UncommittedByHand.partitions(catalog, changedBy: ended)
    }

    private func tell(_ found: CatalogGeneration, elapsed: Double) {
        let done = found.objects - found.waiting
        let isTimed = found.state == .deriving && done > 0 && found.waiting > 0
        let left = isTimed ? Quantities.duration(elapsed / Double(done) * Double(found.waiting)) : nil
        let pause = agent?.stages.compactMap { stage in stage.pause.map { (stage.name, $0.message) } }.first
        guard Terminal.errorIsTerminal else {
            var metadata: Logger.Metadata = [
                "state": "\(found.state.rawValue)", "done": "\(done)", "objects": "\(found.objects)",
                "failed": "\(found.failed)",
            ]
            if let left { metadata["left"] = "\(left)" }
            if let pause { metadata["paused"] = "\(pause.0): \(pause.1)" }
            return logger.notice("The next generation is being derived.", metadata: metadata)
        }
        var text = "\(found.state.rawValue): \(Quantities.count(done)) of \(Quantities.count(found.objects)) objects"
        if let left { text += "  \(left) left" }
        if found.failed > 0 { text += "  \(found.failed) failed" }
        if let pause { text += "  \(pause.0) is paused: \(pause.1.visible)" }
        Terminal.overwrite("\r\u{1B}[K" + String(text.prefix(Terminal.width - 1)))
    }

    func report() async throws -> ReprocessReport {
        guard let found = try await catalog.generation(generation) else {
            throw NotFound("the agent has not taken the request yet: it will, once it can")
        }
        let last = try await log.events(of: StreamName.generation(generation)).last
        let swept = last?.type == EventType.generationSwept.rawValue ? try last?.decode(GenerationSwept.self) : nil
        let isFinished = isFinished.withLock { $0 }
        return ReprocessReport(
            generation: found,
            commits: found.state == .cutOver ? try await catalog.commits(of: found) : [],
            swept: swept,
            uncommitted: isFinished ? [] : try await leftToHand(found),
            isFinished: isFinished
        )
    }
}
