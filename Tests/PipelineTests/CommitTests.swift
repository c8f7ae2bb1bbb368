import Foundation
import TestSupport
import Testing

@Suite("Commits by hand, their form, and who vouches for them", .timeLimit(.minutes(15)))
struct CommitTests {
    private func drawTwo(_ name: String) async throws -> Station {
        let station = try Station(name, variables: ["SWATHLOG_COMMIT_POLICY": "hand"])
        try await station.draw("north/1.png")
        try await station.draw("south/1.png")
        return station
    }

    @Test("nothing is committed before somebody asks, and then only what was asked for")
    func byHand() async throws {
        let station = try await drawTwo("by-hand")
        let report = try await station.ingest()
        #expect(report["commits"].list.isEmpty)
        #expect(report["uncommitted"].list.map(\.text) == ["north", "south"])
        #expect(try await station.git("ls-files", "*.dvc") == "")

        let north = try await station.program().check(["commit", "--partition", "north", "--json"]).parsed()
        #expect(north["commits"].list.map { $0["partition"].text } == ["north"])
        #expect(north["commits"][0]["git_commit"].text == (try await station.git("rev-parse", "HEAD")))
        #expect(try await station.git("ls-files", "*.dvc") == "north.dvc")
        let unknown = try await station.run("commit", "--partition", "nowhere", "--json")
        #expect(unknown.status == 1)

        try await station.program().check(["commit"])
        #expect(try await station.git("ls-files", "*.dvc") == "north.dvc\nsouth.dvc")
        let again = try await station.program().check(["commit", "--json"]).parsed()
        #expect(again["commits"].list.isEmpty && again["waiting"].list.isEmpty)
        #expect(try await station.events("DatasetCommitted").count == 2)
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
    }

