import Metrics

/// Counts what is told, by who told it and what became of it.
struct ObservationMetrics: Sendable {
    private let counters: [Announcer: Counters]

    private struct Counters: Sendable {
        let observed: Counter
        let repeated: Counter
        let late: Counter
        let removed: Counter
        let outdated: Counter
        let leftOut: Counter
        let malformed: Counter

        init(_ announcer: Announcer) {
            func counter(_ name: String) -> Counter {
                Counter(label: "swathlog_\(name)_total", dimensions: [("announced_by", announcer.rawValue)])
            }
            observed = counter("observations_recorded")
            repeated = counter("observations_repeated")
            late = counter("observations_late")
            removed = counter("removals_recorded")
            outdated = counter("observations_outdated")
            leftOut = counter("observations_left_out")
            malformed = counter("notices_malformed")
        }
    }

    init() {
        counters = Dictionary(uniqueKeysWithValues: Announcer.allCases.map { ($0, Counters($0)) })
    }

    func count(_ outcome: ObservationOutcome, from announcer: Announcer) {
        guard let counters = counters[announcer] else { return }
        counters.observed.increment(by: outcome.observed)
        counters.repeated.increment(by: outcome.repeated)
        counters.late.increment(by: outcome.late)
        counters.removed.increment(by: outcome.removed)
        counters.outdated.increment(by: outcome.outdated)
        counters.leftOut.increment(by: outcome.leftOut)
        counters.malformed.increment(by: outcome.malformed)
    }
}
