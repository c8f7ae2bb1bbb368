import Events
import Logging

/// Writes each message as a JSON object on a line of standard error.
///
/// | key | is |
/// |---|---|
/// | `timestamp` | RFC 3339, UTC |
/// | `severity` | `trace` to `critical` |
/// | `message` | a constant sentence |
/// | `name` | the logger's |
/// | `metadata` | the facts, as texts |
/// | `error` | the error and its causes, outermost first: `type`, `message` |
struct JSONLogHandler: LogHandler {
    private let label: String
    private let output: LogOutput
    var metadata: Logger.Metadata = [:]

    init(_ label: String, _ output: LogOutput) {
        self.label = label
        self.output = output
    }

    var logLevel: Logger.Level {
        get { output.level }
        set { output.level = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }
        let json = CanonicalJSON {
            $0.set("timestamp", SystemTime().now().description)
            $0.set("severity", event.level.rawValue)
            $0.set("message", output.mask.masked("\(event.message)"))
            $0.set("name", label)
            $0.set(
                "metadata",
                CanonicalJSON { json in
                    for (key, value) in facts { json.set(key, output.mask.masked("\(value)")) }
                }
            )
            if let error = event.error { $0.set("error", chain(error)) }
        }
        Terminal.complain(json.text)
    }

    private func chain(_ error: any Error) -> [CanonicalJSON] {
        error.chain.map { error in
            CanonicalJSON {
                $0.set("type", "\(type(of: error))")
                $0.set("message", output.mask.masked("\(error)"))
            }
        }
    }
}

extension Error {
    /// The error and its causes, outermost first.
    var chain: [any Error] {
        var errors: [any Error] = [self]
        // Each module names its cause so.
        while errors.count < 8, let last = errors.last,
            let cause = Mirror(reflecting: last).descendant("cause") as? any Error
        {
            errors.append(cause)
        }
        return errors
    }
}
