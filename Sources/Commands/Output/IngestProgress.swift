import Logging
import Projections
import Stages

/// The progress of an ingest: a bar on a terminal, a message now and then elsewhere.
struct IngestProgress {
    let agent: Agent
    let run: IngestRun

    private static let barWidth = 24

    /// Shows progress until it is cancelled.
    func show() async throws {
        let isTerminal = Terminal.errorIsTerminal
        defer { if isTerminal { Terminal.overwrite("\r\u{1B}[K") } }
        while true {
            try await Task.sleep(for: isTerminal ? .milliseconds(200) : .seconds(10))
            let figures = try await Figures(agent, run)
            if isTerminal {
                Terminal.overwrite("\r\u{1B}[K" + String(figures.line.prefix(Terminal.width - 1)))
            } else {
                agent.logger.notice("Images are being cut.", metadata: figures.metadata)
            }
        }
    }

    /// How far it is.
    private struct Figures {
        let summary: StoreSummary
        /// Seconds.
        let elapsed: Double
        let pause: (stage: String, message: String)?

        init(_ agent: Agent, _ run: IngestRun) async throws {
            summary = try await StoreSummary.read(agent.projector.database, since: run.startPosition)
            elapsed = (ContinuousClock.now - run.start) / .seconds(1)
            pause =
                agent.stages.compactMap { stage in stage.pause.map { (stage.name, $0.message) } }.first
                ?? agent.stages.lazy.flatMap { stage in
                    stage.outages.map { ("\(stage.name) of \($0)", $1.failure.message) }
                }.first
        }

        var done: Int { summary.derivations }
        var total: Int { done + summary.pending }
        /// Pixels in a second; nil before there are any.
        var rate: Double? { elapsed > 0 && summary.pixels > 0 ? Double(summary.pixels) / elapsed : nil }
        /// Seconds.
        var left: Double? { done > 0 && done < total ? elapsed / Double(done) * Double(total - done) : nil }

        var line: String {
            let share = total == 0 ? 0 : Double(done) / Double(total)
            let filled = Int(share * Double(IngestProgress.barWidth))
            let bar =
                String(repeating: "█", count: filled) + String(repeating: "░", count: IngestProgress.barWidth - filled)
            var text = "\(bar) \(done)/\(total) images"
            if let rate { text += "  \(Quantities.rate(rate / 1e6))  \(Quantities.count(summary.tiles)) tiles" }
            if let left {
                text += "  \(Quantities.duration(left)) left"
            } else if total > 0, done == total {
                text += "  committing"
            }
            if let pause { text += "  \(pause.stage) is paused: \(pause.message.visible)" }
            return text
        }

        var metadata: Logger.Metadata {
            var metadata: Logger.Metadata = [
                "done": "\(done)", "images": "\(total)", "tiles": "\(summary.tiles)",
            ]
            if let rate { metadata["rate"] = "\(Quantities.rate(rate / 1e6))" }
            if let left { metadata["left"] = "\(Quantities.duration(left))" }
            if let pause { metadata["paused"] = "\(pause.stage): \(pause.message)" }
            return metadata
        }
    }
}
