import ArgumentParser
import Events
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
            the same command. Exit codes: 0 done, 1 there is nothing to cancel, 3 done but objects could not be cut, 70 all is \
            done but what can't go on, such as what needs a bucket that gives nothing, 78 wrong setting, 130 stopped.
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

    @Option(name: .long, help: .setting(.workers))
    var workers: String?

    @Option(name: .long, help: .setting(.dvcRemote))
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
        flags[.dvcRemote] = dvcRemote
        return try await options.layers(flags)
    }

    private func requests(_ store: StoreReader) async throws -> ReprocessRequests {
        let settings = try Settings(try await layers(), cores: Agent.cores)
        return ReprocessRequests(catalog: store.catalog, paths: store.paths, workers: settings.workers)
    }

    private func plan(_ store: StoreReader) async throws -> ReprocessPlan {
        var given = recipe.flags
        if let recipeFile { given.merge(try await RecipeFile.read(recipeFile)) { flag, _ in flag } }
        let asked = try await options.recipe(given, in: store)
        let scope = ReprocessScope(
            partitions: partition.sorted(),
            prefix: prefix,
            since: since.flatMap(Timestamp.init(rfc3339:))
        )
        return try await requests(store).plan(asked, scope: scope)
    }

    private func apply(_ plan: ReprocessPlan, _ store: StoreReader, _ session: ReprocessSession) async throws {
        let (id, wish): (String, OperatorRequest.Wish?)
        switch try await requests(store).request(plan, isIncremental: incremental) {
        case .nothing:
            return Terminal.print(
                options.json ? plan.json.text : "Nothing is of another recipe: nothing is to be derived."
            )
        case .pending(let same): (id, wish) = (same.id, nil)
        case .request(let new, let requested): (id, wish) = (new, .init(requested, stream: .generation(new)))
        }
        if !options.json { Terminal.complain(ReprocessReport.text(plan)) }
        let report = try await session.perform(wish, of: id)
        Terminal.print(options.json ? report.json.text : report.text)
        if report.generation.state == .cancelled { throw Exit.negative }
        if !report.isFinished { throw Exit.interrupted }
        if report.generation.failed > 0 { throw Exit.quarantined }
    }

    private func cancel(_ store: StoreReader, _ session: ReprocessSession) async throws {
        let found = try await requests(store).generationToCancel()
        let report = try await session.perform(
            .init(ReprocessCancelled(reason: "asked"), stream: .generation(found.id)),
            of: found.id
        )
        Terminal.print(options.json ? report.json.text : report.text)
        if !report.isFinished { throw Exit.interrupted }
    }
}
