import CoreMetrics

/// Counts what a stage does.
struct StageMetrics: Sendable {
    /// What follows from a failure.
    enum Follows: String, CaseIterable {
        case retry, quarantine, source, pause
    }

    private let done: Counter
    private let failures: [Follows: Counter]
    private let seconds: Recorder

    init(stage: String) {
        done = Counter(label: "swathlog_stage_items_total", dimensions: [("stage", stage)])
        failures = Dictionary(
            uniqueKeysWithValues: Follows.allCases.map { follows in
                let dimensions = [("stage", stage), ("follows", follows.rawValue)]
                return (follows, Counter(label: "swathlog_stage_failures_total", dimensions: dimensions))
            }
        )
        seconds = Recorder(label: "swathlog_stage_item_seconds", dimensions: [("stage", stage)], aggregate: true)
    }

    func count(itemOf duration: Duration) {
        done.increment()
        seconds.record(duration / .seconds(1))
    }

    func count(_ follows: Follows) {
        failures[follows]?.increment()
    }
}
