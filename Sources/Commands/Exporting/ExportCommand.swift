import ArgumentParser

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Give what the store knows to other tools.",
        discussion: """
            Exports read beside a running agent, change nothing, and take the same memory however large the store is.
            """,
        subcommands: [
            ExportEventsCommand.self, ExportOpenLineageCommand.self, ExportSTACCommand.self,
            ExportGraphvizCommand.self,
        ]
    )
}

/// The events that an export reads.
struct ExportRange: ParsableArguments {
    @Option(help: "Leave out what comes of events up to this position: where the last export ended.")
    var after = 0

    @Option(help: "The last position to export; the log's end where it is not given.")
    var through: Int?

    func validate() throws {
        guard after >= 0, through.map({ $0 > after }) ?? true else {
            throw ValidationError("--after is 0 or more, and --through lies behind it")
        }
    }
}
