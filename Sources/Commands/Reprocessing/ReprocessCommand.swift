import ArgumentParser
import DVC
import Events
import Lineage
import Projections
import Stages

struct ReprocessCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprocess",
        abstract: "Derive the dataset anew with other settings, beside the one that stands.",
        discussion: """
            --plan says what that would do, and writes nothing. --apply does it: the next generation is derived beside the \
            current one, whose commits go on; when it is complete, each partition gets one commit of it. An agent that runs \
            does the work, else this command does. Ctrl-C ends the command and cancels nothing: the next agent goes on, or \
            the same command. Exit codes: 0 done, 1 there is nothing to cancel, 3 done but objects could not be cut, 78 wrong \
            setting, 130 stopped.
            """
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup(title: "Recipe")
    var recipe: RecipeOptions

    @Option(name: .customLong("recipe"), help: "YAML file with the recipe, as `recipe show` prints it.")
    var recipeFile: String?

    @Option(name: .long, help: "Only this partition of the dataset; may be repeated.")
    var partition: [String] = []

    @Option(name: .long, help: "Only objects whose keys begin so.")
    var prefix: String?

    @Option(name: .long, help: "Only objects that were observed at this time or later (RFC 3339).")
    var since: String?

    @Flag(help: "Say what would be done, and do nothing.")
    var plan = false

    @Flag(help: "Do it.")
    var apply = false

    @Flag(help: "End the re-derivation that is under way, or waits, and remove what was made of it.")
    var cancel = false

    @Flag(help: "Let each object go over as soon as its tiles are there: dataset versions mix recipes meanwhile.")
    var incremental = false

    @Option(name: .long, help: "Threads that make tiles.")
    var workers: String?

    @Option(name: .long, help: "Git repository of yours that has the dataset, in place of the store's own.")
    var datasetRepo: String?

    @Option(name: .long, help: "Directory, s3://BUCKET/PREFIX or remote://NAME that dataset versions are pushed to.")
    var dvcRemote: String?

    func validate() throws {
        guard [plan, apply, cancel].count(where: { $0 }) == 1 else {
            throw ValidationError("say one of --plan, --apply and --cancel")
        }
        guard since.map({ Timestamp(rfc3339: $0) != nil }) ?? true else {
            throw ValidationError("--since is a time such as 2026-05-01T00:00:00Z")
        }
    }

    func execute() async throws {
        let store = try await StoreReader.open(try StorePaths(try await layers()))
        let session = ReprocessSession(store: store, layers: try await layers(), showsProgress: !options.json)
        if cancel { return try await cancel(store, session) }
        let planned = try await plan(store)
        if plan { return Terminal.print(options.json ? planned.json.text : ReprocessReport.text(planned)) }
        try await apply(planned, store, session)
    }

    private func layers() async throws -> SettingLayers {
        var flags: [SettingKey: String] = [:]
        flags[.workers] = workers
        flags[.datasetRepo] = datasetRepo
        flags[.dvcRemote] = dvcRemote
        return try await options.layers(flags)
    }

    private func plan(_ store: StoreReader) async throws -> ReprocessPlan {
        guard try await store.catalog.currentRecipe() != nil else { throw LineageError.noRecipe(nil) }
        var given = recipe.flags
        if let recipeFile { given.merge(try await RecipeFile.read(recipeFile)) { flag, _ in flag } }
        let asked = try await options.recipe(given, in: store)
        let known = try await store.catalog.partitions().map(\.name)
        for name in partition where !known.contains(name) {
            throw NotFound("the dataset has no partition '\(name)': it has \(known.joined(separator: ", "))")
        }
        let settings = try Settings(try await layers(), cores: Agent.cores)
        let scope = ReprocessScope(
            partitions: partition.sorted(),
            prefix: prefix,
            since: since.flatMap(Timestamp.init(rfc3339:))
        )
        let planner = ReprocessPlanner(
            catalog: store.catalog,
            paths: store.paths,
            // A configuration that can't be read has no say in where the cache is.
            cache: try? DVCCache.of(repository: store.paths.dataset),
            workers: settings.workers
        )
        return try await planner.plan(asked, scope: scope)
    }

    private func apply(_ plan: ReprocessPlan, _ store: StoreReader, _ session: ReprocessSession) async throws {
        guard plan.split.isEmpty || plan.request.isWhole || incremental else {
            throw SettingsError(
                .contradiction,
                "the objects that are meant are not all of \(plan.split.joined(separator: ", ")), whose versions would mix recipes: add --incremental if they may, or take whole partitions"
            )
        }
        let id: String
        if let same = try await pending(plan, store) {
            id = same.id
        } else {
            guard
                plan.objects > 0
                    || (plan.request.isWhole && plan.request.partitions.isEmpty && plan.recipe != plan.from)
            else {
                return Terminal.print(
                    options.json ? plan.json.text : "Nothing is of another recipe: nothing is to be derived."
                )
            }
            id = EventID(at: SystemTime().now()).description
        }
        if !options.json { Terminal.complain(ReprocessReport.text(plan)) }
        let request = ReprocessRequested(
            recipe: plan.recipe,
            partitions: plan.request.partitions,
            prefix: plan.request.prefix,
            since: plan.request.since,
            isIncremental: incremental
        )
        let isNew = try await pending(plan, store) == nil
        let report = try await session.perform(isNew ? .init(request, stream: .generation(id)) : nil, of: id)
        Terminal.print(options.json ? report.json.text : report.text)
        if report.generation.state == .cancelled { throw Exit.negative }
        if !report.isFinished { throw Exit.interrupted }
        if report.generation.failed > 0 { throw Exit.quarantined }
    }

    /// A request of the same that has not ended, as after a command that was stopped.
    private func pending(_ plan: ReprocessPlan, _ store: StoreReader) async throws -> CatalogGeneration? {
        try await store.catalog.generations().first {
            [.queued, .deriving].contains($0.state) && $0.recipe == plan.recipe.digest
                && $0.isIncremental == incremental
                && ReprocessScope(partitions: $0.partitions, prefix: $0.prefix, since: $0.since) == plan.request
        }
    }

    private func cancel(_ store: StoreReader, _ session: ReprocessSession) async throws {
        let generations = try await store.catalog.generations()
        guard
            let found = generations.first(where: { $0.state == .deriving })
                ?? generations.first(where: { $0.state == .queued })
        else { throw NotFound("no re-derivation is under way, and none waits") }
        let report = try await session.perform(
            .init(ReprocessCancelled(reason: "asked"), stream: .generation(found.id)),
            of: found.id
        )
        Terminal.print(options.json ? report.json.text : report.text)
        if !report.isFinished { throw Exit.interrupted }
    }
}
