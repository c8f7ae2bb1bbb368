import Foundation
import TestSupport
import Testing

@Suite("A dataset over the time that people and settings change it", .serialized, .timeLimit(.minutes(15)))
struct DatasetLifeTests {
    private static let person = ["-c", "user.name=P", "-c", "user.email=p@localhost"]

    @Test("a person's dvc add and git commit between two versions stay, and each version is only its own files")
    func betweenTwoVersions() async throws {
        let station = try Station("between")
        try await station.draw("north/1.png")
        try await station.ingest()
        try "a,b\n1,2\n".write(toFile: "\(station.dataset)/other.csv", atomically: true, encoding: .utf8)
        try await station.dvc("add", "--quiet", "other.csv")
        try await station.git("add", "other.csv.dvc", ".gitignore")
        try await Tool("git", in: station.dataset).check(Self.person + ["commit", "--quiet", "-m", "Mine"])
        try await station.draw("north/2.png", "-flip")
        let commit = try await station.ingest()["commits"][0]["git_commit"].text
        #expect(try await station.git("log", "-2", "--format=%H %s").hasSuffix("Mine"))
        #expect(try await station.git("diff", "--name-only", "HEAD~1", commit) == "north.dvc")
        #expect(try await station.git("status", "--porcelain") == "")
        #expect(try await station.dvc("status", "--json").parsed().keys.isEmpty)
        #expect(try await station.dvc("data", "status").text.contains("No changes"))
        let ignored = try await station.git("show", "HEAD:.gitignore").split(separator: "\n")
        #expect(ignored.contains("/other.csv") && ignored.contains("/north"))
        let audit = try await station.run("audit", "verify", "--json")
        #expect(audit.status == 0, "\(audit.allText)")
    }

    @Test("after other settings and back, each version is the files that it was, there and in the cache")
    func settingsAndBack() async throws {
        let station = try Station("generations")
        let remote = station.scratch.file("remote")
        try await station.draw("north/1.png")
        var manifests: [String?] = []
        for size in ["128", "64", "128"] {
            try await station.ingest("--tile-size", size, "--tile-overlap", "0", "--dvc-remote", remote)
            manifests.append(try await station.manifests()["north"])
        }
        #expect(manifests[0] == manifests[2] && manifests[0] != manifests[1])
        let sent = try await station.events("DatasetPushed").map { $0["payload"]["objects_sent"].int ?? -1 }
        #expect(sent.count == 3 && sent[2] == 0, "going back sends nothing anew: \(sent)")
        let status = try await station.dvc("status", "--cloud").text
        #expect(status.contains("in sync"))

        // What gc would remove is the version between, and nothing that a commit has when it is asked for all commits.
        let old = try #require(manifests[1]).dropFirst(2)
        let workspace = try await station.dvc("gc", "--workspace", "--dry", "--force").allText
        #expect(workspace.contains(old), "\(workspace)")
        #expect(!workspace.contains(try #require(manifests[0]).dropFirst(2)))
        let everything = try await station.dvc("gc", "--workspace", "--all-commits", "--dry", "--force").allText
        #expect(everything.contains("No unused 'repo' cache"), "\(everything)")

        // Each version comes whole out of the remote alone.
        let clone = station.scratch.file("clone")
        try await station.git("clone", "--quiet", station.dataset, clone, in: station.scratch.path)
        let now = try files(below: "\(station.dataset)/north")
        let counts = try await station.events("DatasetCommitStarted").map { $0["payload"]["files"].int }
        for (back, count) in counts.reversed().enumerated() {
            try await station.git("checkout", "--quiet", "--detach", "origin/main~\(back)", in: clone)
            try await station.dvc("pull", "--quiet", in: clone)
            let pulled = try files(below: "\(clone)/north")
            #expect(pulled.count == count)
            #expect((pulled == now) == (back != 1))
        }
    }

    @Test("a person's file in a partition outlives the manifest's going from the cache")
    func labels() async throws {
        let station = try Station("labels")
        try await station.draw("north/1.png")
        try await station.ingest()
        let labels = "\(station.dataset)/north/labels.csv"
        try "1,2\n".write(toFile: labels, atomically: true, encoding: .utf8)
        let manifest = try #require(try await station.manifests()["north"])
        let object = "\(station.dataset)/.dvc/cache/files/md5/\(manifest.prefix(2))/\(manifest.dropFirst(2))"
        try FileManager.default.removeItem(atPath: object)
        try FileManager.default.removeItem(atPath: "\(station.source)/north/1.png")
        try await station.draw("north/2.png", "-flip")
        try await station.ingest("--on-remove", "withdraw")
        #expect(try String(contentsOfFile: labels, encoding: .utf8) == "1,2\n")
        let found = try files(below: "\(station.dataset)/north")
        #expect(found.contains { $0.hasPrefix("2.png/") } && !found.contains { $0.hasPrefix("1.png/") })
    }
}
