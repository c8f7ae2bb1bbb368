import ArgumentParser
import EventLog
import Events
import Stages

struct ExportEventsCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Write events as JSON Lines, which sqlite3, DuckDB and pandas read.",
        discussion: """
            Each line is one event with its envelope and its payload, in the order of the log. Worked queries are in the \
            README under "Other tools".
            """
    )

    @OptionGroup
    var options: StoreOptions

    @OptionGroup
    var range: ExportRange

    @Option(help: "Only events of this type, such as TileWritten; may be given several times.")
    var type: [String] = []

    @Option(name: .shortAndLong, help: "File to write, which appears when it is whole; standard output without it.")
    var output: String?

    func execute() async throws {
        let paths = try await options.paths()
        let log = try EventLog.openForReading(path: paths.log)
        let sink = try LineSink(output)
        let last = min(range.through ?? .max, log.headPosition)
        var position = range.after
        while position < last {
            let page = try await log.read(after: position, through: last)
            guard let end = page.last?.position else { break }
            for event in page where type.isEmpty || type.contains(event.type) { try sink.write(event.json) }
            position = end
        }
        try sink.finish()
    }
}
