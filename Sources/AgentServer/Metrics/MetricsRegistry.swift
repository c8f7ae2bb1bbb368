package import CoreMetrics
import Synchronization

/// Keeps what the program's code counts and measures through swift-metrics, for `/metrics` to read.
///
/// A series is one cell, made once and kept; recording is an atomic addition, for histograms a short lock.
package final class MetricsRegistry: MetricsFactory {
    /// Series of one metric; what comes beyond them shares one whose labels say `other`, so that no name of an object or a
    /// source can fill the memory of this program or of the one that reads.
    package static let seriesLimit = 64

    enum Cell: Sendable {
        case counter(CounterCell)
        case gauge(GaugeCell)
        case histogram(HistogramCell)
    }

    private let descriptions: [String: MetricDescription]
    private let cells = Mutex<[String: [MetricLabels: Cell]]>([:])

    package init(_ descriptions: [MetricDescription] = MetricDescription.all) {
        self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        if case .counter(let cell) = cell(label, dimensions) { cell } else { NothingCell.shared }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        if case .gauge(let cell) = cell(label, dimensions) { cell } else { NothingCell.shared }
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        switch cell(label, dimensions) {
        case .histogram(let cell): cell
        case .gauge(let cell): cell
        default: NothingCell.shared
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        if case .histogram(let cell) = cell(label, dimensions) { cell } else { NothingCell.shared }
    }

    // What was counted stays counted: a counter that begins anew would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The cell of a series; nil for a metric that is not described, or has other labels.
    private func cell(_ name: String, _ dimensions: [(String, String)]) -> Cell? {
        guard let description = descriptions[name], description.labels == dimensions.map(\.0) else { return nil }
        return cells.withLock { cells in
            var labels = MetricLabels(dimensions)
            if let known = cells[name]?[labels] { return known }
            if cells[name]?.count ?? 0 >= Self.seriesLimit { labels = labels.others }
            if let known = cells[name]?[labels] { return known }
            let cell: Cell =
                switch description.kind {
                case .counter: .counter(CounterCell())
                case .gauge: .gauge(GaugeCell())
                case .histogram(let buckets): .histogram(HistogramCell(bounds: buckets))
                }
            cells[name, default: [:]][labels] = cell
            return cell
        }
    }

    /// All series of a metric, in the order of their labels.
    func series(of name: String) -> [(labels: MetricLabels, cell: Cell)] {
        let found = cells.withLock { $0[name] ?? [:] }
        return found.sorted { $0.key < $1.key }.map { (labels: $0.key, cell: $0.value) }
    }
}

/// The labels of a series, in the order of their metric's description.
struct MetricLabels: Hashable, Comparable, Sendable {
    let names: [String]
    let values: [String]

    init(_ pairs: [(String, String)]) {
        names = pairs.map(\.0)
        values = pairs.map(\.1)
    }

    /// What stands for those beyond the limit.
    var others: MetricLabels { MetricLabels(names.map { ($0, "other") }) }

    static func < (left: MetricLabels, right: MetricLabels) -> Bool {
        left.values.lexicographicallyPrecedes(right.values)
    }
}
