import ArgumentParser
import DVC
import EventLog
import Events
import Files
import Lineage
import Projections
import Stages

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check that the record holds.",
        subcommands: [AuditVerifyCommand.self]
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

    func execute() async throws {
        let paths = try await options.paths()
        let audit = Audit(
            log: try EventLog.openForReading(path: paths.log),
            paths: paths,
            repository: try await DatasetRepository.openForReading(at: paths.dataset)
        )
        let json = options.json
        let report = try await audit.verify { progress in
            if !json { Self.show(progress) }
        }
        if Terminal.errorIsTerminal, !options.json { Terminal.overwrite("\r\u{1B}[K") }
        Terminal.print(options.json ? report.json.text : text(report))
        if !report.isClean { throw Exit.negative }
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

    private func text(_ report: AuditReport) -> String {
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
        table.add("dataset versions", "\(report.versions) that log and git agree on")
        table.add(
            "files",
            "\(Quantities.count(report.filesChecked)) fit (\(Quantities.bytes(report.bytesChecked)))"
                + (report.filesAbsent > 0 ? ", \(report.filesAbsent) not on this disk" : "")
        )
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
