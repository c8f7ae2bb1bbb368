import ArgumentParser
import EventLog
import Events
import Projections
import Stages

/// What endpoints were told, and what they answered.
struct NotificationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifications",
        abstract: "Show what endpoints were told, and send it again.",
        discussion: "Works beside a running agent, which records what is asked for, and without one.",
        subcommands: [
            NotificationsListCommand.self, NotificationsShowCommand.self, NotificationsRedeliverCommand.self,
            NotificationsEnableCommand.self,
        ],
        defaultSubcommand: NotificationsListCommand.self
    )
}

struct NotificationsListCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the endpoints and their notifications, newest first.",
        discussion: "Exit codes: 0, or 1 when there is no store."
    )

    @OptionGroup
    var options: StoreOptions

    @Option(name: .long, help: "Only those for the endpoint of this name.")
    var endpoint: String?

    @Option(name: .long, help: "Only those that are queued, delivered or abandoned.")
    var state: String?

    @Option(name: .long, help: "The most that are listed.")
    var limit = 100

    func validate() throws {
        try check(limit: limit)
        guard state.map({ ["queued", "delivered", "abandoned"].contains($0) }) ?? true else {
            throw ValidationError("--state is queued, delivered or abandoned")
        }
    }

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let endpoints = try await store.catalog.endpoints()
        let waiting = Dictionary(
            uniqueKeysWithValues: try await store.catalog.waitingNotifications().map { ($0.endpoint, $0.count) }
        )
        let found = try await store.catalog.notifications(endpoint: endpoint, state: state, limit: limit)
        if let lag = try store.lag() { Terminal.complain("swathlog: \(lag)") }
        if options.json {
            let json = CanonicalJSON {
                $0.set("endpoints", endpoints.map { Self.json($0, waiting: waiting[$0.name] ?? 0) })
                $0.set("notifications", found.map(\.json))
            }
            return Terminal.print(json.text)
        }
        var table = Table()
        for endpoint in endpoints {
            let count = Quantities.count(waiting[endpoint.name] ?? 0)
            table.add(
                endpoint.name,
                endpoint.place,
                endpoint.state,
                "\(endpoint.lastSequence) queued in all, \(count) waiting"
            )
        }
        var list = Table(rightAligned: [1])
        for one in found {
            list.add(one.id, one.sequence.map(String.init) ?? "", one.endpoint, one.kind, one.subject, one.words)
        }
        let tables = [table.text, list.text].filter { !$0.isEmpty }
        Terminal.print(tables.isEmpty ? "No endpoint was told of anything." : tables.joined(separator: "\n\n"))
    }

    private static func json(_ endpoint: CatalogEndpoint, waiting: Int) -> CanonicalJSON {
        CanonicalJSON {
            $0.set("name", endpoint.name)
            $0.set("place", endpoint.place)
            $0.set("state", endpoint.state)
            $0.set("types", endpoint.filter.kinds)
            $0.set("partitions", endpoint.filter.partitions)
            $0.set("last_sequence", endpoint.lastSequence)
            $0.set("waiting", waiting)
        }
    }
}

struct NotificationsShowCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one notification: its body, every attempt, and what came back.",
        discussion: "Exit codes: 0, or 1 when there is none of this id."
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "Its id, as list shows it: the webhook-id of its requests.")
    var id: String

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let notification = try await NotificationSelection.one(id, in: store)
        let events = try await store.log.events(of: .notification(id))
        if options.json {
            var json = notification.json
            json.set("body", notification.body)
            json.set("events", events.map(\.json))
            return Terminal.print(json.text)
        }
        var table = Table()
        table.add("notification", notification.id)
        table.add("endpoint", notification.endpoint)
        table.add("sequence", notification.sequence.map(String.init) ?? "-")
        table.add("type", notification.kind)
        table.add("state", notification.words)
        for event in events {
            table.add(event.type, "#\(event.position) \(event.recordedAt)", Self.facts(event))
        }
        Terminal.print(table.text + "\n" + notification.body.visible)
    }

    private static func facts(_ event: RecordedEvent) -> String {
        guard let attempted = try? event.decode(NotificationAttempted.self) else { return "" }
        let outcome = attempted.status.map { "status \($0)" } ?? attempted.error ?? ""
        return [outcome, attempted.answer ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

/// What a command that sends again is about: one notification, or those since a position.
struct NotificationSelection: ParsableArguments {
    @Argument(help: "The id of one notification, as list shows it.")
    var id: String?

    @Option(name: .long, help: "All that were queued at this log position or after it, and have ended.")
    var since: Int?

    @Option(name: .long, help: "With --since: only those for the endpoint of this name.")
    var endpoint: String?

    func validate() throws {
        guard (id == nil) != (since == nil) else {
            throw ValidationError("name an ID or --since POSITION, one of them")
        }
        guard id == nil || endpoint == nil else {
            throw ValidationError("--endpoint goes with --since: an ID is of one endpoint already")
        }
    }

    func notifications(in store: StoreReader) async throws -> [CatalogNotification] {
        if let id { return [try await Self.one(id, in: store)] }
        return try await store.catalog.notifications(endpoint: endpoint, since: since ?? 0, limit: .max).reversed()
    }

    static func one(_ id: String, in store: StoreReader) async throws -> CatalogNotification {
        guard let notification = try await store.catalog.notification(id) else {
            throw NotFound("there is no notification '\(id)': `swathlog notifications list` shows them")
        }
        return notification
    }
}

struct NotificationsRedeliverCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeliver",
        abstract: "Send notifications that were delivered or abandoned once more, under their ids.",
        discussion: "Those that wait are sent anyhow. Exit codes: 0, or 1 when there is none of this id."
    )

    @OptionGroup
    var options: StoreOptions
    @OptionGroup
    var selection: NotificationSelection

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let ended = try await selection.notifications(in: store).filter { $0.state != "queued" }
        try await OperatorRequest(paths: store.paths).submit(
            ended.map { .init(RedeliveryRequested(after: $0.state), stream: .notification($0.id)) }
        )
        if options.json {
            Terminal.print(CanonicalJSON { $0.set("redelivered", ended.count) }.text)
        } else {
            Terminal.print("\(Quantities.plural(ended.count, "notification", "notifications")) to be sent again")
        }
    }
}

struct NotificationsEnableCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Let an endpoint that answered 410 be told again; what waited for it is sent.",
        discussion: "Exit codes: 0, or 1 when there is none of this name."
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "The endpoint's name.")
    var name: String

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        guard let endpoint = try await store.catalog.endpoint(name) else {
            throw NotFound("there is no endpoint '\(name)': `swathlog notifications list` shows them")
        }
        if endpoint.state != "enabled" {
            try await OperatorRequest(paths: store.paths).submit([.init(endpoint.enabling, stream: .endpoint(name))])
        }
        Terminal.print(options.json ? CanonicalJSON { $0.set("enabled", name) }.text : "\(name) is enabled")
    }
}

extension CatalogNotification {
    fileprivate var words: String {
        let tries = attempts > 0 ? ", \(Quantities.plural(attempts, "attempt", "attempts"))" : ""
        let last = status.map { ", status \($0)" } ?? error.map { ", \($0)" } ?? ""
        return state + tries + last
    }
}
