import Foundation
import TestSupport
import Testing

@Suite("Versions are pushed by git, and git's own history stays everybody's", .timeLimit(.minutes(15)))
struct GitRemoteTests {
    private func station(_ name: String) async throws -> (station: Station, remote: String) {
        let scratch = try Station(name)
        let remote = scratch.scratch.file("remote.git")
        try await scratch.git("init", "--quiet", "--bare", "--initial-branch=main", remote, in: scratch.scratch.path)
        return (scratch, remote)
    }

    /// A person's commit in a clone of their own, pushed.
    private func others(_ station: Station, _ remote: String, _ file: String, _ text: String) async throws {
        let clone = station.scratch.file("clone")
        if !FileManager.default.fileExists(atPath: clone) {
            try await station.git("clone", "--quiet", remote, clone, in: station.scratch.path)
        }
        try await station.git("pull", "--quiet", "--rebase", in: clone)
        try text.write(toFile: "\(clone)/\(file)", atomically: true, encoding: .utf8)
        try await station.git("add", "--all", in: clone)
        let person = ["-c", "user.name=P", "-c", "user.email=p@localhost", "commit", "--quiet", "-m", "Mine"]
        try await Tool("git", in: clone).check(person)
        try await station.git("push", "--quiet", in: clone)
    }

    @Test(
        "after others pushed, the log knows each version's new commit, the audit agrees, and the old hash is found too"
    )
    func rebased() async throws {
        let (station, remote) = try await station("shared-history")
        let told = station.scratch.file("told.jsonl")
        let variables = [
            "SWATHLOG_GIT_REMOTE": remote, "SWATHLOG_GIT_BRANCH": "main", "SWATHLOG_COMMIT_TAG": "{partition}/{number}",
            "SWATHLOG_DVC_REMOTE": station.scratch.file("objects"),
            "SWATHLOG_ENDPOINTS": #"[{"name": "file", "file": "\#(told)"}]"#,
        ]
        try await station.draw("north/1.png")
        #expect(try await station.ingest(variables: variables)["commits"][0]["shared_with"].text == remote)
        try await others(station, remote, "README.md", "Read\n")
        try await station.draw("south/1.png")
        let second = try await station.ingest(variables: variables)["commits"][0]
        let rebased = try #require(try await station.events("DatasetRebased").first)["payload"]
        #expect(rebased["git_commit"].text == second["git_commit"].text)
        let old = rebased["previous_commit"].text
        #expect(try await station.events("DatasetCommitted").last?["payload"]["git_commit"].text == old)
        #expect(try await station.git("rev-parse", "main", in: remote) == second["git_commit"].text)
        // Who was told of the commit's first hash is told that it has another.
        let notifications = try JSON.lines(String(contentsOfFile: told, encoding: .utf8))
            .filter { $0["subject"].text == "south" }
        let (first, last) = (notifications.first?["data"] ?? .null, notifications.last ?? .null)
        #expect(first["git_commit"].text == old)
        #expect(last["type"].text == "swathlog.dataset.rebased", "\(notifications)")
        #expect(last["data"]["previous_commit"].text == old)
        #expect(last["data"]["git_commit"].text == second["git_commit"].text)
        #expect(last["data"]["git_remote"].text == remote && last["data"]["git_branch"].text == "main")
        let shared = try await station.events("DatasetShared").map(\.["payload"])
        #expect(shared.map { $0["tag"].text } == ["north/1", "south/1"])
        for event in shared {
            let there = try await station.git("rev-parse", "\(event["tag"].text)^{commit}", in: remote)
            #expect(there == event["git_commit"].text)
        }
        let audit = try await station.run("audit", "verify", "--json")
        #expect(audit.status == 0, "\(audit.allText)")
        for hash in [old, second["git_commit"].text] {
            let lineage = try await station.program().check(["lineage", hash]).text
            #expect(lineage.contains("git_commit  \(second["git_commit"].text)"), "\(lineage)")
            #expect(lineage.contains("─ rebase #") && lineage.contains("─ share #"), "\(lineage)")
        }
        // What is in the git remote can be had from the DVC remote, by who knows nothing of this machine.
        let fresh = station.scratch.file("fresh")
        try await station.git("clone", "--quiet", remote, fresh, in: station.scratch.path)
        try await station.dvc("pull", "--quiet", in: fresh)
        for partition in ["north", "south"] {
            let here = try files(below: "\(station.dataset)/\(partition)")
            #expect(try !here.isEmpty && files(below: "\(fresh)/\(partition)") == here)
        }
    }

    @Test("what can't be put on top of others' commits is told, is not lost, and goes on once a person has resolved it")
    func conflict() async throws {
        let (station, remote) = try await station("conflict")
        let variables = ["SWATHLOG_GIT_REMOTE": remote, "SWATHLOG_GIT_BRANCH": "main"]
        try await station.draw("north/1.png")
        try await station.ingest(variables: variables)
        let pointer = try String(contentsOfFile: "\(station.dataset)/north.dvc", encoding: .utf8)
        try await others(station, remote, "north.dvc", pointer + "desc: mine\n")
        try await station.draw("north/2.png", "-flip")
        let stuck = try await station.program(variables).run(["ingest", station.source, "--json"])
        #expect(stuck.status == 70)
        #expect(try stuck.parsed()["stuck"][0]["reason"].text == "git-diverged", "\(stuck.allText)")
        #expect(try await station.run("status").text.contains("git-diverged"))
        #expect(try await station.events("DatasetCommitted").count == 2)
        try await others(station, remote, "north.dvc", pointer)
        try await station.ingest(variables: variables)
        #expect(try await station.events("DatasetShared").count == 2)
        #expect(try await station.git("rev-parse", "main", in: remote) == (try await station.git("rev-parse", "HEAD")))
    }

