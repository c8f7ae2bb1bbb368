import AgentServer
import ArgumentParser
import CoreMetrics
import Events
import Intake
import Logging
import ObjectStores
import ServiceLifecycle
import Stages

struct RunCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch a folder or a bucket, and keep the dataset up to date until asked to stop.",
        discussion: """
            New, replaced and removed files are noticed as they happen, and by a look at the whole source every \
            sweep_interval. A bucket is listed every poll_interval from its newest keys on; a queue (sqs_queue_url) and \
            pushes (http_token) tell of its objects at once. The page at http://127.0.0.1:8000 shows all of it. SIGTERM and \
            Ctrl-C finish what is in flight and end the process, a second one at once; SIGHUP reads the configuration again.
            """
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup
    var pipeline: PipelineOptions
    @OptionGroup
    var intake: IntakeOptions

    @Option(name: .long, help: "Folder or s3://BUCKET/PREFIX to watch (SWATHLOG_SOURCE).")
    var source: String?

    @Option(name: .long, help: .setting(.sweepInterval))
    var sweepInterval: String?

    @Option(name: .long, help: .setting(.polling))
    var polling: String?

    @Option(name: .long, help: .setting(.pollInterval))
    var pollInterval: String?

    @Option(name: .long, help: .setting(.lookBack))
    var lookBack: String?

    @Option(name: .customLong("sqs-queue-url"), help: .setting(.sqsQueueURL))
    var sqsQueueURL: String?

    @Option(name: .long, help: .setting(.sqsPollers))
    var sqsPollers: String?

    @Option(name: .long, help: .setting(.http))
    var http: String?

    @Option(name: .customLong("http-host"), help: .setting(.httpHost))
    var httpHost: String?

    @Option(name: .customLong("http-port"), help: .setting(.httpPort))
    var httpPort: String?

    @Option(name: .long, help: .setting(.commitInterval))
    var commitInterval: String?

    @Option(name: .long, help: .setting(.checkpointInterval))
    var checkpointInterval: String?

    @Option(name: .long, help: .setting(.auditInterval))
    var auditInterval: String?

    @Option(name: .long, help: .setting(.stallLimit))
    var stallLimit: String?

    private var flags: [SettingKey: String] {
        var flags = pipeline.flags.merging(intake.flags) { own, _ in own }
        flags[.source] = source
        flags[.sweepInterval] = sweepInterval
        flags[.polling] = polling
        flags[.pollInterval] = pollInterval
        flags[.lookBack] = lookBack
        flags[.sqsQueueURL] = sqsQueueURL
        flags[.sqsPollers] = sqsPollers
        flags[.http] = http
        flags[.httpHost] = httpHost
        flags[.httpPort] = httpPort
        flags[.commitInterval] = commitInterval
        flags[.checkpointInterval] = checkpointInterval
        flags[.auditInterval] = auditInterval
        flags[.stallLimit] = stallLimit
        return flags
    }

    func execute() async throws {
        let layers = try await options.layers(flags)
        guard let found = try layers.find(.source) else {
            throw SettingsError(
                .missing,
                "there is nothing to watch: name a folder or s3://BUCKET/PREFIX with --source or SWATHLOG_SOURCE"
            )
        }
        let place = try SourcePlace(found.value, origin: found.origin)
        if case .folder(let path) = place { try Agent.resolve(path) }
        let flags = flags
        let registry = MetricsRegistry()
        MetricsSystem.bootstrap(registry)
        let agent = try await Agent.open(layers, mode: "run") { settings in
            CommitPolicy(
                mode: settings.versions.mode,
                quiet: .seconds(2),
                longest: settings.versions.interval,
                tiles: settings.versions.tiles
            )
        }
        let vitals = agent.vitals(registry)
        let audits = AuditDesk()
        let group: ServiceGroup
        switch place {
        case .folder(let folder):
            try refuseQueue(agent.settings.sources)
            group = .swathlog(
                agent,
                sources: watchers(agent, audits) + servers(try await agent.server(vitals, audits, observe: nil)),
                main: FolderWatch(agent: agent, folder: folder)
            )
        case .bucket(let location):
            let intake = try agent.intake(of: [location])
            let announcers = Announcers(agent: agent, intake: intake, source: location.url)
            let server = try await agent.server(vitals, audits) { try await announcers.take($0) }
            group = .swathlog(
                agent,
                sources: try announcers.services() + watchers(agent, audits) + servers(server),
                main: agent.settings.sources.isPolling
                    ? BucketService(agent: agent, polling: agent.polling(location, intake: intake))
                    : ToldBucket(agent: agent, source: location.url)
            )
        }
        let reload = options
        try await agent.signals { await agent.reload { try await reload.layers(flags) } }.run(group)
        try await agent.close("asked-to-stop")
    }

    /// What looks after the record and the sources for as long as the agent runs.
    private func watchers(_ agent: Agent, _ audits: AuditDesk) -> [any Service] {
        [AuditService(agent: agent, desk: audits), OutageService(agent: agent)]
    }

    private func servers(_ server: AgentServer?) -> [any Service] { server.map { [$0] } ?? [] }

    /// What tells of objects of a bucket says nothing of a folder.
    private func refuseQueue(_ settings: SourceSettings) throws {
        guard settings.queueURL == nil else {
            throw SettingsError(
                .contradiction,
                "sqs_queue_url tells of a bucket's objects, and source is a folder: name s3://BUCKET/PREFIX"
            )
        }
    }
}

