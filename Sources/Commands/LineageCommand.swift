import ArgumentParser
import Events
import Lineage
import Projections

struct LineageCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "lineage",
        abstract: "Show where something came from and what became of it.",
        discussion: """
            ID is a source key, an object id, a tile's path, a prefix of any SHA-256 or MD5, a DVC manifest id or pointer \
            file, a git commit, a notification id, or a log position. Exit codes: 0, or 1 when nothing has this id.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "What to look for.")
    var id: String

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let answer = try await Lineage(log: store.log, database: store.views.database).answer(id)
        if let lag = try store.lag() { Terminal.complain("swathlog: \(lag)") }
        Terminal.print(options.json ? answer.json.text : text(answer))
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
