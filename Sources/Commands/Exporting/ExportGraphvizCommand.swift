import ArgumentParser
import Lineage

struct ExportGraphvizCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "graphviz",
        abstract: "Draw where something came from and what became of it, for `dot`.",
        discussion: "For a picture: swathlog export graphviz ID | dot -Tsvg > lineage.svg. ID is what `lineage` takes."
    )

    @OptionGroup
    var options: StoreOptions

    @Option(help: "Answer as of then: a log position, a time (RFC 3339), or a git revision of the dataset.")
    var at: String?

    @Argument(help: "What to look for.")
    var id: String

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        let database = try await store.database(at: at)
        let answer = try await Lineage(log: store.log, database: database).answer(id)
        Terminal.printText(LineageGraph(answer).text)
    }
}