/// Watches the folder until shutdown.
private struct FolderWatch: Service {
    let agent: Agent
    let folder: String

    func run() async throws {
        let intake = try agent.intake(of: folder)
        agent.logger.notice("Watching a folder.", metadata: ["folder": "\(folder)", "store": "\(agent.paths.root)"])
        do {
            try await cancelWhenGracefulShutdown {
                try await intake.follow(
                    sweepEvery: agent.settings.sources.sweepInterval ?? .seconds(60),
                    onSweep: { outcome in
                        note(outcome, intake)
                        agent.sourcesWereLookedAt()
                    }
                )
            }
        } catch is CancellationError {}
    }

    private func note(_ outcome: Result<FolderIntake.Summary, IntakeError>, _ intake: FolderIntake) {
        let now = SystemTime().now()
        agent.board.update(folder) { state in
            state.sweepsOnly = intake.sweepsOnly
            switch outcome {
            case .success(let summary):
                let messages = summary.strange.map(\.message).joined(separator: "; ")
                state.state =
                    summary.strange.first.map { .failing(reason: $0.code.rawValue, message: messages) } ?? .watching
                state.lastLook = now
                state.lastSweep = now
                state.listed = summary.seen
                state.unreadable = summary.unreadable
            case .failure(let error):
                state.state = .failing(reason: error.code.rawValue, message: error.message)
            }
        }
    }
}

/// Watches the bucket until shutdown.
private struct BucketService: Service {
    let agent: Agent
    let polling: BucketIntake

    func run() async throws {
        let watch = BucketWatch(
            polling: polling,
            settings: agent.settings.sources,
            board: agent.board,
            logger: agent.logger,
            onSweep: agent.sourcesWereLookedAt
        )
        agent.logger.notice(
            "Watching a bucket.",
            metadata: ["source": "\(polling.location.url)", "store": "\(agent.paths.root)"]
        )
        do {
            try await cancelWhenGracefulShutdown { try await watch.run() }
        } catch is CancellationError {}
    }
}

/// Watches no bucket: what a queue and pushes tell of it is all that is taken.
private struct ToldBucket: Service {
    let agent: Agent
    let source: String

    func run() async throws {
        agent.sourcesWereLookedAt()
        agent.logger.notice(
            "Waiting to be told of a bucket's objects.",
            metadata: ["source": "\(source)", "store": "\(agent.paths.root)"]
        )
        try? await gracefulShutdown()
    }
}
