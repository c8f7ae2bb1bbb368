import Foundation
import TestSupport
import Testing

/// The real ssh and the real sshd, which the client starts itself at the other end of a pipe: there is no port to be free.
@Suite("Versions are pushed by git over SSH", .timeLimit(.minutes(10)))
struct GitOverSSHTests {
    private let station: Station
    private var remote: String { station.scratch.file("remote.git") }
    private var url: String { "ssh://swath\(remote)" }

    init() async throws {
        station = try Station("over-ssh")
        try await station.git("init", "--quiet", "--bare", "--initial-branch=main", remote, in: station.scratch.path)
        let server = try Tool("/usr/sbin/sshd", install: "apt-get install openssh-server").path
        for key in ["host", "user"] {
            let file = station.scratch.file(key)
            let generate = try Tool("ssh-keygen", install: "apt-get install openssh-client")
            try await generate.check(["-q", "-t", "ed25519", "-N", "", "-f", file])
        }
        // Where it runs as root, it wants this directory, which its service makes.
        if geteuid() == 0 { try await Tool("mkdir").check(["-p", "/run/sshd"]) }
        try write(
            "sshd_config",
            [
                "HostKey \(station.scratch.file("host"))", "AuthorizedKeysFile \(station.scratch.file("user.pub"))",
                "StrictModes no", "UsePAM no", "PidFile none", "PasswordAuthentication no",
            ]
        )
        try write(
            "ssh_config",
            [
                "Host swath", "ProxyCommand \(server) -i -e -f \(station.scratch.file("sshd_config"))",
                "IdentityFile \(station.scratch.file("user"))", "IdentitiesOnly yes",
                "UserKnownHostsFile \(station.scratch.file("known_hosts"))",
            ]
        )
        // What the program runs as `ssh`, with all the options that it gives.
        let ssh = try Tool("ssh", install: "apt-get install openssh-client").path
        let bin = try station.scratch.directory("bin")
        try write(
            "bin/ssh",
            [
                "#!/bin/sh", #"printf '%s\n' "$*" >> '\#(station.scratch.file("calls"))'"#,
                #"exec \#(ssh) -F '\#(station.scratch.file("ssh_config"))' "$@""#,
            ]
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(bin)/ssh")
    }

    private func write(_ name: String, _ lines: [String]) throws {
        let text = lines.map { $0 + "\n" }.joined()
        try text.write(toFile: station.scratch.file(name), atomically: true, encoding: .utf8)
    }

    /// Tells the client the server's key, or another one.
    private func trust(_ key: String) throws {
        let text = try String(contentsOfFile: station.scratch.file("\(key).pub"), encoding: .utf8)
        try write("known_hosts", ["swath \(text.split(separator: " ").prefix(2).joined(separator: " "))"])
    }

    private func ingest() async throws -> Outcome {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try await station.program([
            "SWATHLOG_GIT_REMOTE": url, "SWATHLOG_GIT_BRANCH": "main", "SWATHLOG_COMMIT_TAG": "{partition}/{number}",
            "PATH": "\(station.scratch.file("bin")):\(path)",
        ]).run(["ingest", station.source, "--json"])
    }

    @Test("on top of what others pushed there meanwhile; a server with another key gets nothing, and nobody is asked")
    func rebased() async throws {
        try trust("user")
        try await station.draw("north/1.png")
        let refused = try await ingest()
        #expect(refused.status == 70, "\(refused.allText)")
        #expect(try refused.parsed()["stuck"][0]["reason"].text == "git-remote-unreachable", "\(refused.allText)")
        #expect(try await station.git("for-each-ref", in: remote) == "")
        try trust("host")
        let shared = try await ingest()
        #expect(shared.status == 0, "\(shared.allText)")
        let calls = try String(contentsOfFile: station.scratch.file("calls"), encoding: .utf8)
        #expect(calls.contains("-oBatchMode=yes -oConnectTimeout=30"), "\(calls)")

        let clone = station.scratch.file("clone")
        try await station.git("clone", "--quiet", remote, clone, in: station.scratch.path)
        try "Read\n".write(toFile: "\(clone)/README.md", atomically: true, encoding: .utf8)
        try await station.git("add", "README.md", in: clone)
        let person = ["-c", "user.name=P", "-c", "user.email=p@localhost", "commit", "--quiet", "-m", "Mine"]
        try await Tool("git", in: clone).check(person)
        try await station.git("push", "--quiet", in: clone)

        try await station.draw("south/1.png")
        let second = try await ingest()
        #expect(second.status == 0, "\(second.allText)")
        #expect(try await station.events("DatasetRebased").count == 1)
        let head = try await station.git("rev-parse", "HEAD")
        #expect(try await station.git("rev-parse", "main", in: remote) == head)
        #expect(try await station.git("rev-parse", "south/1^{commit}", in: remote) == head)
        #expect(try await station.git("log", "-1", "--skip=1", "--format=%s", in: remote) == "Mine")
    }
}
