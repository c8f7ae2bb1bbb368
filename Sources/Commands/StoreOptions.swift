import ArgumentParser
import Events
import Files
import Stages

/// The options that every command has.
struct StoreOptions: ParsableArguments {
    @Option(name: .long, help: "Directory of the store (SWATHLOG_STORE; ./swathlog-store).")
    var store: String?

    @Option(name: .long, help: "YAML file with settings (SWATHLOG_CONFIG).")
    var config: String?

    @Flag(name: .long, help: "Print JSON for machines.")
    var json = false

    var flags: [SettingKey: String] {
        store.map { [.store: $0] } ?? [:]
    }
}

/// The options of the commands that make datasets.
struct PipelineOptions: ParsableArguments {
    @OptionGroup(title: "Recipe")
    var recipe: RecipeOptions

    @Option(name: .long, help: "Threads that make tiles.")
    var workers: String?

    @Option(name: .long, help: "Larger images are quarantined, in pixels.")
    var maxPixels: String?

    @Option(name: .long, help: "How source bytes are kept: copy or hardlink.")
    var originals: String?

    @Option(name: .long, help: "Tiles of a removed file: keep or withdraw.")
    var onRemove: String?

    @Option(name: .long, help: "Git repository of yours that gets the dataset, in place of the store's own.")
    var datasetRepo: String?

    @Option(name: .long, help: "Names a key's partition: text with {1} {2} … for its folders and {bucket}.")
    var partition: String?

    @Option(name: .long, help: "Directory, s3://BUCKET/PREFIX or remote://NAME that dataset versions are pushed to.")
    var dvcRemote: String?

    @Option(name: .long, help: "Who pushes dataset versions: native, or the installed dvc.")
    var versioning: String?

    @Option(name: .long, help: "What .dvc/config says of that remote: endpointurl=URL region=NAME profile=NAME.")
    var dvcRemoteOptions: String?

    @Option(name: .long, help: "When tiles become a version: auto, batch or hand.")
    var commitPolicy: String?

    @Option(name: .long, help: "New tiles of a partition at which it is committed though more are coming.")
    var commitTiles: String?

    @Option(name: .long, help: "Message of a version's commit: text with {partition} {summary} {number} and so on.")
    var commitMessage: String?

    @Option(name: .long, help: "Git tag of a version, such as {partition}/{number}.")
    var commitTag: String?

    @Option(name: .long, help: "Author of commits: Name <address>.")
    var commitAuthor: String?

    @Option(name: .long, help: "Committer of commits: Name <address>.")
    var commitCommitter: String?

    @Option(name: .long, help: "How commits and tags are signed by git: none, gpg or ssh.")
    var commitSigning: String?

    @Option(name: .long, help: "GPG key's id or SSH key's path.")
    var commitSigningKey: String?

    @Option(name: .long, help: "Where commits are pushed: a git remote of the dataset's repository, or a URL.")
    var gitRemote: String?

    @Option(name: .long, help: "Branch there.")
    var gitBranch: String?

    @Option(name: .customLong("webhook-url"), help: "Receives a signed POST for each dataset version.")
    var webhookURL: String?

    @Option(name: .long, help: "Least severity that is logged.")
    var logLevel: String?

    @Option(name: .long, help: "How messages look: text, json or auto.")
    var logFormat: String?

    @Option(name: .long, help: "Seconds that work in flight gets to finish when the agent is asked to stop.")
    var gracePeriod: String?

    var flags: [SettingKey: String] {
        let given: [(SettingKey, String?)] = [
            (.workers, workers), (.maxPixels, maxPixels), (.originals, originals), (.onRemove, onRemove),
            (.partition, partition), (.datasetRepo, datasetRepo),
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
    /// The layers of settings for a command.
    ///
    /// - Parameter more: the values that the command's own flags give.
    func layers(_ more: [SettingKey: String] = [:]) async throws -> SettingLayers {
        let variables = environment()
        return try await SettingLayers(
            flags: flags.merging(more) { _, new in new },
            environment: variables,
            file: config ?? variables["SWATHLOG_CONFIG"]
        )
    }

    /// The store's paths; the store need not exist.
    func paths() async throws -> StorePaths {
        try StorePaths(try await layers())
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
