import Foundation
import TestSupport
import Testing

@Suite("Killed after any step of git's, a version is committed, tagged and shared once", .timeLimit(.minutes(15)))
struct KilledCommitTests {
    /// A git that kills the program which runs it when the step `KILL_AT` is done; only steps that change something count.
    private static let script = """
        #!/bin/bash
        steps=' add commit tag push fetch update-ref update-index checkout-index commit-tree write-tree '
        step=
        for argument in "$@"; do
            if [[ $argument != -* && $steps == *" $argument "* ]]; then step=$argument; break; fi
        done
        "$REAL_GIT" "$@"
        status=$?
        if [[ $step ]]; then
            count=$(($(cat "$KILL_COUNT") + 1))
            echo "$count" > "$KILL_COUNT"
            if [[ $count == "$KILL_AT" ]]; then kill -9 "$PPID"; fi
        fi
        exit "$status"
        """

    private let station: Station
    private let count: String
    private var remote: String { station.scratch.file("world/remote.git") }
    private var world: String { station.scratch.file("world") }

    init() async throws {
        let scratch = try Station("killed-commit")
        station = scratch
        count = scratch.scratch.file("count")
        let bin = try scratch.scratch.directory("bin")
        try Self.script.write(toFile: "\(bin)/git", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(bin)/git")
        _ = try scratch.scratch.directory("world")
    }

    private func ingest(killAt step: Int? = nil) async throws -> Outcome {
        try "0".write(toFile: count, atomically: true, encoding: .utf8)
        var program = try station.program([
            "SWATHLOG_STORE": "\(world)/store", "SWATHLOG_GIT_REMOTE": remote, "SWATHLOG_GIT_BRANCH": "main",
            "SWATHLOG_COMMIT_TAG": "{partition}/{number}", "SWATHLOG_DVC_REMOTE": "\(world)/objects",
            "KILL_COUNT": count, "KILL_AT": step.map(String.init) ?? "never", "REAL_GIT": try Tool("git").path,
        ])
        program.environment["PATH"] = "\(station.scratch.file("bin")):\(program.environment["PATH"] ?? "/usr/bin:/bin")"
        return try await program.run(["ingest", station.source, "--json"])
    }

    /// One version is shared, others have pushed since, and an image of another partition is there.
    private func prepare() async throws {
        try await station.git("init", "--quiet", "--bare", "--initial-branch=main", remote, in: world)
        try await station.draw("north/1.png")
        #expect(try await ingest().status == 0)
        let clone = station.scratch.file("clone")
        try await station.git("clone", "--quiet", remote, clone, in: world)
        try "Read\n".write(toFile: "\(clone)/README.md", atomically: true, encoding: .utf8)
        try await station.git("add", "README.md", in: clone)
        let person = ["-c", "user.name=P", "-c", "user.email=p@localhost", "commit", "--quiet", "-m", "Mine"]
        try await Tool("git", in: clone).check(person)
        try await station.git("push", "--quiet", in: clone)
        try await station.draw("south/1.png")
    }

    @Test("and the log knows its commit")
    func everyStep() async throws {
        try await prepare()
        let saved = station.scratch.file("saved")
        try await Tool("cp").check(["-a", world, saved])
        var step = 0
        while true {
            step += 1
            try await Tool("rm").check(["-rf", world])
            try await Tool("cp").check(["-a", saved, world])
            let killed = try await ingest(killAt: step)
            if !killed.wasSignalled {
                #expect(killed.status == 0, "\(killed.allText)")
                break
            }
            let resumed = try await ingest()
            #expect(resumed.status == 0, "step \(step): \(resumed.allText)")
            try await expectOnce("step \(step)")
        }
        try await expectOnce("never killed")
        // Settings, two of the commit, the tag, pushes of both, and what the rebase does.
        #expect(step > 10)
        let audit = try await station.program(["SWATHLOG_STORE": "\(world)/store"]).run(["audit", "verify", "--json"])
        #expect(audit.status == 0, "\(audit.allText)")
    }

    private func expectOnce(_ when: String) async throws {
        let program = try station.program(["SWATHLOG_STORE": "\(world)/store"])
        let events = try JSON.lines(try await program.check(["log", "--json"]).text)
        func last(_ type: String) -> [JSON] {
            events.filter { $0["type"].text == type && $0["payload"]["partition"].text == "south" }.map(\.["payload"])
        }
        let (committed, rebased, shared) = (last("DatasetCommitted"), last("DatasetRebased"), last("DatasetShared"))
        #expect(committed.count == 1 && shared.count == 1, "\(when)")
        let known = (rebased.last ?? committed.last)?["git_commit"].text ?? ""
        #expect(shared.last?["git_commit"].text == known, "\(when)")
        let id = committed.last?["commit_id"].text ?? ""
        let trailers = ["log", "--format=%H %(trailers:key=Swathlog-Commit,valueonly,separator=)", "main"]
        let there = try await Tool("git", in: remote).check(trailers).text.split(separator: "\n")
        #expect(there.filter { $0.hasSuffix(id) } == ["\(known) \(id)"], "\(when): \(there)")
        #expect(try await station.git("rev-parse", "south/1^{commit}", in: remote) == known, "\(when)")
        let dataset = "\(world)/store/dataset"
        #expect(try await station.git("rev-parse", "HEAD", in: dataset) == known, "\(when)")
        #expect(try await station.git("status", "--porcelain", in: dataset) == "", "\(when)")
        #expect(FileManager.default.fileExists(atPath: "\(dataset)/README.md"), "\(when)")
    }
}
