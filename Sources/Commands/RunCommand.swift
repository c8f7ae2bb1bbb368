import ArgumentParser
import Events
import Intake
import Logging
import ServiceLifecycle
import Stages

struct RunCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch a folder, and keep the dataset up to date until asked to stop.",
        discussion: """
            New, replaced and removed files are noticed as they happen, and by a look at the whole folder every \
            sweep_interval. SIGTERM and Ctrl-C finish what is in flight and end the process.
            """
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup
    var pipeline: PipelineOptions

    @Option(name: .long, help: "Folder to watch (SWATHLOG_SOURCE).")
    var source: String?

    @Option(name: .long, help: "Seconds between two looks at the whole folder.")
    var sweepInterval: String?

    @Option(name: .long, help: "Seconds after which new tiles are committed though more are coming.")
    var commitInterval: String?

    func execute() async throws {
        var flags = pipeline.flags
        flags[.source] = source
        flags[.sweepInterval] = sweepInterval
        flags[.commitInterval] = commitInterval
        let layers = try await options.layers(flags)
        guard let folder = try layers.find(.source)?.value else {
            throw SettingsError(.missing, "there is nothing to watch: name a folder with --source or SWATHLOG_SOURCE")
        }
        try Agent.resolve(folder)
        let agent = try await Agent.open(layers, mode: "run") { settings in
            CommitPolicy(quiet: .seconds(2), longest: settings.commitInterval)
        }
        try await ServiceGroup.swathlog(agent, main: Watch(agent: agent, folder: folder)).run()
        try await agent.close("asked-to-stop")
    }
}

/// Watches the folder until shutdown.
private struct Watch: Service {
    let agent: Agent
    let folder: String

    func run() async throws {
        let intake = try agent.intake(of: folder)
        agent.logger.notice("Watching a folder.", metadata: ["folder": "\(folder)", "store": "\(agent.paths.root)"])
        do {
            try await cancelWhenGracefulShutdown {
                try await intake.follow(
                    sweepEvery: agent.settings.sweepInterval,
                    onSweep: agent.sourcesWereLookedAt
                )
            }
        } catch is CancellationError {}
    }
}
