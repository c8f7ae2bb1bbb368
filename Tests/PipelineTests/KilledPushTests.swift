import Foundation
import TestSupport
import Testing

@Suite("Killed after any step of a push to a directory, the next run sends what is missing", .timeLimit(.minutes(15)))
struct KilledPushTests {
    private let station: Station
    private var world: String { station.scratch.file("world") }
    private var remote: String { "\(world)/remote" }

    init() throws {
        let peers = (Checkout.peer("dvc") as NSString).deletingLastPathComponent
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        station = try Station("killed-push", variables: ["PATH": "\(peers):\(path)"])
        _ = try station.scratch.directory("world")
    }

    private func program(_ mode: String, _ variables: [String: String] = [:]) throws -> Tool {
        let settings = [
            "SWATHLOG_STORE": "\(world)/store", "SWATHLOG_DVC_REMOTE": remote, "SWATHLOG_VERSIONING": mode,
        ]
        return try station.program(settings.merging(variables) { $1 })
    }

    private func contents() throws -> [String: Data] {
        guard FileManager.default.fileExists(atPath: remote) else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: try files(below: remote).map {
                ($0, try Data(contentsOf: URL(fileURLWithPath: "\(remote)/\($0)")))
            }
        )
    }

    /// What has an object's name is that object, and a manifest is there only when all the rest is.
    private func expectNothingHalf(_ whole: [String: Data], _ when: String) throws {
        let found = try contents().filter { !$0.key.contains("/.") }
        for (name, bytes) in found { #expect(bytes == whole[name], "\(when): \(name)") }
        if found.keys.contains(where: { $0.hasSuffix(".dir") }) { #expect(found.count == whole.count, "\(when)") }
    }

    @Test(
        "by this program or by dvc, every object is there whole and once, and the log says so once",
        arguments: ["native", "dvc"]
    )
    func everyStep(mode: String) async throws {
        let kill = try await KillAtStep(in: station.scratch)
        try await station.draw("north/1.png")
        try await station.draw("north/2.png", "-flip")
        let below = [remote, "\(world)/store/dataset/.dvc/tmp/swathlog/push"]
        // The version is committed; its push is killed at its first step.
        let first = try await program(mode, kill.variables(1, below: below)).run(["ingest", station.source])
        #expect(first.wasSignalled, "\(first.allText)")
        let saved = station.scratch.file("saved")
        try await Tool("cp").check(["-a", world, saved])
        try await program(mode).check(["ingest", station.source])
        let whole = try contents()
        #expect(whole.count == 5)
        #expect(try await station.dvc("status", "--cloud", in: "\(world)/store/dataset").text.contains("in sync"))

        var step = 0
        while true {
            step += 1
            try await Tool("rm").check(["-rf", world])
            try await Tool("cp").check(["-a", saved, world])
            let variables = kill.variables(step, below: below)
            let killed = try await program(mode, variables).run(["ingest", station.source])
            try expectNothingHalf(whole, "step \(step)")
            guard killed.wasSignalled else {
                #expect(killed.status == 0, "\(killed.allText)")
                break
            }
            let resumed = try await program(mode).run(["ingest", station.source, "--json"])
            #expect(resumed.status == 0, "step \(step): \(resumed.allText)")
            // Temporary files of the killed push would show here as well.
            #expect(try contents() == whole, "step \(step)")
            let log = try await program(mode).check(["log", "--type", "DatasetPushed", "--json"])
            #expect(try JSON.lines(log.text).count == 1, "step \(step)")
            let left = try files(below: "\(world)/store/dataset/.dvc/tmp/swathlog")
            #expect(left.isEmpty, "step \(step): \(left)")
        }
        // A name and bytes for each object at least; or the repository in which dvc works, made and removed.
        #expect(step > 10)
    }
}
