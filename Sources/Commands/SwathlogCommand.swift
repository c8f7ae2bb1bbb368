package import ArgumentParser
import Events

/// The program: all its commands.
package struct SwathlogCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "swathlog",
        abstract: "Drone and camera images in, DVC-versioned tiles out, and a log that proves what was done.",
        discussion: """
            Settings come from flags, SWATHLOG_* variables and a YAML file, in that order: see `swathlog config`. \
            Exit codes: 0 done, 1 not found or damaged, 3 done with quarantined objects, 64 wrong usage, 70 failure, \
            75 the store is in use, 78 wrong setting, 130 stopped.
            """,
        version: Agent.version,
        subcommands: [
            IngestCommand.self, RunCommand.self, CommitCommand.self, StatusCommand.self, ReconcileCommand.self,
            DoctorCommand.self, DatasetCommand.self, QuarantineCommand.self, NotificationsCommand.self, LogCommand.self,
            LineageCommand.self, ExportCommand.self,
            AuditCommand.self, ReplayCommand.self, BackupCommand.self, RestoreCommand.self,
            RecipeCommand.self, ReprocessCommand.self,
            SampleFlightCommand.self, ConfigCommand.self,
        ]
    )

    package init() {}
}

extension SwathlogCommand {
    /// Runs the command that the process's arguments name, and ends the process with its exit code.
    package static func start() async {
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
