import DVC
import EventLog
import Events
import Files
import Foundation
import HTTPTransfer
import Lineage
import Logging
import Projections
import Stages

/// One process that owns a store: the log, the views, the stages, put together.
struct Agent {
    /// The program's version, as events and `--version` say it.
    static let version = "0.1.0"

    let live: LiveSettings
    let output: LogOutput
    let paths: StorePaths
    let log: EventLog
    let projector: Projector
    let catalog: CatalogReader
    let stages: [StageRunner]
    let logger: Logger
    let buckets: Buckets
    let board: SourceBoard
    let notifying: NotifyingStage
    /// Whether no agent had the store before.
    let isFirst: Bool
    /// The sources that were told to be down when the agent before ended.
    let sourcesThatWereDown: Set<String>
    let crashes: CrashWatch
    private let remotes: Remotes
    private let owner: OwnerLock
    private let client: HTTPClient
    private let intake: IntakeGate

    /// The settings as they hold now.
    var settings: Settings { live.current }

    /// Opens the store, makes it where it is missing, and adopts the recipe that the settings ask for.
    ///
    /// - Parameters:
    ///   - layers: the settings; those of the recipe that nobody gives are the store's own.
    ///   - mode: `ingest`, `run`, `commit`, or `reprocess`, which looks at no source and leaves the recipe as it is.
    static func open(_ layers: SettingLayers, mode: String, policy: (Settings) -> CommitPolicy) async throws -> Agent {
        let first = try Settings(layers, cores: cores)
        let paths = StorePaths(root: first.store, dataset: first.datasetRepository)
        for directory in [paths.root, paths.spool, paths.originals] { try createDirectories(directory) }
        let owner = try OwnerLock.take(paths.owner, host: host, time: SystemTime())
        try sweep(paths)
        let output = LogOutput(first)
        let logger = output.logger
        let key = try LogKeys(paths).load(logger, mode: mode)
        let log = try EventLog.open(path: paths.log, actor: "swathlog/\(version)", key: key)
        let opened = log.headPosition
        let projector = try Projector(path: paths.projections, log: log, views: Views.all) { reason in
            if let reason {
                logger.error("The views are paused.", metadata: ["reason": "\(reason)"])
            } else {
                logger.notice("The views go on.")
            }
        }
        try await projector.catchUp()
        let catalog = CatalogReader(projector.database)
        var layers = layers
        let given = try layers.recipeSettings()
        layers.recipe = try await catalog.rememberedSettings()
        var settings = try Settings(layers, cores: cores)
        if mode == "reprocess", let recipe = try await catalog.currentRecipe() { settings.recipe = recipe }
        let crashes = try CrashWatch(directory: paths.inFlight)
        let policy = policy(settings)
        let previousStart = try await catalog.lastPosition(of: .agentStarted)
        if try layers.find(.datasetRepo) == nil { try await refuseLoss(of: paths.dataset, catalog) }
        try await tellOfOtherDataset(log, paths, logger)
        let wereDown = try await catalog.pauses().map(\.stage).filter { $0.hasPrefix(OutageService.prefix) }
        try await announce(log, catalog, settings, policy, given: given, mode: mode, previousStart, logger)
        try await crashes.recordDeaths(
            in: log,
            work: WorkList(projector.database),
            previousStart: previousStart,
            time: SystemTime()
        )
        try await projector.catchUp()
        let repository = try await DatasetRepository.open(
            at: paths.dataset,
            remote: settings.remote.described,
            joins: settings.datasetRepository != nil,
            files: [Audit.keysFile: try LogKeys(paths).published(with: key)],
            commits: settings.versions.commits
        ) { reason in logger.notice("Waiting for the dataset's repository.", metadata: ["reason": "\(reason)"]) }
        try repository.cache.sweep()
        let forgotten = try await recall(repository, log, opened, catalog, paths, logger)
        try await projector.catchUp()
        let lost = try await LostPartitions(of: catalog, in: repository, made: forgotten.made)
        try await recordLoss(of: lost, in: log, logger)
        try await projector.catchUp()
        let remotes = Remotes(
            repository: paths.dataset,
            owner: "\(host)\0\(paths.dataset)",
            caBundle: settings.sources.caBundle,
            program: settings.pushesByProgram ? DVCProgram() : nil
        )
        let remote = try settings.remote.url(in: DVCSettings(repository: paths.dataset))
        // What is wrong with its options, or missing, is told now, not at the first push.
        if let remote {
            try await remotes.check(remote)
            try await requestPushes(LatePushes(of: catalog, to: remote), in: log, logger)
            try await projector.catchUp()
        }
        let form = try await settings.versions.form(in: repository)
        let client = try HTTPClient(settings: WebhookSender.settings(caBundle: settings.sources.caBundle))
        let buckets = try Buckets(settings.sources)
        let intake = IntakeGate(opened: log.headPosition)
        let notifying = NotifyingStage(
            log: log,
            catalog: catalog,
            sender: EndpointSender(
                webhooks: WebhookSender(client: client, policy: settings.addresses, time: SystemTime())
            ),
            endpoints: settings.endpoints,
            time: SystemTime(),
            logger: logger
        )
        let stages = stages(
            settings,
            paths,
            log,
            projector,
            repository,
            remotes,
            remote,
            notifying,
            buckets,
            policy: policy,
            form: form,
            fetches: mode != "reprocess",
            intake: intake,
            crashes: crashes,
            forgotten: forgotten.newest,
            logger: logger
        )
        return Agent(
            live: LiveSettings(settings, layers),
            output: output,
            paths: paths,
            log: log,
            projector: projector,
            catalog: catalog,
            stages: stages,
            logger: logger,
            buckets: buckets,
            board: SourceBoard(path: paths.sources),
            notifying: notifying,
            isFirst: previousStart == 0,
            sourcesThatWereDown: Set(wereDown.map { String($0.dropFirst(OutageService.prefix.count)) }),
            crashes: crashes,
            remotes: remotes,
            owner: owner,
            client: client,
            intake: intake
        )
    }

