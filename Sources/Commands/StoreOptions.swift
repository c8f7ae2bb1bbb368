import ArgumentParser
import EventLog
import Events
import Files
import Stages

/// The options that every command has.
struct StoreOptions: ParsableArguments {
    @Option(name: .long, help: "Directory of the store (SWATHLOG_STORE; ./swathlog-store).")
    var store: String?

    @Option(name: .long, help: "YAML file with settings (SWATHLOG_CONFIG).")
    var config: String?

    @Option(name: .long, help: .setting(.datasetRepo))
    var datasetRepo: String?

    @Flag(name: .long, help: "Print JSON for machines.")
    var json = false

    var flags: [SettingKey: String] {
        var flags: [SettingKey: String] = [:]
        flags[.store] = store
        flags[.datasetRepo] = datasetRepo
        return flags
    }
}

/// The options of the commands that make datasets.
struct PipelineOptions: ParsableArguments {
    @OptionGroup(title: "Recipe")
    var recipe: RecipeOptions

    @Option(name: .long, help: .setting(.workers))
    var workers: String?

    @Option(name: .long, help: .setting(.maxPixels))
    var maxPixels: String?

    @Option(name: .long, help: .setting(.originals))
    var originals: String?

    @Option(name: .long, help: .setting(.onRemove))
    var onRemove: String?

    @Option(name: .long, help: .setting(.partition))
    var partition: String?

    @Option(name: .long, help: .setting(.dvcRemote))
    var dvcRemote: String?

    @Option(name: .long, help: .setting(.versioning))
    var versioning: String?

    @Option(name: .long, help: .setting(.dvcRemoteOptions))
    var dvcRemoteOptions: String?

    @Option(name: .long, help: .setting(.commitPolicy))
    var commitPolicy: String?

    @Option(name: .long, help: .setting(.commitTiles))
    var commitTiles: String?

    @Option(name: .long, help: .setting(.commitMessage))
    var commitMessage: String?

    @Option(name: .long, help: .setting(.commitTag))
    var commitTag: String?

    @Option(name: .long, help: .setting(.commitAuthor))
    var commitAuthor: String?

    @Option(name: .long, help: .setting(.commitCommitter))
    var commitCommitter: String?

    @Option(name: .long, help: .setting(.commitSigning))
    var commitSigning: String?

    @Option(name: .long, help: .setting(.commitSigningKey))
    var commitSigningKey: String?

    @Option(name: .long, help: .setting(.gitRemote))
    var gitRemote: String?

    @Option(name: .long, help: .setting(.gitBranch))
    var gitBranch: String?

    @Option(name: .customLong("webhook-url"), help: .setting(.webhookURL))
    var webhookURL: String?

    @Option(name: .long, help: .setting(.logLevel))
    var logLevel: String?

    @Option(name: .long, help: .setting(.logFormat))
    var logFormat: String?

    @Option(name: .long, help: .setting(.gracePeriod))
    var gracePeriod: String?

    var flags: [SettingKey: String] {
        let given: [(SettingKey, String?)] = [
            (.workers, workers), (.maxPixels, maxPixels), (.originals, originals), (.onRemove, onRemove),
            (.partition, partition),
            (.versioning, versioning), (.dvcRemote, dvcRemote), (.dvcRemoteOptions, dvcRemoteOptions),
            (.webhookURL, webhookURL),
            (.commitPolicy, commitPolicy), (.commitTiles, commitTiles), (.commitMessage, commitMessage),
            (.commitTag, commitTag), (.commitAuthor, commitAuthor), (.commitCommitter, commitCommitter),
            (.commitSigning, commitSigning), (.commitSigningKey, commitSigningKey),
            (.gitRemote, gitRemote), (.gitBranch, gitBranch),
            (.logLevel, logLevel), (.logFormat, logFormat), (.gracePeriod, gracePeriod),
        ]
        let own = Dictionary(uniqueKeysWithValues: given.compactMap { key, value in value.map { (key, $0) } })
        return own.merging(recipe.flags) { own, _ in own }
    }
}

extension StoreOptions {
    /// The layers of settings for a command, and where the store that they name has its dataset.
    ///
    /// - Parameter more: the values that the command's own flags give.
    func layers(_ more: [SettingKey: String] = [:]) async throws -> SettingLayers {
        let variables = environment()
        var layers = try await SettingLayers(
            flags: flags.merging(more) { _, new in new },
            environment: variables,
            file: config ?? variables["SWATHLOG_CONFIG"]
        )
        layers.dataset = await Self.rememberedDataset(of: try StorePaths(layers))
        return layers
    }

    /// Nil also for a log that can't be read: who needs it says so.
    private static func rememberedDataset(of store: StorePaths) async -> String? {
        guard let log = try? EventLog.openForReading(path: store.log) else { return nil }
        let dataset = try? await log.datasetRepository()
        try? log.close()
        return dataset
    }

    /// The store's paths; the store need not exist.
    func paths() async throws -> StorePaths {
        try StorePaths(try await layers())
    }
}

extension EventLog {
    /// The repository that the last agent put the dataset into; nil for the store's own, and where none has said it.
    func datasetRepository() async throws -> String? {
        try await last(of: .agentStarted, in: .agent)?.decode(AgentStarted.self).datasetRepository
    }
}

extension StorePaths {
    /// Where the files are of the store that the settings name.
    init(_ layers: SettingLayers) throws {
        self.init(
            root: absolute(try layers.find(.store)?.value ?? "."),
            dataset: try layers.find(.datasetRepo).map { absolute($0.value) }
        )
    }
}

/// The process's environment variables that are UTF-8.
func environment() -> [String: String] {
    var variables: [String: String] = [:]
    for entry in processEnvironment() {
        guard let text = String(validating: entry, as: UTF8.self), let equals = text.firstIndex(of: "=") else {
            continue
        }
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    return variables
}
