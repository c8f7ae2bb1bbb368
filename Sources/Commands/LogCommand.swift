import ArgumentParser
import EventLog
import Events
import Stages

struct LogCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show the events of the log.",
        discussion: "With --json an event is a line, payload and all. Exit codes: 0, or 1 when there is no store."
    )

    @OptionGroup
    var options: StoreOptions

    @Option(help: "Only events of this type, such as TileWritten; may be given several times.")
    var type: [String] = []

    @Option(help: "Only events of this stream, such as object/3f…, or of all streams that begin so.")
    var stream: String?

    @Option(help: "The first position to show.")
    var from = 1

    @Option(help: "The most events that are shown.")
    var limit: Int?

    @Flag(help: "Show new events as they come, too, until stopped.")
    var follow = false

    func validate() throws {
        try check(limit: limit)
    }

    func execute() async throws {
        let paths = try await options.paths()
        let log = try EventLog.openForReading(path: paths.log)
        var shown = 0
        var position = max(0, from - 1)
        while limit.map({ shown < $0 }) ?? true {
            let page = try await log.read(after: position)
            for event in page where matches(event) && limit.map({ shown < $0 }) ?? true {
                let line = options.json ? event.json.text : text(event)
                guard Terminal.printBytes(Array("\(line)\n".utf8)) else { return }
                shown += 1
            }
            if let last = page.last {
                position = last.position
            } else if follow {
                try await log.waitForEvents(after: position)
            } else {
                return
            }
        }
    }

    private func matches(_ event: RecordedEvent) -> Bool {
        (type.isEmpty || type.contains(event.type)) && (stream.map { event.stream.hasPrefix($0) } ?? true)
    }

    private func text(_ event: RecordedEvent) -> String {
        let name = event.type.visible + (event.schemaVersion > 1 ? " v\(event.schemaVersion)" : "")
        return
            "\(Terminal.dim("\(event.position)  \(event.recordedAt)"))  \(Terminal.bold(name))  \(event.stream.visible)#\(event.revision)  "
            + Terminal.dim(String(decoding: event.payload, as: UTF8.self).visible)
    }
}
