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
            A backup that stands at FILE is replaced once the new one is complete; nothing else is, least of all the log of \
            a store. Exit codes: 0, or 1 when there is no log.
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
        try refuseToReplace(target, log: paths.log)
        let head = try log.backup(to: target)
        let json = CanonicalJSON {
            $0.set("file", target)
            $0.set("events", head.size)
            $0.set("root", head.root)
        }
        let text = "Wrote \(Quantities.plural(head.size, "event", "events")), root \(head.root), to \(target.visible)."
        Terminal.print(options.json ? json.text : text)
    }

    /// Only another backup is replaced.
    ///
    /// In the place of a store's log, its agent would write on into a file that has no name any more, and lose that.
    private func refuseToReplace(_ target: String, log: String) throws {
        guard try fileInfo(target) != nil else { return }
        if let place = try realPath(target), let found = try fileInfo(place) {
            let own = try realPath(log).flatMap { try fileInfo($0) }
            let store = StorePaths(root: parent(of: place))
            let isStores = try place == store.log && fileInfo(store.owner) != nil
            let isOpen = try ["-wal", "-shm"].contains { try fileInfo(place + $0) != nil }
            guard (found.device, found.inode) != (own?.device, own?.inode), !isStores, !isOpen else {
                throw FileError(
                    code: .exists,
                    path: target,
                    message: "\(target) is the log of a store, which a backup never replaces: name another file"
                )
            }
        }
        do {
            try EventLog.openForReading(path: target).close()
        } catch {
            throw FileError(
                code: .exists,
                path: target,
                message:
                    "\(target) is no backup of a log, and nothing else is replaced: name another file, or remove it"
            )
        }
    }
}

struct RestoreCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup of the log in the place of a lost one, after it was verified.",
        discussion: """
            The store must have no log: move away what is left of it. What the dataset's history has beyond the backup is \
            found and recorded when the agent starts, and is damage to audits until `audit verify --accept-restore` has it \
            accepted. Exit codes: 0, or 1 when the backup does not hold.
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
        let keys = try key.map(PublicKeys.read) ?? LogKeys(paths).published()
        let (backup, report) = try await read(absolute(file), paths, keys)
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

    /// Opens and verifies the backup; what is wrong with it is said of a backup, not of the store's log.
    private func read(
        _ path: String,
        _ paths: StorePaths,
        _ keys: [VerifierKey]
    ) async throws -> (EventLog, AuditReport) {
        do {
            let backup = try EventLog.openForReading(path: path)
            let report = try await Audit(log: backup, paths: paths, repository: nil).verify(
                AuditScope(keys: keys, dataset: false, artifacts: false)
            ) { _ in }
            return (backup, report)
        } catch let error as EventLogError {
            switch error.code {
            case .notFound:
                throw EventLogError(
                    .notFound,
                    "there is no backup at \(path): name a file that `swathlog backup` wrote"
                )
            case .damaged:
                throw EventLogError(.damaged, "the backup \(path) is damaged or cut short: restore another one")
            case .notALog:
                throw EventLogError(.notALog, "\(path) is no backup of a log: name a file that `swathlog backup` wrote")
            default: throw error
            }
        }
    }

    func code(for error: any Error) -> ExitCode {
        switch (error as? EventLogError)?.code {
        case .damaged, .notALog: Exit.negative
        default: Exit.code(for: error)
        }
    }
}
