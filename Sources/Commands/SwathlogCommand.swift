package import ArgumentParser
import Events
import Threads

/// The program: all its commands.
package struct SwathlogCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "swathlog",
        abstract: "Drone and camera images in, DVC-versioned tiles out, and a log that proves what was done.",
        discussion: """
            To begin: `swathlog ingest FOLDER`, then `swathlog status`, and `swathlog run` to go on for good. \
            Settings come from flags, SWATHLOG_* variables and a YAML file, in that order: see `swathlog config`. \
            Exit codes: 0 done, 1 not found or damaged, 3 done with quarantined objects, 64 wrong usage, 70 failure, \
            75 the store is in use, 78 wrong setting, 130 stopped.
            """,
        version: Agent.version,
        groupedSubcommands: [
            CommandGroup(
                name: "Dataset",
                subcommands: [
                    IngestCommand.self, RunCommand.self, CommitCommand.self, RecipeCommand.self, ReprocessCommand.self,
                ]
            ),
            CommandGroup(
                name: "Query",
                subcommands: [
                    StatusCommand.self, DatasetCommand.self, LineageCommand.self, LogCommand.self, ExportCommand.self,
                ]
            ),
            CommandGroup(
                name: "Trouble",
                subcommands: [
                    DoctorCommand.self, QuarantineCommand.self, NotificationsCommand.self, ReconcileCommand.self,
                ]
            ),
            CommandGroup(
                name: "Record",
                subcommands: [AuditCommand.self, BackupCommand.self, RestoreCommand.self, ReplayCommand.self]
            ),
            CommandGroup(name: "Setup", subcommands: [ConfigCommand.self, SampleFlightCommand.self]),
        ]
    )

    package init() {}
}

extension SwathlogCommand {
    /// Runs the command that the process's arguments name, and ends the process with its exit code.
    package static func start() async {
        Heaps.keepFew()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            // The commands tell their own errors; a wrong usage is found before there is a command.
            guard exitCode(for: error) == .validationFailure, CommandLine.arguments.contains("--json") else {
                exit(withError: error)
            }
            let json = CanonicalJSON {
                $0.set("error", "wrong-usage")
                $0.set("message", message(for: error))
            }
            Terminal.print(json.text)
            exit(withError: ExitCode.validationFailure)
        }
    }
}
