import ArgumentParser
import DVC
import EventLog
import Events
import Files
import Foundation
import Lineage
import Projections
import Stages

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check that the record holds.",
        subcommands: [
            AuditVerifyCommand.self, AuditCheckpointCommand.self, AuditProveCommand.self, AuditVerifyProofCommand.self,
            AuditKeyCommand.self,
        ]
    )
}

struct AuditVerifyCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute the log's tree, compare it with git, and hash every recorded file on disk.",
        discussion: """
            It proves that what is recorded was not changed since; not that nothing was left unobserved. \
            Exit codes: 0 clean, 1 damage.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Flag(help: "Recompute only the events after the newest git commit that anchors the log.")
    var sinceAnchor = false

    @Flag(
        inversion: .prefixedNo,
        help: "Hash every recorded file on this disk. (default: --artifacts, with --since-anchor --no-artifacts)"
    )
    var artifacts: Bool?

    @Flag(help: "Hash what was pushed to DVC remotes: directories, and buckets, from which all of it is read.")
    var remote = false

    @Flag(
        help:
            "Record in the log what was found, which tells endpoints of damage (swathlog.audit.failed), and what --accept-restore accepts."
    )
    var record = false

    @Option(
        help:
            "Position of a LogRestored event that you know to be right: what it says was forgotten is no damage, with --record in no later audit either."
    )
    var acceptRestore: Int?

    @Option(
        help:
            "Public key that checkpoints must be signed by, or a file of keys; else those in the dataset's last commit."
    )
    var key: String?

    func execute() async throws {
        let scope = AuditScope(
            keys: try key.map(PublicKeys.read),
            sinceAnchor: sinceAnchor,
            artifacts: artifacts ?? !sinceAnchor,
            remote: remote,
            acceptedRestore: acceptRestore
        )
        let layers = try await options.layers()
        let paths = try StorePaths(layers)
        let remotes = Remotes(repository: paths.dataset, caBundle: try layers.find(.caBundle)?.value)
        let audit = Audit(
            log: try EventLog.openForReading(path: paths.log),
            paths: paths,
            repository: try await DatasetRepository.openForReading(at: paths.dataset),
            remotes: remotes
        )
        let json = options.json
        let report: AuditReport
        do {
            report = try await audit.verify(scope) { progress in
                if !json { Self.show(progress) }
            }
        } catch {
            await remotes.close()
            throw error
        }
        await remotes.close()
        if Terminal.errorIsTerminal, !options.json { Terminal.overwrite("\r\u{1B}[K") }
        if record { try await record(report, scope, paths) }
        Terminal.print(options.json ? report.json.text : Self.text(report))
        if !report.isClean { throw Exit.negative }
    }

    private func record(_ report: AuditReport, _ scope: AuditScope, _ paths: StorePaths) async throws {
        var wishes: [OperatorRequest.Wish] = []
        if let acceptRestore, !report.accepted.contains(where: { $0.restored == acceptRestore }) {
            let by = "\(NSUserName())@\(Agent.host)"
            wishes.append(.init(RestoreAccepted(restored: acceptRestore, by: by), stream: .agent))
        }
        wishes.append(.init(report.event(scope), stream: .agent))
        try await OperatorRequest(paths: paths).submit(wishes)
    }

    /// A log that is too damaged to be opened does not hold either.
    func code(for error: any Error) -> ExitCode {
        (error as? EventLogError)?.code == .damaged ? Exit.negative : Exit.code(for: error)
    }

    private static func show(_ progress: Audit.Progress) {
        guard Terminal.errorIsTerminal else { return }
        switch progress {
        case .events(let done, let total):
            Terminal.overwrite("\r\u{1B}[Kevents \(Quantities.count(done))/\(Quantities.count(total))")
        case .files(let done, let total):
            Terminal.overwrite("\r\u{1B}[Kfiles \(Quantities.count(done))/\(Quantities.count(total))")
        }
    }

    static func text(_ report: AuditReport) -> String {
        var table = Table()
        table.add("log", "\(Quantities.plural(report.head.size, "event", "events")), root \(report.head.root)")
        table.add(
            "anchored",
            report.anchoredThrough == 0
                ? "nothing yet"
                : "events 1 to \(report.anchoredThrough), by \(Quantities.plural(report.anchors, "git commit", "git commits"))"
        )
        if report.anchoredThrough < report.head.size {
            table.add(
                "unanchored",
                "events \(report.anchoredThrough + 1) to \(report.head.size): proved by the log alone until the next dataset version"
            )
        }
        for position in report.restores {
            table.add(
                "restored",
                "by the event at position \(position), git was ahead of the log then: `--accept-restore \(position)` if you know of it, with `--record` for good"
            )
        }
        if report.forgotten > 0 {
            table.add(
                "forgotten",
                "\(Quantities.plural(report.forgotten, "git commit", "git commits")) that a restored log does not know, as accepted"
            )
        }
        for accepted in report.accepted {
            table.add(
                "accepted",
                "the restore at position \(accepted.restored), by \(accepted.by.visible) at \(accepted.at) (event \(accepted.position))"
            )
        }
        if report.ofOtherLogs > 0 {
            table.add(
                "of other logs",
                "\(Quantities.plural(report.ofOtherLogs, "git commit", "git commits")), not checked here: signed by \(report.otherLogs.map(\.visible).joined(separator: ", "))"
            )
        }
        if report.assumedThrough > 0 {
            table.add("not recomputed", "events 1 to \(report.assumedThrough): taken as they are stored")
        }
        table.add(
            "signed",
            report.signedThrough == 0
                ? "nothing yet"
                : "events 1 to \(report.signedThrough), by \(Quantities.plural(report.checkpoints, "checkpoint", "checkpoints"))"
        )
        if report.assumedThrough == 0 {
            table.add("dataset versions", "\(report.versions) that log and git agree on")
        }
        if report.filesChecked + report.filesAbsent > 0 {
            table.add(
                "files",
                "\(Quantities.count(report.filesChecked)) fit (\(Quantities.bytes(report.bytesChecked)))"
                    + (report.filesAbsent > 0 ? ", \(report.filesAbsent) not on this disk" : "")
            )
        }
        if report.remoteFilesChecked > 0 {
            table.add("remote", "\(Quantities.count(report.remoteFilesChecked)) files fit")
        }
        for remote in report.remotesNotChecked {
            table.add("remote", "\(remote.visible) is neither a directory nor a bucket: not checked")
        }
        table.add("not proved", AuditReport.notProved)
        let verdict =
            report.isClean
            ? Terminal.green("The record holds.")
            : Terminal.red(
                "\(Quantities.plural(report.damage.count + report.damageBeyondList, "damage", "damages")) found:"
            )
        var damage = Table()
        for item in report.damage { damage.add(item.kind, item.place, item.message) }
        return [verdict, table.text, damage.isEmpty ? nil : damage.text].compactMap { $0 }.joined(separator: "\n")
    }
}