    /// Removes what a killed process left half done outside the log.
    private static func sweep(_ paths: StorePaths) throws {
        for entry in try listDirectory(paths.spool) {
            if let name = entry.name { try removeFile("\(paths.spool)/\(name)") }
        }
    }

    /// Runs `body` while intake is under way, so that no dataset version is made that would be short of its objects.
    func whileIntakeIsBusy<Value>(_ body: () async throws -> Value) async throws -> Value {
        intake.enter()
        defer {
            intake.leave()
            projector.nudge()
        }
        return try await body()
    }

    /// Notes that every source has been looked at: work from before may go on.
    func sourcesWereLookedAt() {
        intake.noteLook()
        projector.nudge()
    }

    /// Lets go of the store in good order.
    func close(_ reason: String) async throws {
        await client.shutdown()
        await buckets.close()
        await remotes.close()
        do {
            try await log.append([ProposedEvent(AgentStopped(reason: reason), stream: .agent)])
            try await log.signHead()
            try await projector.catchUp()
        } catch  where Self.isDiskFull(error) {
            // It stops all the same: as after a kill, the next agent starts from what the log holds.
            logger.warning("The stop could not be recorded.", metadata: ["reason": "\(error)"])
        }
        try log.close()
        owner.release()
    }

    private static func isDiskFull(_ error: any Error) -> Bool {
        (error as? EventLogError)?.code == .diskFull || (error as? ProjectionsError)?.code == .diskFull
    }

    /// The name of this machine.
    static var host: String { ProcessInfo.processInfo.hostName }

    static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
}

extension Agent: CustomStringConvertible, CustomDebugStringConvertible {
    /// Its store: what describes a service that holds an agent would write out its settings, secrets among them.
    var description: String { "Agent(\(paths.root))" }
    var debugDescription: String { description }
}
