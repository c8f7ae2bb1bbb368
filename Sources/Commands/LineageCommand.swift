import ArgumentParser
import Events
import GRDB
import Lineage

struct LineageCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "lineage",
        abstract: "Show where something came from and what became of it.",
        discussion: """
            ID is a source key, an object id, a tile's path, a prefix of any SHA-256 or MD5, a DVC manifest id or pointer \
            file, a git commit, a notification id, or a log position. Exit codes: 0, or 1 when nothing has this id or \
            --gaps found some.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Option(help: "Answer as of then: a log position, a time (RFC 3339), or a git revision of the dataset.")
    var at: String?

    @Flag(help: "List what of the committed dataset versions has no whole way from a source to its tiles.")
    var gaps = false

    @Flag(help: "List all tiles that ID led to.")
    var tiles = false

    @Argument(help: "What to look for.")
    var id: String?

    func validate() throws {
        guard gaps != (id != nil), !(gaps && tiles) else {
            throw ValidationError("give an ID to look for, which may have --tiles, or --gaps")
        }
    }

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let database = try await store.database(at: at)
        guard let id else { return try await showGaps(database) }
        let lineage = Lineage(log: store.log, database: database)
        let answer = try await lineage.answer(id)
        if tiles { return show(try await lineage.tiles(of: answer.subject)) }
        Terminal.print(options.json ? answer.json.text : text(answer))
    }

    private func show(_ tiles: [LineageTile]) {
        if options.json {
            return Terminal.print(CanonicalJSON { $0.set("tiles", tiles.map(\.json)) }.text)
        }
        var table = Table()
        for tile in tiles {
            table.add(tile.path.visible, "#\(tile.position)", Quantities.bytes(tile.bytes), tile.sha256)
        }
        Terminal.print(table.text)
    }

    private func showGaps(_ database: any DatabaseReader) async throws {
        let found = try await LineageGaps(database)
        if options.json {
            Terminal.print(found.json.text)
        } else {
            var table = Table()
            for gap in found.gaps { table.add(gap.place.visible, gap.reason.visible) }
            let what =
                "\(Quantities.plural(found.tiles, "tile", "tiles")) of \(Quantities.plural(found.images, "image", "images")) in \(Quantities.plural(found.versions, "dataset version", "dataset versions"))"
            let verdict =
                found.gaps.isEmpty
                ? Terminal.green("Each has one whole way: \(what).")
                : Terminal.red("\(Quantities.plural(found.gaps.count, "gap", "gaps")) in \(what):")
            Terminal.print(table.isEmpty ? verdict : verdict + "\n" + table.text)
        }
        if !found.gaps.isEmpty { throw Exit.negative }
    }

    private func text(_ answer: LineageAnswer) -> String {
        var lines = [Terminal.bold("\(answer.subject.kind) \(answer.subject.id.visible)")]
        for (index, step) in answer.steps.enumerated() {
            let mark = index == answer.steps.count - 1 ? "└" : "├"
            let when = step.position.map { "#\($0)" } ?? ""
            let time = step.recordedAt.map { " \($0)" } ?? ""
            lines.append("\(mark)─ \(Terminal.bold(step.kind)) \(Terminal.dim(when + time))")
            var table = Table()
            for fact in step.facts { table.add(fact.name, fact.value) }
            let bar = index == answer.steps.count - 1 ? " " : "│"
            if !table.isEmpty {
                lines += table.text.split(separator: "\n").map { "\(bar) \($0)" }
            }
        }
        return lines.joined(separator: "\n")
    }
}
