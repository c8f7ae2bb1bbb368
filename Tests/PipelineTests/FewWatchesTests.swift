import Foundation
import TestSupport
import Testing

@Suite("Where the kernel grants too few watches, or none, sweeps find what changes", .timeLimit(.minutes(10)))
struct FewWatchesTests {
    @Test(
        "and the log and status say why",
        arguments: [
            ("max_inotify_watches", 3, "raise fs.inotify.max_user_watches"),
            ("max_inotify_instances", 0, "raise fs.inotify.max_user_instances"),
        ]
    )
    func exhausted(limit: String, value: Int, advice: String) async throws {
        let station = try Station("watches", variables: ["SWATHLOG_SWEEP_INTERVAL": "1"])
        for flight in ["a", "b", "c", "d"] { _ = try station.scratch.directory("flights/\(flight)") }
        var shell = try Tool("unshare", install: "apt-get install util-linux", in: station.scratch.path)
        shell.environment = try station.program().environment
        // A user namespace has limits of its own, and nobody else is bound by them.
        let agent = try shell.start([
            "--user", "--map-root-user", "sh", "-c",
            "echo \(value) > /proc/sys/user/\(limit) && exec \"$0\" run --source \"$1\"",
            Checkout.swathlog, station.source,
        ])
        try await eventually("it says that it sweeps") { agent.errorsSoFar.contains("sweeps only") || !agent.isRunning }
        for flight in ["a", "b", "c", "d"] { try await station.draw("\(flight)/1.png") }
        try await eventually("all are observed") {
            let observed = try? await station.events("ObjectObserved").count
            return observed == 4 || !agent.isRunning
        }
        let status = try await station.run("status")
        #expect(status.text.contains("looked at by sweeps only") && status.text.contains(advice), "\(status.text)")
        #expect(agent.errorsSoFar.contains(advice), "\(agent.errorsSoFar)")
        agent.signal(SIGTERM)
        #expect(try await agent.outcome().status == 0)
    }
}
