import AgentServer
import CoreMetrics
import Foundation
import TestSupport
import Testing

@Suite("What is counted is told in both formats, and read by the programs that read them", .timeLimit(.minutes(4)))
struct MetricsTests {
    private let registry = MetricsRegistry()
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch("metrics")
        let stage = [("stage", "tiling")]
        registry.makeCounter(label: "swathlog_stage_items_total", dimensions: stage).increment(by: 3)
        registry.makeRecorder(label: "download_time_seconds", dimensions: [], aggregate: true).record(0.3)
        registry.makeTimer(label: "download_time_seconds", dimensions: []).recordNanoseconds(2_000_000_000)
        registry.makeRecorder(label: "swathlog_stage_item_seconds", dimensions: stage, aggregate: true).record(1_000.0)
    }

    private let samples = [
        MetricSample("tiles_generated_total", 104),
        MetricSample("swathlog_quarantine_objects", [("reason", "a \"b\" \\c\n")], 2),
        MetricSample("process_cpu_seconds_total", 1.25),
    ]

    private func text(_ format: MetricsText.Format) -> String { MetricsText.write(format, registry, samples) }

    @Test("promtool finds no fault with the text format")
    func promtool() async throws {
        let outcome = try await promtool(checks: text(.prometheus))
        #expect(outcome.status == 0 && outcome.allText.isEmpty, "\(outcome.allText)")
    }

    @Test(
        "Prometheus' own client reads both formats, strictly, and finds the same in both",
        arguments: MetricsText.Format.allCases
    )
    func client(format: MetricsText.Format) async throws {
        let (tool, path) = try RunningServer.python("read_metrics.py")
        let file = scratch.file("metrics.txt")
        try text(format).write(toFile: file, atomically: true, encoding: .utf8)
        let read = try await tool.check([path, format == .openMetrics ? "openmetrics" : "prometheus", file]).parsed()
        #expect(read["tiles_generated_total{}"].double == 104)
        #expect(read["swathlog_stage_items_total{stage=tiling}"].double == 3)
        #expect(read["swathlog_quarantine_objects{reason=a \"b\" \\c\n}"].double == 2)
        #expect(read["download_time_seconds_bucket{le=0.25}"].double == 0)
        #expect(read["download_time_seconds_bucket{le=0.5}"].double == 1)
        #expect(read["download_time_seconds_bucket{le=+Inf}"].double == 2)
        #expect(read["download_time_seconds_sum{}"].double == 2.3)
        #expect(read["swathlog_stage_item_seconds_bucket{le=300.0,stage=tiling}"].double == 0)
        #expect(read["swathlog_stage_item_seconds_count{stage=tiling}"].double == 1)
        #expect(read["process_cpu_seconds_total{}"].double == 1.25)
    }

    @Test(
        "what a scraper accepts decides the format",
        arguments: [
            (nil, .prometheus), ("*/*", .prometheus), ("text/html", .prometheus),
            ("application/openmetrics-text", .openMetrics),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .openMetrics
            ),
            ("text/plain;q=0.9, application/openmetrics-text; q=0.3", .prometheus),
            ("application/openmetrics-text;q=0", .prometheus),
        ] as [(String?, MetricsText.Format)]
    )
    func negotiation(accept: String?, format: MetricsText.Format) {
        #expect(MetricsText.Format(accept: accept) == format)
    }

    @Test("no name of an object or a source fills the memory: beyond the limit series share one")
    func bounded() throws {
        for number in 0..<1_000 {
            let dimensions = [("stage", "s\(number)")]
            registry.makeCounter(label: "swathlog_stage_items_total", dimensions: dimensions).increment(by: 1)
        }
        let many = (0..<1_000).map { MetricSample("swathlog_quarantine_objects", [("reason", "r\($0)")], 1) }
        let lines = MetricsText.write(.prometheus, registry, many).split(separator: "\n")
        for (name, total) in [("swathlog_stage_items_total", 1_003), ("swathlog_quarantine_objects", 1_000)] {
            let series = lines.filter { $0.hasPrefix("\(name){") }
            #expect(series.count <= MetricsRegistry.seriesLimit + 1)
            #expect(series.contains { $0.contains("\"other\"") })
            #expect(series.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) == total)
        }
    }

    @Test("what is not described, or has other labels, is not kept")
    func undescribed() {
        registry.makeCounter(label: "no_such_total", dimensions: []).increment(by: 1)
        registry.makeCounter(label: "swathlog_stage_items_total", dimensions: [("key", "a.jpg")]).increment(by: 1)
        #expect(!text(.prometheus).contains("no_such") && !text(.prometheus).contains("a.jpg"))
    }

    @Test("the reference and the code that counts know the same metrics")
    func reference() throws {
        let root = "\(Checkout.root)/Sources"
        let page = try String(contentsOfFile: "\(root)/AgentServer/AgentServer.docc/Metrics.md", encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(rows == MetricDescription.all.map(Self.row))
        var counted: Set<String> = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: root) where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
            for match in text.matches(of: /(?:Counter|Recorder|Timer|Meter)\(label: "([a-z_]+)"/) {
                counted.insert(String(match.1))
            }
        }
        #expect(counted.count > 3)
        #expect(counted.subtracting(MetricDescription.all.map(\.name)).isEmpty)
    }

    @Test("the dashboard and the alerts name metrics that there are, and promtool finds no fault with the rules")
    func monitoring() async throws {
        let folder = "\(Checkout.root)/k8s/monitoring"
        let rules = try await Tool("promtool", install: "apt-get install prometheus").run([
            "check", "rules", "\(folder)/alerts.yaml",
        ])
        #expect(rules.status == 0, "\(rules.allText)")
        let known = MetricDescription.all.flatMap { metric in
            if case .histogram = metric.kind {
                ["bucket", "sum", "count"].map { "\(metric.name)_\($0)" }
            } else {
                [metric.name]
            }
        }
        let names = /\b(?:swathlog|events|images|tiles|dvc|notifications|download|processing|process)_[a-z_]+/
        let alerts = try String(contentsOfFile: "\(folder)/alerts.yaml", encoding: .utf8)
        let dashboard = try JSON(try String(contentsOfFile: "\(folder)/dashboard.json", encoding: .utf8))
        let expressions =
            alerts.split(separator: "\n").filter { $0.contains(" expr: ") }.map(String.init)
            + dashboard["panels"].list.flatMap { $0["targets"].list.map { $0["expr"].text } }
        #expect(expressions.count > 40)
        for expression in expressions {
            let found = expression.matches(of: names).map { String($0.output) }
            #expect(!found.isEmpty, "\(expression)")
            for name in found { #expect(known.contains(name), "\(name) in \(expression)") }
        }
    }

    private static func row(_ metric: MetricDescription) -> String {
        let kind =
            switch metric.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
        return "| `\(metric.name)` | \(kind) | \(labels) | \(metric.help) |"
    }

    /// Gives a text to `promtool check metrics`.
    private func promtool(checks text: String) async throws -> Outcome {
        let file = scratch.file("promtool.txt")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        _ = try Tool("promtool", install: "apt-get install prometheus")
        return try await Tool("sh").run(["-c", "promtool check metrics < \(file)"])
    }
}