    @Test(
        "what a person commits on a branch of their own is pushed nowhere: versions wait until theirs is checked out again"
    )
    func anotherBranch() async throws {
        let (station, remote) = try await station("branches")
        try await station.draw("north/1.png")
        try await RunningAgent.run(station, variables: ["SWATHLOG_GIT_REMOTE": remote]) { agent in
            try await eventually("the first version is shared") {
                guard agent.tool.isRunning else { throw ToolError(agent.tool.errorsSoFar) }
                return try await station.events("DatasetShared").count == 1
            }
            let shared = try await station.git("rev-parse", "main", in: remote)
            try await station.git("switch", "--quiet", "--create", "my-wip")
            let person = ["-c", "user.name=P", "-c", "user.email=p@localhost", "commit", "--quiet", "--allow-empty"]
            try await Tool("git", in: station.dataset).check(person + ["-m", "WIP"])
            let wip = try await station.git("rev-parse", "HEAD")
            try await station.draw("north/2.png", "-flip")
            try await eventually("it is told") { try await station.run("status").text.contains("git-other-branch") }
            #expect(try await station.git("rev-parse", "HEAD") == wip)
            #expect(
                try await station.git("for-each-ref", "--format=%(refname) %(objectname)", in: remote)
                    == "refs/heads/main \(shared)"
            )
            try await station.git("switch", "--quiet", "main")
            try await eventually("the second version is shared") {
                try await station.events("DatasetShared").count == 2
            }
            #expect(try await station.git("rev-parse", "main~1", in: remote) == shared)
            #expect(try await station.git("rev-parse", "my-wip") == wip)
        }
        // At the next start it waits as well where the branch is named.
        try await station.git("switch", "--quiet", "my-wip")
        try await station.draw("north/3.png", "-flop")
        let named = ["SWATHLOG_GIT_REMOTE": remote, "SWATHLOG_GIT_BRANCH": "main"]
        let stuck = try await station.program(named).run(["ingest", station.source, "--json"])
        #expect(stuck.status == 70)
        #expect(try stuck.parsed()["stuck"][0]["reason"].text == "git-other-branch", "\(stuck.allText)")
        #expect(try await !station.git("log", "--format=%s", "--all", in: remote).contains("WIP"))
    }

    @Test("a version that a person committed by hand, after a hook had refused it, is anchored and shared")
    func byHand() async throws {
        let (station, remote) = try await station("by-hand")
        let variables = ["SWATHLOG_GIT_REMOTE": remote]
        try await station.draw("north/1.png")
        try await station.ingest(variables: variables)
        let hook = "\(station.dataset)/.git/hooks/pre-commit"
        try "#!/bin/sh\necho no >&2\nexit 1\n".write(toFile: hook, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
        try await station.draw("north/2.png", "-flip")
        let stuck = try await station.program(variables).run(["ingest", station.source, "--json"])
        #expect(try stuck.parsed()["stuck"][0]["reason"].text == "git-failed", "\(stuck.allText)")
        let person = ["-c", "user.name=P", "-c", "user.email=p@localhost", "commit", "--quiet", "--no-verify"]
        try await Tool("git", in: station.dataset).check(person + ["-am", "by hand"])
        try FileManager.default.removeItem(atPath: hook)
        try await station.ingest(variables: variables)
        let shared = try await station.events("DatasetShared")
        #expect(shared.count == 2)
        #expect(try await station.git("rev-parse", "main", in: remote) == shared.last?["payload"]["git_commit"].text)
        #expect(try await station.git("log", "-1", "--skip=1", "--format=%s") == "by hand")
        let audit = try await station.run("audit", "verify", "--json")
        #expect(audit.status == 0, "\(audit.allText)")
    }

    @Test("a version that a person's rebase left out says how it comes back, and that works")
    func leftOut() async throws {
        let (station, remote) = try await station("left-out")
        let objects = station.scratch.file("objects")
        let variables = ["SWATHLOG_GIT_REMOTE": remote, "SWATHLOG_GIT_BRANCH": "main"]
        try await station.draw("north/1.png")
        try await station.ingest(variables: variables)
        try await station.draw("north/2.png", "-flip")
        // It is committed, and not shared before its objects can be pushed.
        try "no directory".write(toFile: objects, atomically: true, encoding: .utf8)
        let blocked = variables.merging(["SWATHLOG_DVC_REMOTE": objects]) { $1 }
        #expect(try await station.program(blocked).run(["ingest", station.source]).status == 70)
        try await station.git("reset", "--quiet", "--hard", "HEAD~1")
        try FileManager.default.removeItem(atPath: objects)
        let stuck = try await station.program(blocked).run(["ingest", station.source, "--json"])
        let trouble = try stuck.parsed()["stuck"][0]
        #expect(trouble["reason"].text == "commit-not-found", "\(stuck.allText)")
        let advice = try #require(trouble["message"].text.split(separator: "`").dropFirst().first)
        #expect(advice.hasPrefix("git -C \(station.dataset) merge "))
        let person = ["-c", "user.name=P", "-c", "user.email=p@localhost"]
        try await Tool("git").check(person + advice.split(separator: " ").dropFirst().map(String.init))
        try await station.ingest(variables: blocked)
        #expect(try await station.events("DatasetShared").count == 2)
    }
}