    @Test("beside a running agent the agent commits, also what was asked for of a partition without a version")
    func besideAnAgent() async throws {
        let station = try await drawTwo("beside")
        try await station.program().whileRunning(["run", "--source", station.source]) { agent in
            try await eventually("both images are cut") {
                try await station.run("log", "--json", "--type", "DerivationCompleted").text.split(separator: "\n")
                    .count == 2
            }
            let outcome = try await station.program().check(["commit", "--partition", "south", "--json"]).parsed()
            #expect(outcome["commits"].list.map { $0["partition"].text } == ["south"], "\(agent.errorsSoFar)")
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        let committed = try await station.events("DatasetCommitted").map { $0["payload"]["partition"].text }
        #expect(committed == ["south"])
        let requested = try #require(try await station.events("CommitRequested").first)
        #expect(requested["stream"].text == "dataset/south")
    }

    @Test("a re-derivation beside an agent that commits by hand says at once what it waits for, and ends with it")
    func reprocessByHand() async throws {
        let station = try await drawTwo("reprocess-by-hand")
        try await station.program().whileRunning(["run", "--source", station.source]) { agent in
            try await eventually("both images are cut") {
                try await station.run("log", "--json", "--type", "DerivationCompleted").text.split(separator: "\n")
                    .count == 2
            }
            try await station.program().check(["commit"])
            func status() async throws -> Outcome { try await station.run("status", "--json") }
            #expect(try await status().parsed()["uncommitted"].list.isEmpty)

            let done = try await reprocess(station, "128") { _ in
                #expect(try await status().parsed()["uncommitted"].list.map(\.text) == ["north", "south"])
                #expect(try await station.run("status").text.contains("2 partitions wait for `swathlog commit`"))
                try await station.program().check(["commit"])
            }
            let report = try done.parsed()
            #expect(done.status == 0 && report["finished"] == .bool(true), "\(done.allText)")
            #expect(report["uncommitted"].list.isEmpty && report["commits"].list.count == 2)
            let stopped = try await reprocess(station, "100") { $0.signal(SIGINT) }
            #expect(stopped.status == 130, "\(stopped.allText)")
            #expect(try stopped.parsed()["uncommitted"].list.map(\.text) == ["north", "south"])
            try await station.program().check(["commit"])
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        // Where no agent runs, the setting says how versions are made.
        try await station.draw("north/2.png")
        try await station.ingest()
        #expect(try await status(of: station)["uncommitted"].list.map(\.text) == ["north"])
    }

    /// Derives the dataset anew, and does `then` once the command has said that both partitions wait for a commit.
    private func reprocess(
        _ station: Station,
        _ size: String,
        then: (RunningTool) async throws -> Void
    ) async throws -> Outcome {
        let command = try station.program().start(["reprocess", "--apply", "--tile-size", size, "--json"])
        try await eventually("it says what it waits for") {
            guard command.isRunning else { throw ToolError("it did not wait: \(command.errorsSoFar)") }
            return command.errorsSoFar.contains("2 partitions wait for `swathlog commit`")
        }
        #expect(command.errorsSoFar.contains("north, south"))
        try await then(command)
        return try await command.outcome()
    }

    private func status(of station: Station) async throws -> JSON {
        try await station.program().check(["status", "--json"]).parsed()
    }

    @Test("enough tiles are a version though more are coming")
    func byTiles() async throws {
        let station = try Station("by-tiles")
        for number in 1...12 { try await station.draw("set/\(number).png", "-rotate", String(number)) }
        try await station.ingest("--commit-tiles", "2", "--workers", "1")
        let started = try await station.events("DatasetCommitStarted").map(\.["payload"])
        #expect(started.count > 1)
        #expect(try started.dropLast().allSatisfy { try #require($0["added"].int) >= 2 * 2 })
        #expect(try await station.git("status", "--porcelain") == "")
    }

    @Test("message, author, committer and tag are as the settings say, each commit and tag signed by an SSH key")
    func form() async throws {
        let station = try await drawTwo("form")
        let key = station.scratch.file("signing-key")
        let keygen = try Tool("ssh-keygen", install: "apt-get install openssh-client")
        try await keygen.check(["-q", "-t", "ed25519", "-N", "", "-C", "agent", "-f", key])
        try await station.ingest()
        var program = try station.program([
            "SWATHLOG_COMMIT_MESSAGE": "{partition} {number}: {summary}\n\nBy recipe {recipe}.",
            "SWATHLOG_COMMIT_TAG": "{partition}/v{number}",
            "SWATHLOG_COMMIT_AUTHOR": "Ünal Flieger <unal@example.org>",
            "SWATHLOG_COMMIT_COMMITTER": "Swathlog <agent@example.org>",
            "SWATHLOG_COMMIT_SIGNING": "ssh",
            "SWATHLOG_COMMIT_SIGNING_KEY": "signing-key",
        ])
        let committed = try await program.check(["commit", "--json"]).parsed()["commits"].list
        #expect(committed.map { $0["tag"].text } == ["north/v1", "south/v1"])
        let signers = station.scratch.file("signers")
        let publicKey = try String(contentsOfFile: key + ".pub", encoding: .utf8)
        try "agent@example.org \(publicKey)".write(toFile: signers, atomically: true, encoding: .utf8)
        let trust = ["-c", "gpg.ssh.allowedSignersFile=\(signers)"]
        let git = try Tool("git", in: station.dataset)
        for commit in committed {
            let hash = commit["git_commit"].text
            let verified = try await git.check(trust + ["verify-commit", hash])
            #expect(verified.errorText.contains("Good \"git\" signature for agent@example.org"))
            try await git.check(trust + ["verify-tag", commit["tag"].text])
            #expect(try await station.git("rev-parse", "\(commit["tag"].text)^{commit}") == hash)
            let people = try await station.git("log", "-1", "--format=%an <%ae>|%cn <%ce>|%s", hash)
            let partition = commit["partition"].text
            let counts = "\(partition) 1: add \(commit["files"].int ?? 0) of \(commit["files"].int ?? 0) files"
            #expect(people == "Ünal Flieger <unal@example.org>|Swathlog <agent@example.org>|\(counts)")
            #expect(try await station.git("log", "-1", "--format=%b", hash).hasPrefix("By recipe "))
        }
        let verified = try await program.run(["audit", "verify", "--json"])
        #expect(verified.status == 0, "\(verified.allText)")

        // Somebody has the next tag already: that is said, and nothing is lost.
        try await station.git("tag", "north/v2", "HEAD~1")
        try await station.draw("north/2.png", "-flip")
        program.environment["SWATHLOG_COMMIT_POLICY"] = "batch"
        let taken = try await program.run(["ingest", station.source, "--json"])
        #expect(try taken.parsed()["stuck"][0]["reason"].text == "git-tag-taken", "\(taken.allText)")
        try await station.git("tag", "--delete", "north/v2")
        try await program.check(["ingest", station.source])
        #expect(
            try await station.git("rev-parse", "north/v2^{commit}") == (try await station.git("rev-parse", "HEAD"))
        )
        #expect(
            try await station.git("log", "--format=%s").split(separator: "\n").count { $0.hasPrefix("north 2") } == 1
        )
    }

