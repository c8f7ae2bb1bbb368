import ArgumentParser
import EventLog
import Events
import Projections
import Stages

/// What could not be processed: seen, tried again, or laid aside.
struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Show what could not be processed, try it again, or lay it aside.",
        discussion: "Works beside a running agent, which records what is asked for, and without one.",
        subcommands: [
            QuarantineListCommand.self, QuarantineShowCommand.self, QuarantineReleaseCommand.self,
            QuarantineDismissCommand.self,
        ],
        defaultSubcommand: QuarantineListCommand.self
    )
}

struct QuarantineListCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Count what is in quarantine by reason, and list it, newest first.",
        discussion: "Exit codes: 0, or 1 when there is no store."
    )

    @OptionGroup
    var options: StoreOptions

    @Option(name: .long, help: "Only what is quarantined under this reason code.")
    var reason: String?

    @Flag(name: .long, help: "What was dismissed, in place of what was not.")
    var dismissed = false

    @Option(name: .long, help: "The most that are listed.")
    var limit = 100

    func validate() throws {
        try check(limit: limit)
    }

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let all = try await store.catalog.quarantined(reason: reason, dismissed: dismissed, limit: .max)
        let counts = Dictionary(grouping: all, by: \.reason).mapValues(\.count)
        let shown = all.prefix(limit)
        if let lag = try store.lag() { Terminal.complain("swathlog: \(lag)") }
        if options.json {
            let json = CanonicalJSON {
                $0.set("total", all.count)
                $0.set("reasons", CanonicalJSON { json in for (name, count) in counts { json.set(name, count) } })
                $0.set("objects", shown.map(\.json))
            }
            return Terminal.print(json.text)
        }
        guard !all.isEmpty else { return Terminal.print("Nothing is in quarantine.") }
        var reasons = Table(rightAligned: [0])
        for (name, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            reasons.add(Quantities.count(count), name)
        }
        var table = Table()
        for object in shown { table.add(object.id, object.key, object.reason, object.message) }
        var lines = [reasons.text, "", table.text]
        if shown.count < all.count { lines.append("… and \(all.count - shown.count) more (--limit)") }
        Terminal.print(lines.joined(separator: "\n"))
    }
}

struct QuarantineShowCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one object or notice: what is wrong with it, where, and what can be done.",
        discussion: "Exit codes: 0, or 1 when nothing in quarantine has this id."
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "Its id, as list shows it.")
    var id: String

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let object = try await QuarantineSelection.one(id, in: store)
        let event = try await store.log.event(at: object.position)
        if options.json {
            var json = object.json
            if let event { json.set("event", event.json) }
            return Terminal.print(json.text)
        }
        var table = Table()
        table.add(object.isNotice ? "notice" : "object", object.id)
        if !object.isNotice {
            table.add("key", object.key)
            table.add("source", "\(object.source) \(object.bucket)")
            table.add("stage", object.stage)
        }
        table.add("reason", object.reason)
        table.add("what is wrong", object.message)
        table.add("event", "#\(object.position)" + (event.map { " \($0.recordedAt)" } ?? ""))
        if object.isDismissed { table.add("dismissed", "yes") }
        if object.isOutdated { table.add("outdated", "a newer version of the key is known") }
        Terminal.print(table.text)
    }
}

/// The objects that a command is about: one by its id, those under a reason, or all.
struct QuarantineSelection: ParsableArguments {
    @Argument(help: "The id of one object or notice, as list shows it.")
    var id: String?

    @Option(name: .long, help: "All that are quarantined under this reason code.")
    var reason: String?

    @Flag(name: .long, help: "All.")
    var all = false

    func validate() throws {
        guard [id != nil, reason != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("name an ID, --reason CODE or --all, one of them")
        }
    }

    func objects(in store: StoreReader) async throws -> [QuarantinedObject] {
        if let id { return [try await Self.one(id, in: store)] }
        let found = try await store.catalog.quarantined(reason: reason, limit: .max)
        if let reason, found.isEmpty { throw NotFound("nothing is in quarantine under '\(reason)'") }
        return found.reversed()
    }

    static func one(_ id: String, in store: StoreReader) async throws -> QuarantinedObject {
        guard let object = try await store.catalog.quarantined(id) else {
            throw NotFound("nothing in quarantine has the id '\(id)': `swathlog quarantine list` shows them")
        }
        return object
    }
}
