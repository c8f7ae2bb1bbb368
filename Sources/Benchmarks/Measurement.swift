import Events

/// How long one piece of work took.
struct Measurement {
    let name: String
    let events: Int
    let seconds: Double

    var rate: Int { Int(Double(events) / seconds) }

    /// Runs `work` and takes its time on the wall clock.
    static func of(_ name: String, events: Int, _ work: () async throws -> Void) async throws -> Measurement {
        let clock = ContinuousClock()
        let took = try await clock.measure { try await work() }
        return Measurement(name: name, events: events, seconds: took.seconds)
    }

    static func table(_ results: [Measurement]) -> String {
        let width = results.map(\.name.count).max() ?? 0
        return results.map { result in
            let name = result.name + String(repeating: " ", count: width - result.name.count)
            let rate = String(result.rate)
            return name + String(repeating: " ", count: max(2, 12 - rate.count)) + rate + " events/s"
        }.joined(separator: "\n")
    }

    static func json(_ results: [Measurement]) -> String {
        CanonicalJSON {
            $0.set(
                "measurements",
                results.map { result in
                    CanonicalJSON {
                        $0.set("name", result.name)
                        $0.set("events", result.events)
                        $0.set("seconds", result.seconds)
                        $0.set("events_per_second", result.rate)
                    }
                }
            )
        }.text
    }
}