    @Test("commits are signed by a GPG key that the agent's user has")
    func gpg() async throws {
        let station = try await drawTwo("gpg")
        let home = try station.scratch.directory("g")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home)
        var gpg = try Tool("gpg", install: "apt-get install gnupg")
        gpg.environment["GNUPGHOME"] = home
        let generate = ["--quick-generate-key", "agent@example.org", "ed25519", "sign", "never"]
        try await gpg.check(["--batch", "--passphrase", ""] + generate)
        let variables = [
            "GNUPGHOME": home, "SWATHLOG_COMMIT_SIGNING": "gpg", "SWATHLOG_COMMIT_SIGNING_KEY": "agent@example.org",
            "SWATHLOG_COMMIT_POLICY": "batch",
        ]
        try await station.ingest(variables: variables)
        var git = try Tool("git", in: station.dataset)
        git.environment["GNUPGHOME"] = home
        for commit in try await station.git("rev-list", "HEAD").split(separator: "\n").map(String.init) {
            #expect(try await git.check(["verify-commit", commit]).errorText.contains("Good signature"))
        }
        var agent = try Tool("gpgconf", install: "apt-get install gnupg")
        agent.environment["GNUPGHOME"] = home
        try await agent.check(["--kill", "gpg-agent"])
    }

    @Test(
        "what can't be is said at the start, not at the first commit",
        arguments: [
            (["--commit-message", "{partitions}"], 78, "commit_message"),
            (["--commit-message", " "], 78, "commit_message"),
            (["--commit-tag", "v{number}"], 78, "commit_tag"), (["--commit-tag", "{id}..x"], 78, "commit_tag"),
            (["--commit-author", "nobody"], 78, "commit_author"),
            (["--commit-signing-key", "k"], 78, "commit_signing"),
            (["--commit-signing", "ssh", "--commit-signing-key", "/nonexistent"], 70, "can't sign"),
            (["--git-remote", "nowhere"], 78, "git_remote"),
            (["--git-remote", "https://me:secret@example.org/d.git"], 78, "git_remote"),
            (["--git-remote", "HTTPS://ghp_token@example.org/d.git"], 78, "credential helper"),
            (["--git-remote", "ssh://git:secret@example.org/d.git"], 78, "credential helper"),
            (["--commit-tag", "{partition}{number}"], 78, "no digit"),
        ]
    )
    func saidAtTheStart(options: [String], status: Int32, word: String) async throws {
        let station = try Station("refused")
        try await station.draw("north/1.png")
        let outcome = try await station.program().run(["ingest", station.source] + options)
        #expect(outcome.status == status, "\(outcome.allText)")
        #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
    }

    @Test("a partition whose name makes a tag that git refuses gets one that it takes")
    func refusedTag() async throws {
        let station = try Station("refused-tag")
        try await station.draw("site..a/1.png")
        let committed = try await station.ingest("--commit-tag", "{partition}/{number}")["commits"][0]
        #expect(committed["tag"].text == "site.%2Ea/1")
        #expect(
            try await station.git("rev-parse", "site.%2Ea/1^{commit}") == (try await station.git("rev-parse", "HEAD"))
        )
    }
}
