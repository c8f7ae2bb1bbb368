/// Writes metrics as programs that scrape them read them.
package struct MetricsText: Sendable {
    package enum Format: Sendable, Equatable, CaseIterable {
        /// Prometheus' text format 0.0.4.
        case prometheus
        /// OpenMetrics 1.0.0 (github.com/prometheus/OpenMetrics).
        case openMetrics

        package var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }

        /// What an `Accept` header asks for first (RFC 9110, section 12.5.1); Prometheus' own where it says nothing of them.
        package init(accept: String?) {
            var best: [Format: Double] = [:]
            for range in (accept ?? "").lowercased().split(separator: ",") {
                let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
                let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
                let formats: [Format] =
                    switch parts.first {
                    case "application/openmetrics-text": [.openMetrics]
                    case "text/plain", "text/*", "*/*": [.prometheus]
                    default: []
                    }
                for format in formats { best[format] = max(best[format] ?? 0, quality) }
            }
            let (open, plain) = (best[.openMetrics] ?? 0, best[.prometheus] ?? 0)
            self = open > 0 && open >= plain ? .openMetrics : .prometheus
        }
    }

    private let format: Format
    private var text = ""

    private init(_ format: Format) {
        self.format = format
    }

    /// - Parameter samples: what was read for this answer; those beyond a metric's limit of series are added up as `other`.
    package static func write(
        _ format: Format,
        _ registry: MetricsRegistry,
        _ samples: [MetricSample],
        _ descriptions: [MetricDescription] = MetricDescription.all
    ) -> String {
        var writer = MetricsText(format)
        let sampled = Dictionary(grouping: samples, by: \.name)
        for description in descriptions {
            writer.write(description, registry.series(of: description.name), bounded(sampled[description.name] ?? []))
        }
        if format == .openMetrics { writer.text += "# EOF\n" }
        return writer.text
    }

    private static func bounded(_ samples: [MetricSample]) -> [(labels: MetricLabels, value: Double)] {
        var values: [MetricLabels: Double] = [:]
        for sample in samples {
            let labels = MetricLabels(sample.labels)
            let isKnown = values[labels] != nil || values.count < MetricsRegistry.seriesLimit
            values[isKnown ? labels : labels.others, default: 0] += sample.value
        }
        return values.sorted { $0.key < $1.key }.map { (labels: $0.key, value: $0.value) }
    }

    private mutating func write(
        _ description: MetricDescription,
        _ series: [(labels: MetricLabels, cell: MetricsRegistry.Cell)],
        _ samples: [(labels: MetricLabels, value: Double)]
    ) {
        guard !series.isEmpty || !samples.isEmpty else { return }
        let name = description.name
        let kind =
            switch description.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        // OpenMetrics names a counter without its suffix.
        let family = format == .openMetrics && kind == "counter" ? String(name.dropLast("_total".count)) : name
        text += "# HELP \(family) \(description.help)\n# TYPE \(family) \(kind)\n"
        for (labels, value) in samples { line(name, labels, value) }
        for (labels, cell) in series {
            switch cell {
            case .counter(let counter): line(name, labels, counter.value)
            case .gauge(let gauge): line(name, labels, gauge.value)
            case .histogram(let histogram): write(name, labels, histogram.values, description)
            }
        }
    }

    private mutating func write(
        _ name: String,
        _ labels: MetricLabels,
        _ values: HistogramCell.Values,
        _ description: MetricDescription
    ) {
        guard case .histogram(let bounds) = description.kind else { return }
        var sum = 0
        for (bound, count) in zip(bounds.map(\.description) + ["+Inf"], values.counts) {
            sum += count
            line("\(name)_bucket", labels, Double(sum), bound: bound)
        }
        line("\(name)_sum", labels, values.sum)
        line("\(name)_count", labels, Double(sum))
    }

    private mutating func line(_ name: String, _ labels: MetricLabels, _ value: Double, bound: String? = nil) {
        var pairs = zip(labels.names, labels.values).map { "\($0)=\"\(Self.escaped($1))\"" }
        if let bound { pairs.append("le=\"\(bound)\"") }
        text += name
        if !pairs.isEmpty { text += "{\(pairs.joined(separator: ","))}" }
        text += " \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? value.description
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
