import ArgumentParser
import EventLog
import Events
import Files
import Projections
import Stages

struct ReplayCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Build views anew from the log.",
        discussion: "No agent may run meanwhile. A replay that is stopped goes on with the next command."
    )

    @OptionGroup
    var options: StoreOptions

    @Argument(help: "Views to build: catalog, activity; all when none is named.")
    var views: [String] = []

    func execute() async throws {
        let paths = try await options.paths()
        let log = try EventLog.openForReading(path: paths.log)
        let owner = try OwnerLock.take(paths.owner, host: Agent.host, time: SystemTime())
        defer { owner.release() }
        let projector = try Projector(path: paths.projections, log: log, views: Views.all)
        try projector.reset(views)
        let start = ContinuousClock.now
        let json = options.json
        try await projector.catchUp { done, total in
            guard Terminal.errorIsTerminal, !json else { return }
            Terminal.overwrite("\r\u{1B}[Kreplayed \(Quantities.count(done))/\(Quantities.count(total))")
        }
        if Terminal.errorIsTerminal, !json { Terminal.overwrite("\r\u{1B}[K") }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        try report(try projector.status(), seconds)
    }

    private func report(_ statuses: [ViewStatus], _ seconds: Double) throws {
        if options.json {
            let json = CanonicalJSON {
                $0.set("seconds", seconds)
                $0.set(
                    "views",
                    statuses.map { status in
                        CanonicalJSON {
                            $0.set("name", status.name)
                            $0.set("position", status.position)
                            $0.set("failed_position", status.failedPosition)
                            $0.set("failure", status.failure)
                        }
                    }
                )
            }
            Terminal.print(json.text)
        } else {
            var table = Table(rightAligned: [1])
            for status in statuses {
                table.add(
                    status.name,
                    Quantities.count(status.position),
                    status.failure.map { "stopped at \(status.failedPosition ?? 0): \($0)" } ?? "up to date"
                )
            }
            Terminal.print(table.text)
        }
        if statuses.contains(where: { $0.failedPosition != nil }) { throw Exit.negative }
    }
}
