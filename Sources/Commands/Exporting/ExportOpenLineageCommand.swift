import ArgumentParser
import EventLog
import Events
import Lineage
import Projections

struct ExportOpenLineageCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "openlineage",
        abstract: "Tell runs, derivations, dataset versions and pushes as OpenLineage run events.",
        discussion: """
            The events go to a file or standard output as JSON Lines, or to an HTTP endpoint such as Marquez. The key in \
            OPENLINEAGE_API_KEY is sent as a bearer token. An event keeps its run id in every export, so that sending one \
            twice does no harm. Standard error says through which position the log was exported: give it to --after \
            the next time; what is read then begins with the agent that ran at that position.
            """
    )

    @OptionGroup
    var options: StoreOptions

    @OptionGroup
    var range: ExportRange

    @Option(help: "Endpoint that gets a POST for each event; /api/v1/lineage is added to a URL without a path.")
    var url: String?

    @Option(name: .shortAndLong, help: "File to write, which appears when it is whole; standard output without it.")
    var output: String?

    @Option(help: "Namespace of the jobs and of the dataset's partitions.")
    var namespace = "swathlog"

    func validate() throws {
        guard url == nil || output == nil else { throw ValidationError("give --url or --output, not both") }
    }

    func execute() async throws {
        let store = try await StoreReader.open(try await options.paths())
        if let lag = try store.lag() { Terminal.complain("swathlog: \(lag)") }
        var runs = OpenLineageRuns(
            database: store.views.database,
            namespace: namespace,
            version: Agent.version
        )
        let sink: any ExportSink
        if let url {
            sink = try OpenLineageSink(url, key: environment()["OPENLINEAGE_API_KEY"])
        } else {
            sink = try LineSink(output)
        }
        let last = min(range.through ?? .max, store.log.headPosition)
        // The runs under way at --after began before it, under the agent that ran then.
        var position = try await OpenLineageRuns.beginning(of: range.after, in: store.log)
        while position < last {
            let page = try await store.log.read(after: position, through: last, payloads: OpenLineageRuns.payloadTypes)
            guard let end = page.last?.position else { break }
            for event in page {
                for item in try await runs.events(of: event) where item.position > range.after {
                    try await sink.write(item.json)
                }
            }
            position = end
        }
        try await sink.finish()
        Terminal.complain("exported through position \(position)")
    }
}
