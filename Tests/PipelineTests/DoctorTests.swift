import Foundation
import TestSupport
import Testing

@Suite("doctor tries what is configured for real", .timeLimit(.minutes(10)))
struct DoctorTests {
    /// What doctor says of each subject; its status says whether something is wrong.
    private func examine(
        _ station: Station,
        _ arguments: [String],
        _ variables: [String: String] = [:]
    ) async throws -> (status: Int32, findings: [String: [JSON]]) {
        let outcome = try await station.program(variables).run(
            ["doctor", "--source", station.source, "--json"] + arguments
        )
        let findings = try outcome.parsed()["findings"].list
        return (outcome.status, Dictionary(grouping: findings) { $0["subject"].text })
    }

    @Test("a place that only dvc reaches is asked by it")
    func reachedByDVC() async throws {
        let station = try Station("doctor-dvc")
        try await station.draw("a/one.png")
        let peers = (Checkout.peer("dvc") as NSString).deletingLastPathComponent
        let path = ["PATH": "\(peers):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"]
        var url = ""
        try await WebDAVPeer.whileRunning(root: station.scratch.file("served")) { server in
            url = server.url
            let well = try await examine(station, ["--versioning", "dvc", "--dvc-remote", url], path)
            #expect(well.findings["remote"]?.map { $0["verdict"].text } == ["well"], "\(well.findings)")
            #expect(!FileManager.default.fileExists(atPath: station.store))
        }
        let gone = try await examine(station, ["--versioning", "dvc", "--dvc-remote", url], path)
        #expect(gone.status == 1)
        #expect(gone.findings["remote"]?.map { $0["verdict"].text } == ["wrong"], "\(gone.findings)")
    }

    @Test("a remote directory and a git remote that work, and ones that do not")
    func remotes() async throws {
        let station = try Station("doctor")
        try await station.draw("a/one.png")
        let bare = station.scratch.file("bare.git")
        try await Tool("git").check(["init", "--quiet", "--bare", bare])
        let remote = try station.scratch.directory("remote")
        let settings = station.scratch.file("gitconfig")
        try "[user]\n\tname = Ada\n\temail = ada@example.org\n".write(
            toFile: settings,
            atomically: true,
            encoding: .utf8
        )
        let named = ["GIT_CONFIG_GLOBAL": settings]
        let well = try await examine(station, ["--dvc-remote", remote, "--git-remote", bare], named)
        #expect(well.status == 0, "\(well.findings)")
        for subject in ["disk", "source", "git", "git-remote", "remote"] {
            #expect(well.findings[subject]?.map { $0["verdict"].text } == ["well"], "\(subject): \(well.findings)")
        }
        #expect(well.findings["git"]?[0]["message"].text.contains("Ada <ada@example.org>") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: remote).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: station.store))

        // A file stands where the directory of the remote would be made; nobody is at the other address.
        let blocked = station.scratch.file("blocked")
        try "a file".write(toFile: blocked, atomically: true, encoding: .utf8)
        let nobody = ["GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"]
        let wrong = try await examine(
            station,
            ["--dvc-remote", "\(blocked)/remote", "--git-remote", "\(bare)-none"],
            nobody
        )
        #expect(wrong.status == 1)
        #expect(wrong.findings["remote"]?[0]["verdict"].text == "wrong", "\(wrong.findings)")
        #expect(wrong.findings["git-remote"]?[0]["verdict"].text == "wrong")
        #expect(wrong.findings["git"]?[0]["verdict"].text == "doubtful")
        #expect(wrong.findings["git"]?[0]["message"].text.contains("commit_author") == true)
    }

