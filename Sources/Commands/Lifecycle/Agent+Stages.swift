import DVC
import EventLog
import Events
import Imaging
import Logging
import Projections
import Stages

extension Agent {
    /// All that acts on the world, put together from what was opened.
    static func stages(
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
}
