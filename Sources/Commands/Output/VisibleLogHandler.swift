import Logging

/// Hands log lines on with their facts made visible and without secrets: they name objects, and a terminal may show them.
struct VisibleLogHandler: LogHandler {
    private var handler: any LogHandler
    private let output: LogOutput

    init(_ handler: any LogHandler, _ output: LogOutput) {
        self.handler = handler
        self.handler.logLevel = .trace
        self.output = output
    }

    var logLevel: Logger.Level {
        get { output.level }
        set { output.level = newValue }
    }

    var metadata: Logger.Metadata {
        get { handler.metadata }
        set { handler.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        if let error = event.error {
            let words = error.chain.map { "\($0)" }.joined(separator: ": ")
            event.metadata = (event.metadata ?? [:]).merging(["reason": "\(words)"]) { own, _ in own }
            event.error = nil
        }
        event.metadata = event.metadata?.mapValues { .string(output.mask.masked("\($0)").visible) }
        event.message = "\(output.mask.masked("\(event.message)"))"
        handler.log(event: event)
    }
}
