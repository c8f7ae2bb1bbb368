import DVC
import EventLog
import Events
import Files
import Foundation
import HTTPTransfer
import Imaging
import Intake
import Lineage
import Logging
import ObjectStores
import Projections
import ServiceLifecycle
import Stages
import Synchronization

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
        try await recordLoss(of: LostPartitions(of: catalog, in: repository), in: log, logger)
        try await projector.catchUp()
        let remotes = Remotes(
            repository: paths.dataset,
            owner: "\(host)\0\(paths.dataset)",
            caBundle: settings.sources.caBundle,
            program: settings.pushesByProgram ? DVCProgram() : nil
        )
        let remote = try settings.remote.url(in: DVCSettings(repository: paths.dataset))
        // What is wrong with its options, or missing, is told now, not at the first push.
        if let remote { try await remotes.check(remote) }
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
            forgotten: forgotten,
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

    private static func stages(
        _ settings: Settings,
        _ paths: StorePaths,
        _ log: EventLog,
        _ projector: Projector,
        _ repository: DatasetRepository,
        _ remotes: Remotes,
        _ remote: String?,
        _ notifying: NotifyingStage,
        _ buckets: Buckets,
        policy: CommitPolicy,
        form: CommitForm,
        fetches: Bool,
        intake: IntakeGate,
        crashes: CrashWatch,
        forgotten: [LogRestored.ForgottenCommit],
        logger: Logger
    ) -> [StageRunner] {
        let catalog = CatalogReader(projector.database)
        let time = SystemTime()
        let limits = ImageLimits(maxPixels: settings.maxPixels)
        let (crew, gate) = (TileCrew(workers: settings.workers), CacheGate())
        let fetching = FetchingStage(
            log: log,
            catalog: catalog,
            paths: paths,
            stores: buckets.stores(keeping: settings.keeping),
            parallelism: settings.sources.downloads,
            maxBytes: limits.maxFileBytes,
            time: time,
            logger: logger
        )
        func cutting(_ part: TilingStage.Part) -> TilingStage {
            TilingStage(
                part,
                log: log,
                catalog: catalog,
                paths: paths,
                cache: repository.cache,
                limits: limits,
                host: host,
                crew: crew,
                gate: gate,
                originals: fetching
            )
        }
        let context = VersioningStage.Context(
            store: paths.root,
            repository: repository,
            remote: remote,
            policy: policy,
            form: form,
            isIntakeBusy: { intake.isBusy },
            forgotten: forgotten
        )
        let rederiving = cutting(.rederiving)
        let freed = FreedTiles(
            catalog: catalog,
            cache: repository.cache,
            cutting: rederiving,
            remotes: remotes,
            logger: logger
        )
        let stages: [any Stage] = [
            fetching,
            cutting(.tiling),
            rederiving,
            CuttingOverStage(
                log: log,
                catalog: catalog,
                freed: freed,
                waitsForVersions: policy.mode != .hand
            ),
            SweepingStage(log: log, catalog: catalog, repository: repository, gate: gate, logger: logger),
            VersioningStage(
                log: log,
                catalog: catalog,
                context: context,
                freed: freed,
                time: time,
                logger: logger
            ),
            PushingStage(log: log, catalog: catalog, repository: repository, remotes: remotes, freed: freed),
            SharingStage(
                log: log,
                catalog: catalog,
                repository: repository,
                place: form.gitRemote,
                logger: logger
            ),
            AnnouncingStage(
                log: log,
                catalog: catalog,
                work: WorkList(projector.database),
                repository: repository.path,
                time: time
            ),
            notifying,
        ]
        // Who only derives anew looks at no source: what is still to be fetched waits for the next one.
        return stages.filter { $0.name != fetching.name || fetches }.map { stage in
            let looksAtSources = ["fetching", "tiling"].contains(stage.name)
            return StageRunner(
                stage,
                log: log,
                projector: projector,
                time: time,
                logger: logger,
                crashes: crashes
            ) { item in
                looksAtSources && intake.holds(item)
            }
        }
    }

    /// Says who took the store, and adopts the recipe where it is another than before.
    ///
    /// - Parameters:
    ///   - given: the settings of the recipe that are not the store's own.
    ///   - previousStart: the position of the start before; 0 for none.
    private static func announce(
        _ log: EventLog,
        _ catalog: CatalogReader,
        _ settings: Settings,
        _ policy: CommitPolicy,
        given: [String: String],
        mode: String,
        _ previousStart: Int,
        _ logger: Logger
    ) async throws {
        let before = try await log.event(at: previousStart).map { try $0.decode(AgentStarted.self) }
        let isReprocessing = mode == "reprocess"
        // Who only commits or derives anew what is there changes nothing of how tiles are made.
        let makesTiles = !isReprocessing && mode != CommitCommand.mode
        let started = AgentStarted(
            version: version,
            engineRevision: settings.recipe.engineRevision,
            host: host,
            pid: Int(ProcessInfo.processInfo.processIdentifier),
            mode: mode,
            maxPixels: settings.maxPixels,
            partition: mode == CommitCommand.mode ? nil : settings.partition.text,
            recipeSettings: makesTiles ? given : before?.recipeSettings,
            datasetRepository: settings.datasetRepository,
            commitPolicy: policy.mode.rawValue
        )
        var events = [ProposedEvent(started, stream: .agent)]
        if makesTiles, try await catalog.currentRecipe() != settings.recipe {
            let coming = try await catalog.recipeToCome()
            let isNews =
                before?.recipeSettings != given || coming?.engineRevision != settings.recipe.engineRevision
            if coming == settings.recipe || !isNews {
                tellOfOtherRecipe(coming, settings.recipe, logger)
            } else {
                events += try await adopt(settings.recipe, catalog, logger)
            }
        }
        if !isReprocessing { events += try await endpointChanges(catalog, settings.endpoints) }
        try await log.append(events)
    }

    /// The events that make a recipe the store's; what was asked for before is not to be any more.
    private static func adopt(
        _ recipe: Recipe,
        _ catalog: CatalogReader,
        _ logger: Logger
    ) async throws -> [ProposedEvent] {
        if let before = try await catalog.currentRecipe(), before.engineRevision != recipe.engineRevision {
            logger.notice(
                "The imaging engine is another, which is a change of the recipe: tiles are made anew.",
                metadata: ["before": "\(before.engineRevision)", "now": "\(recipe.engineRevision)"]
            )
        }
        let cancelled = try await catalog.generations().filter(\.isPending).map {
            ProposedEvent(ReprocessCancelled(reason: "recipe-adopted"), stream: .generation($0.id))
        }
        return cancelled + [ProposedEvent(RecipeAdopted(recipe: recipe), stream: .recipe, cause: .earlier(0))]
    }

    /// Says that settings which were given are not those that the store follows.
    private static func tellOfOtherRecipe(_ coming: Recipe?, _ asked: Recipe, _ logger: Logger) {
        guard let coming, coming != asked else { return }
        logger.warning(
            "The settings ask for another recipe than the one that the store was given since: that one stands. `swathlog reprocess` goes back.",
            metadata: ["settings": "\(asked.digest)", "store": "\(coming.digest)"]
        )
    }

    /// Throws where the store's own dataset is gone, or never was there: nobody said that another one is to begin.
    private static func refuseLoss(of dataset: String, _ catalog: CatalogReader) async throws {
        guard try fileInfo("\(dataset)/.git") == nil,
            try await catalog.commits().contains(where: { $0.committedPosition != nil })
        else { return }
        throw SettingsError(
            .missing,
            "the store has dataset versions, and \(dataset) is no git repository: name theirs by dataset_repo; `--dataset-repo \(dataset)` begins a new one"
        )
    }

    /// Says that the dataset was in another repository until now, which stays as it is.
    private static func tellOfOtherDataset(_ log: EventLog, _ paths: StorePaths, _ logger: Logger) async throws {
        let before = try await log.datasetRepository() ?? StorePaths(root: paths.root).dataset
        guard before != paths.dataset, try fileInfo("\(before)/.git") != nil else { return }
        logger.warning(
            "The dataset goes into another repository than before: its next versions are made there, and the old one keeps what it has.",
            metadata: ["before": "\(before)", "now": "\(paths.dataset)"]
        )
    }

    /// Finds and records dataset versions that a restored log has forgotten; returns the last of each partition.
    private static func recall(
        _ repository: DatasetRepository,
        _ log: EventLog,
        _ opened: Int,
        _ catalog: CatalogReader,
        _ paths: StorePaths,
        _ logger: Logger
    ) async throws -> [LogRestored.ForgottenCommit] {
        let forgotten = try await ForgottenVersions(
            log: log,
            size: opened,
            catalog: catalog,
            repository: repository,
            keys: try LogKeys(paths).published()
        )
        if let position = try await forgotten.record(in: log) {
            logger.warning(
                "The dataset's history is ahead of the log, as after a backup was restored.",
                metadata: [
                    "commits": "\(forgotten.commits.count)", "position": "\(position)",
                    "accept": "swathlog audit verify --accept-restore \(position) --record",
                ]
            )
        }
        if !forgotten.otherLogs.isEmpty {
            logger.notice(
                "The dataset has versions that other logs tell of: no audit of this one checks them.",
                metadata: ["logs": "\(forgotten.otherLogs.joined(separator: " "))"]
            )
        }
        return forgotten.newest
    }

    /// Records which partitions the dataset lacks.
    private static func recordLoss(of lost: LostPartitions, in log: EventLog, _ logger: Logger) async throws {
        guard let first = lost.versions.first else { return }
        logger.warning(
            "The dataset's repository does not have these partitions, as one that is begun anew: they get a version again.",
            metadata: ["partitions": "\(lost.versions.count)", "first": "\(first.partition)"]
        )
        try await lost.record(in: log)
    }

    /// What the settings change of who is told of what.
    ///
    /// An endpoint that answered 410 stays disabled until it is another.
    ///
    /// - Parameter changed: names of those of which something changed that the log does not know, as a secret.
    static func endpointChanges(
        _ catalog: CatalogReader,
        _ endpoints: [Endpoint],
        changed: Set<String> = []
    ) async throws -> [ProposedEvent] {
        let known = Dictionary(uniqueKeysWithValues: try await catalog.endpoints().map { ($0.name, $0) })
        let adopted = endpoints.filter { endpoint in
            guard let before = known[endpoint.name] else { return true }
            let isSame =
                before.place == endpoint.adopted.place && before.filter == endpoint.filter
                && !changed.contains(endpoint.name)
            return !isSame || before.state == "not-configured"
        }
        let gone = known.values.filter { before in
            before.state == "enabled" && !endpoints.contains { $0.name == before.name }
        }
        return adopted.map { ProposedEvent($0.adopted, stream: .endpoint($0.name)) }
            + gone.map(\.name).sorted().map {
                ProposedEvent(EndpointDisabled(name: $0, reason: "not-configured"), stream: .endpoint($0))
            }
    }

    /// Removes what a killed process left half done outside the log.
    private static func sweep(_ paths: StorePaths) throws {
        for entry in try listDirectory(paths.spool) {
            if let name = entry.name { try removeFile("\(paths.spool)/\(name)") }
        }
    }

    /// The real path of a folder or file; asked for before the store is opened, which adopts settings.
    @discardableResult
    static func resolve(_ path: String) throws -> String {
        guard let real = try realPath(path) else {
            throw SettingsError(.badValue, "\(path) does not exist: name a folder of images or an image")
        }
        return real
    }

    /// The intake of a folder or file.
    func intake(of path: String) throws -> FolderIntake {
        let real = try Self.resolve(path)
        let bucket = try fileInfo(real)?.kind == .directory ? real : parent(of: real)
        return FolderIntake(
            root: real,
            bucket: bucket,
            log: log,
            projector: projector,
            memory: paths.memory(of: bucket),
            onRemove: settings.onRemove,
            // What is made of a source is no part of it.
            excluding: try ([paths.root] + [settings.remote.directory].compactMap(\.self)).map {
                try realPath($0) ?? $0
            },
            logger: logger
        )
    }

    /// The one intake of these places in buckets.
    func intake(of places: [S3Location]) throws -> ObservationIntake {
        if !places.isEmpty { try buckets.check() }
        for place in places where isFirst { warnOfOnePartition(place) }
        return buckets.intake(of: places, log: log, projector: projector, onRemove: settings.onRemove, logger: logger)
    }

    /// Says that all of a place would be one partition, because the first folder of its keys is that of its prefix.
    private func warnOfOnePartition(_ place: S3Location) {
        guard settings.partition == .standard, !place.prefix.isEmpty else { return }
        let folders = place.prefix.split(separator: "/").count
        logger.warning(
            "All objects come into one partition: its name is the first folder of a key, which is the prefix's. The setting partition names others.",
            metadata: [
                "source": "\(place.url)", "partition": "\(settings.partition.text)", "instead": "{\(folders + 1)}",
            ]
        )
    }

    /// The polling of a place in a bucket.
    func polling(_ location: S3Location, intake: ObservationIntake) -> BucketIntake {
        let room = room
        return buckets.polling(location, intake: intake, catalog: catalog, paths: paths, logger: logger) {
            try await room.wait(location.url)
        }
    }

    /// The water marks that intake keeps to.
    var room: IntakeRoom {
        IntakeRoom(
            projector,
            path: paths.root,
            limit: settings.sources.backlogLimit,
            board: board,
            logger: logger,
            onWait: sourcesWereLookedAt
        )
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

/// The views of a store.
enum Views {
    static var all: [any View] { [Catalog(), Activity()] }
}

/// Whether objects are being looked for.
final class IntakeGate: Sendable {
    private let state = Mutex((looks: 0, hasLooked: false))
    /// The log's head when the agent took the store.
    private let opened: Int

    init(opened: Int) {
        self.opened = opened
    }

    /// Whether more objects may be about to be observed; so it is until the sources have been looked at.
    var isBusy: Bool { state.withLock { $0.looks > 0 || !$0.hasLooked } }
    func enter() { state.withLock { $0.looks += 1 } }
    func leave() { state.withLock { $0.looks -= 1 } }
    func noteLook() { state.withLock { $0.hasLooked = true } }

    /// Whether work has to wait until the sources have been looked at.
    ///
    /// That is the work from before this agent: its objects may have been replaced or removed since, and what would be
    /// made of them must not depend on which of the two is first.
    func holds(_ item: WorkItem) -> Bool {
        item.position <= opened && !state.withLock { $0.hasLooked }
    }
}

extension CatalogReader {
    /// The settings that the store remembers: those of its recipe, and how partitions are named.
    func rememberedSettings() async throws -> [SettingKey: String] {
        var values = try await recipeToCome()?.values ?? [:]
        values[.partition] = try await partitionTemplate()
        return values
    }
}

extension Recipe {
    /// The settings that this recipe was adopted with.
    var values: [SettingKey: String] {
        Dictionary(
            uniqueKeysWithValues: settings.compactMap { name, value in SettingKey(rawValue: name).map { ($0, value) } }
        )
    }
}
