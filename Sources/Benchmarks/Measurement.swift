import Events
import Foundation

/// What one piece of work took.
struct Measurement: Sendable {
    enum Value: Sendable {
        /// So many events, in so many seconds by the clock and of processors.
        case rate(events: Int, seconds: Double, cpu: Double)
        case seconds(Double)
        case bytes(Double)
    }

    let name: String
    let value: Value

    /// Runs `work` and takes its time.
    static func rate(_ name: String, events: Int, _ work: () async throws -> Void) async throws -> Measurement {
        let (took, cpu) = try await time(work)
        return Measurement(name: name, value: .rate(events: events, seconds: took, cpu: cpu))
    }

    static func seconds(_ name: String, _ work: () async throws -> Void) async throws -> Measurement {
        Measurement(name: name, value: .seconds(try await time(work).seconds))
    }

    private static func time(_ work: () async throws -> Void) async throws -> (seconds: Double, cpu: Double) {
        let before = cpuSeconds()
        let took = try await ContinuousClock().measure { try await work() }
        return (took.seconds, cpuSeconds() - before)
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let times = [usage.ru_utime, usage.ru_stime]
        return times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    private var words: String {
        switch value {
        case .rate(let events, let seconds, let cpu):
            let rate = Int(Double(events) / max(seconds, 1e-9))
            return "\(rate) events/s, \(Self.rounded(cpu / Double(max(1, events)) * 1e6)) µs of a processor each"
        case .seconds(let seconds): return "\(Self.rounded(seconds * 1e3)) ms"
        case .bytes(let bytes): return "\(Self.rounded(bytes)) bytes an event"
        }
    }

    private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }

    var line: String {
        name + String(repeating: " ", count: max(2, 52 - name.count)) + words
    }

    static func json(_ results: [Measurement]) -> String {
        CanonicalJSON { $0.set("measurements", results.map(\.json)) }.text
    }

    private var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("name", name)
            switch value {
            case .rate(let events, let seconds, let cpu):
                $0.set("events", events)
                $0.set("seconds", seconds)
                $0.set("cpu_seconds", cpu)
                $0.set("events_per_second", Double(events) / max(seconds, 1e-9))
            case .seconds(let seconds): $0.set("seconds", seconds)
            case .bytes(let bytes): $0.set("bytes_per_event", bytes)
            }
        }
    }
}
