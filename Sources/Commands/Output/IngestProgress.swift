import Projections
import Stages

/// The progress line of an ingest: a bar on a terminal, a line now and then elsewhere.
struct IngestProgress {
    let agent: Agent
    let run: IngestRun

    private static let barWidth = 24

    /// Shows progress until it is cancelled.
    func show() async throws {
        let interval: Duration = Terminal.errorIsTerminal ? .milliseconds(200) : .seconds(10)
        defer { if Terminal.errorIsTerminal { Terminal.overwrite("\r\u{1B}[K") } }
        while true {
            try await Task.sleep(for: interval)
            let text = try await line()
            Terminal.overwrite(Terminal.errorIsTerminal ? "\r\u{1B}[K" + text : text + "\n")
        }
    }

    private func line() async throws -> String {
        let summary = try await StoreSummary.read(agent.projector.database, since: run.startPosition)
        let elapsed = (ContinuousClock.now - run.start) / .seconds(1)
        let done = summary.derivations
        let total = done + summary.pending
        let share = total == 0 ? 0 : Double(done) / Double(total)
        let filled = Int(share * Double(Self.barWidth))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
        var text = "\(bar) \(done)/\(total) images"
        if elapsed > 0, summary.pixels > 0 {
            text += "  \(Quantities.rate(Double(summary.pixels) / 1e6 / elapsed))"
            text += "  \(Quantities.count(summary.tiles)) tiles"
        }
        if done > 0, done < total {
            text += "  \(Quantities.duration(elapsed / Double(done) * Double(total - done))) left"
        } else if total > 0, done == total {
            text += "  committing"
        }
        if let pause = agent.stages.compactMap({ stage in stage.pause.map { (stage.name, $0) } }).first {
            text += "  \(pause.0) is paused: \(pause.1.message.visible)"
        }
        return String(text.prefix(Terminal.errorIsTerminal ? Terminal.width - 1 : 400))
    }
}
