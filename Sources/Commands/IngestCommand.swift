import ArgumentParser
import EventLog
import Events
import Intake
import ObjectStores
import Projections
import ServiceLifecycle
import Stages
import Synchronization

struct IngestCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Take in folders, images or buckets, make their tiles, commit the dataset, and end.",
        discussion: """
            What is known already is not done again. Ctrl-C stops cleanly, and the next run goes on. \
            Exit codes: 0 done, 3 done but objects were quarantined, 70 all is done but what can't go on, such as the objects \
            of a bucket that gives none, 130 stopped, 75 another process writes the store.
            """
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup
    var pipeline: PipelineOptions

    @OptionGroup
    var intake: IntakeOptions

    @Argument(help: "Folders of images, images, or s3://BUCKET/PREFIX.")
    var paths: [String]

    func execute() async throws {
        let places = try paths.map { try SourcePlace($0, origin: "the argument") }
        for case .folder(let path) in places { try Agent.resolve(path) }
        let flags = pipeline.flags.merging(intake.flags) { own, _ in own }
        let agent = try await Agent.open(try await options.layers(flags), mode: "ingest") { settings in
            CommitPolicy(
                mode: settings.versions.mode,
                quiet: .zero,
                longest: .seconds(365 * 86_400),
                tiles: settings.versions.tiles
            )
        }
        let run = IngestRun(agent: agent, places: places, showsProgress: !options.json)
        try await agent.signals().run(ServiceGroup.swathlog(agent, main: run))
        let report = try await IngestReport.make(agent, run)
        try await agent.close(run.isFinished ? "finished" : "asked-to-stop")
        Terminal.print(options.json ? report.json.text : report.text)
        if !run.isFinished { throw Exit.interrupted }
        if !report.stuck.isEmpty { throw Exit.failure }
        if report.quarantined > 0 { throw Exit.quarantined }
    }
}

extension ServiceGroup {
    /// The agent's services around a main one, in the order in which they start; they stop in the reverse one.
    ///
    /// - Parameter sources: what tells of objects beside the main service.
    static func swathlog(_ agent: Agent, sources: [any Service] = [], main: any Service) -> ServiceGroup {
        var services = [ServiceGroupConfiguration.ServiceConfiguration(service: agent.projector)]
        services += agent.stages.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }
        services.append(.init(service: CheckpointService(agent: agent)))
        let desk = RequestDesk(log: agent.log, catalog: agent.catalog, paths: agent.paths, logger: agent.logger)
        services.append(ServiceGroupConfiguration.ServiceConfiguration(service: desk))
        services += sources.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }
        services.append(.init(service: main, successTerminationBehavior: .gracefullyShutdownGroup))
        var configuration = ServiceGroupConfiguration(services: services, logger: agent.logger)
        configuration.maximumGracefulShutdownDuration = agent.settings.gracePeriod
        return ServiceGroup(configuration: configuration)
    }
}

extension Agent {
    /// What the process's signals do.
    func signals(reload: (@Sendable () async -> Void)? = nil) -> SignalWatch {
        SignalWatch(
            grace: settings.gracePeriod,
            logger: logger,
            reload: reload,
            onEndAtOnce: crashes.noteEndBySignal
        )
    }
}

/// The one-shot job: look at everything once, then wait until all of it is done.
final class IngestRun: Service {
    let startPosition: Int
    let start = ContinuousClock.now
    private let agent: Agent
    private let places: [SourcePlace]
    private let showsProgress: Bool
    private let state = Mutex((summary: FolderIntake.Summary(), isFinished: false, stuck: [StuckWork]()))

    init(agent: Agent, places: [SourcePlace], showsProgress: Bool) {
        self.agent = agent
        self.places = places
        self.showsProgress = showsProgress
        startPosition = agent.log.headPosition
    }

    var summary: FolderIntake.Summary { state.withLock { $0.summary } }
    /// What can't be done before somebody does something.
    var stuck: [StuckWork] { state.withLock { $0.stuck } }
    /// Whether everything was done, and not stopped before.
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup { group in
                    if self.showsProgress {
                        group.addTask { try await IngestProgress(agent: self.agent, run: self).show() }
                    }
                    try await self.work()
                    group.cancelAll()
                }
            }
            state.withLock { $0.isFinished = true }
        } catch is CancellationError {}
    }

    private func work() async throws {
        try await agent.whileIntakeIsBusy {
            let intakes = try places.compactMap { place in
                if case .folder(let path) = place { try agent.intake(of: path) } else { nil }
            }
            for intake in intakes { add(try await intake.sweep()) }
            try await lookAtBuckets()
            agent.sourcesWereLookedAt()
            for intake in intakes {
                var late = try await intake.settle()
                late.seen = 0
                add(late)
            }
        }
        let stuck = try await LeftWork(agent: agent, commitsByHand: agent.settings.versions.mode == .hand).wait()
        state.withLock { $0.stuck = stuck }
    }

    private func lookAtBuckets() async throws {
        let locations = places.compactMap { place in
            if case .bucket(let location) = place { location } else { nil }
        }
        let intake = try agent.intake(of: locations)
        for location in locations {
            let found = try await agent.polling(location, intake: intake).sweep()
            var summary = FolderIntake.Summary()
            summary.seen = found.listed
            summary.observed = found.outcome.observed
            summary.removed = found.outcome.removed
            summary.unreadable = found.unreadable
            add(summary)
        }
    }

    private func add(_ more: FolderIntake.Summary) {
        state.withLock { state in
            state.summary.seen += more.seen
            state.summary.observed += more.observed
            state.summary.removed += more.removed
            state.summary.unreadable += more.unreadable
        }
    }
}