    @Test("an endpoint over TLS is connected to and told nothing; others are told apart by what is wrong")
    func endpoints() async throws {
        let station = try Station("doctor-endpoints")
        try await station.draw("a/one.png")
        let (key, certificate) = (station.scratch.file("key.pem"), station.scratch.file("ca.pem"))
        try await Tool("openssl", install: "apt-get install openssl").check([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate,
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ])
        let script = pythonScript("tls")
        try await Tool(Checkout.peer("python")).whileRunning([script, certificate, key]) { server in
            try await eventually("it listens") { server.outputSoFar.contains("\n") || !server.isRunning }
            let port = server.outputSoFar.trimmingCharacters(in: .whitespacesAndNewlines)
            func endpoint(_ name: String, _ target: String) -> String { #"{"name": "\#(name)", \#(target)}"# }
            let list = [
                endpoint("tls", #""url": "https://localhost:\#(port)/hook""#),
                endpoint("nobody", #""url": "https://localhost:1/hook""#),
                endpoint("file", #""file": "\#(station.scratch.file("told.jsonl"))""#),
                endpoint("no-directory", #""file": "/no/such/directory/told.jsonl""#),
                endpoint("program", #""exec": ["/bin/cat"]"#), endpoint("text", #""exec": ["\#(certificate)"]"#),
            ]
            let variables = [
                "SWATHLOG_ENDPOINTS": "[\(list.joined(separator: ", "))]", "SWATHLOG_CA_BUNDLE": certificate,
            ]
            let found = try await examine(station, [], variables)
            let verdicts = Dictionary(
                uniqueKeysWithValues: try #require(found.findings["endpoint"]).map { finding in
                    (String(finding["message"].text.prefix { $0 != ":" }), finding["verdict"].text)
                }
            )
            #expect(
                verdicts == [
                    "tls": "well", "nobody": "wrong", "file": "well", "no-directory": "wrong", "program": "well",
                    "text": "wrong",
                ],
                "\(found.findings)"
            )
            #expect(found.status == 1)
            // The handshake was seen, and not one byte after it.
            try await eventually("the server has seen the end") {
                server.outputSoFar.contains("bytes") || !server.isRunning
            }
            #expect(server.outputSoFar.contains("0 bytes"))

            // Without the authority nobody vouches for it, and by default no endpoint may be in this machine.
            let distrusted = try await examine(station, [], ["SWATHLOG_ENDPOINTS": "[\(list[0])]"])
            #expect(distrusted.findings["endpoint"]?[0]["verdict"].text == "wrong")
            let inside = try await examine(
                station,
                [],
                ["SWATHLOG_ENDPOINTS": "[\(list[0])]", "SWATHLOG_WEBHOOK_ALLOW_CIDRS": "10.0.0.0/8"]
            )
            #expect(inside.findings["endpoint"]?[0]["message"].text.contains("webhook_allow_cidrs") == true)
        }
    }

    @Test("signing is tried as the agent tries it, before there is a repository and in one")
    func signing() async throws {
        let station = try Station("doctor-signing")
        try await station.draw("a/one.png")
        let key = station.scratch.file("key")
        try await Tool("ssh-keygen", install: "apt-get install openssh-client").check(["-q", "-N", "", "-f", key])
        for hasRepository in [false, true] {
            if hasRepository { try await station.ingest() }
            let well = try await examine(station, ["--commit-signing", "ssh", "--commit-signing-key", key])
            #expect(well.findings["signing"]?.map { $0["verdict"].text } == ["well"], "\(well.findings)")
            let wrong = try await examine(station, ["--commit-signing", "ssh", "--commit-signing-key", "/nokey"])
            #expect(wrong.findings["signing"]?.map { $0["verdict"].text } == ["wrong"] && wrong.status == 1)
            #expect(wrong.findings["signing"]?[0]["message"].text.contains("git can't sign") == true)
            #expect(FileManager.default.fileExists(atPath: station.store) == hasRepository)
        }
    }

    @Test("a store that an agent could not take is found")
    func store() async throws {
        let station = try await Station(copyOf: SharedStation.get())
        let well = try await examine(station, [])
        #expect(well.findings["store"]?.map { $0["verdict"].text } == ["well"], "\(well.findings)")
        var other = try Tool("setpriv", install: "apt-get install util-linux")
        other.environment = try station.program().environment
        let command = [Checkout.swathlog, "doctor", "--source", station.source, "--json"]
        let asked = try await other.run(["--reuid=65534", "--regid=65534", "--clear-groups"] + command)
        let findings = try asked.parsed()["findings"].list.filter { $0["subject"].text == "store" }
        #expect(findings.map { $0["verdict"].text } == ["wrong"], "\(asked.allText)")
        #expect(findings[0]["message"].text.contains("can't be written"))

        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: "\(station.store)/log.db\(suffix)")
        }
        try "no log".write(toFile: "\(station.store)/log.db", atomically: true, encoding: .utf8)
        let damaged = try await examine(station, [])
        #expect(damaged.findings["store"]?.map { $0["verdict"].text } == ["wrong"] && damaged.status == 1)
        #expect(damaged.findings["store"]?[0]["message"].text.contains("swathlog restore") == true)
    }
}
