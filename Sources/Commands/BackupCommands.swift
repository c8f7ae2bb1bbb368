import ArgumentParser
import EventLog
import Events
import Files
import Lineage
import Stages

struct BackupCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a consistent copy of the log, beside a running agent or without one.",
        discussion: """
            The log is what can't be made anew. The key in keys/ is not in the copy: keep it where secrets are kept. \
            A backup that stands at FILE is replaced once the new one is complete. Exit codes: 0, or 1 when there is no log.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "File to write.")
    var file: String

    func execute() async throws {
        let paths = try await options.paths()
        let log = try EventLog.openForReading(path: paths.log)
        let target = absolute(file)
        // Only another backup is replaced.
        if try fileInfo(target) != nil { try EventLog.openForReading(path: target).close() }
        let head = try log.backup(to: target)
        let json = CanonicalJSON {
            $0.set("file", target)
            $0.set("events", head.size)
            $0.set("root", head.root)
        }
        let text = "Wrote \(Quantities.plural(head.size, "event", "events")), root \(head.root), to \(target.visible)."
        Terminal.print(options.json ? json.text : text)
    }
}

struct RestoreCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup of the log in the place of a lost one, after it was verified.",
        discussion: """
            The store must have no log: move away what is left of it. What the dataset's history has beyond the backup is \
            found and recorded when the agent starts. Exit codes: 0, or 1 when the backup does not hold.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Option(help: "Public key that the checkpoints must be signed by, or a file of keys; else those of the dataset.")
    var key: String?

    @Argument(help: "The backup.")
    var file: String

    func execute() async throws {
        let paths = try await options.paths()
        let backup = try EventLog.openForReading(path: absolute(file))
        let keys = try key.map(PublicKeys.read) ?? LogKeys(paths).published()
        let report = try await Audit(log: backup, paths: paths, repository: nil).verify(
            AuditScope(keys: keys, dataset: false, artifacts: false)
        ) { _ in }
        guard report.isClean else {
            Terminal.print(options.json ? report.json.text : AuditVerifyCommand.text(report))
            throw Exit.negative
        }
        try createDirectories(paths.root)
        let owner = try OwnerLock.take(paths.owner, host: Agent.host, time: SystemTime())
        defer { owner.release() }
        for name in [paths.log, paths.log + "-wal"] where try fileInfo(name) != nil {
            throw EventLogError(.database, "\(name) exists: move it away first, so that nothing is lost")
        }
        _ = try removeFile(paths.log + "-shm")
        // The views are of the lost log.
        for name in ["", "-wal", "-shm"] { _ = try removeFile(paths.projections + name) }
        let head = try backup.backup(to: paths.log)
        let json = CanonicalJSON {
            $0.set("store", paths.root)
            $0.set("events", head.size)
            $0.set("root", head.root)
            $0.set("signatures_checked", !keys.isEmpty)
        }
        let signed = keys.isEmpty ? "\nIts signatures were not checked: name the log's public key with --key." : ""
        let text = "Restored \(Quantities.plural(head.size, "event", "events")), root \(head.root).\(signed)"
        Terminal.print(options.json ? json.text : text)
    }
}
