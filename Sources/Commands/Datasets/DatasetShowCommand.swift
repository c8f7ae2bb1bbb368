import ArgumentParser
import EventLog
import Events
import Projections
import Stages

struct DatasetShowCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a partition and its versions, newest first.",
        discussion: "Exit codes: 0, or 1 when there is no such partition."
    )

    @OptionGroup
    var options: StoreOptions

    @Option(name: .long, help: "The most versions, and damaged objects, that are listed.")
    var limit = 20

    @Argument(help: "Its name, as list shows it.")
    var partition: String

    func validate() throws {
        try check(limit: limit)
    }

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        guard let found = try await store.catalog.partition(partition) else {
            throw NotFound("the dataset has no partition '\(partition)': `swathlog dataset list` shows them")
        }
        if let lag = try store.lag() { Terminal.complain("swathlog: \(lag)") }
        let all = try await store.catalog.commits().filter { $0.partition == partition }
        let summary = DatasetPartition(found, all)
        let damages = try await store.catalog.damages(of: partition)
        let shown = summary.versions.reversed().prefix(limit)
        if options.json {
            var json = summary.json
            json.set("damage", damages.map(\.json))
            json.set("history", shown.map(\.json))
            return Terminal.print(json.text)
        }
        var facts = Table()
        facts.add("partition", partition)
        facts.add("directory", "\(store.paths.dataset)/\(partition)")
        facts.add("state", summary.state)
        if let newest = summary.newest {
            facts.add(
                "holds",
                "\(Quantities.plural(newest.files, "file", "files")), \(Quantities.bytes(newest.bytes))"
            )
            facts.add("manifest", newest.manifest)
            facts.add("recipe", newest.recipe.description)
            if let remote = newest.remote { facts.add("remote", remote) }
        }
        var history = Table(rightAligned: [2, 3, 4, 5])
        history.add("git commit", "recorded", "files", "added", "changed", "removed", "pushed")
        for version in shown {
            let event = try await store.log.event(at: version.committedPosition ?? version.startedPosition)
            history.add(
                version.gitCommit.map { String($0.prefix(10)) } ?? "-",
                event.map { "\($0.recordedAt)" } ?? "-",
                Quantities.count(version.files),
                Quantities.count(version.added),
                Quantities.count(version.changed),
                Quantities.count(version.removed),
                version.remote == nil ? "-" : version.pushedPosition == nil ? "no" : "yes"
            )
        }
        var lines = [facts.text]
        if !damages.isEmpty {
            var table = Table()
            for damage in damages.prefix(limit) {
                table.add(damage.reason, damage.place, damage.path ?? damage.artifact, damage.message)
            }
            let count = Quantities.plural(damages.count, "object", "objects")
            let verdict = "\(count) missing or damaged (`swathlog dataset verify --remote --repair`):"
            lines += ["", Terminal.red(verdict), table.text]
        }
        if !shown.isEmpty { lines += ["", history.text] }
        if shown.count < summary.versions.count {
            lines.append("… and \(summary.versions.count - shown.count) older (--limit)")
        }
        Terminal.print(lines.joined(separator: "\n"))
    }
}
