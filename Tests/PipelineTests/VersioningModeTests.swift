import Foundation
import TestSupport
import Testing

@Suite("Versions are pushed by this program or by the installed dvc", .timeLimit(.minutes(10)))
struct VersioningModeTests {
    private static let peers = (Checkout.peer("dvc") as NSString).deletingLastPathComponent
    private static let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"

    @Test("both give the same bytes in git and in the remote")
    func same() async throws {
        var pointers: [String] = []
        var remotes: [[String: Data]] = []
        let station = try Station("modes", variables: ["PATH": "\(Self.peers):\(Self.path)"])
        try await station.draw("north/1.png")
        try await station.draw("north/2.png", "-flip")
        for mode in ["native", "dvc"] {
            let remote = station.scratch.file("remote-\(mode)")
            let store = station.scratch.file("store-\(mode)")
            let variables = ["SWATHLOG_STORE": store, "SWATHLOG_VERSIONING": mode, "SWATHLOG_DVC_REMOTE": remote]
            let report = try await station.ingest(variables: variables)["commits"][0]
            #expect(report["pushed_to"].text == remote)
            let log = try await station.program(variables).check(["log", "--type", "DatasetPushed", "--json"])
            #expect(try log.parsed()["payload"]["objects_sent"].int == (report["files"].int ?? 0) + 1)
            #expect(try await station.dvc("status", "--cloud", in: "\(store)/dataset").text.contains("in sync"))
            let pointer = try await station.git("show", "HEAD:north.dvc", in: "\(store)/dataset")
            pointers.append(pointer.split(separator: "\n").prefix { !$0.hasPrefix("meta") }.joined(separator: "\n"))
            let objects = try files(below: remote).map { name in
                (name, try Data(contentsOf: URL(filePath: "\(remote)/\(name)")))
            }
            remotes.append(Dictionary(uniqueKeysWithValues: objects))
        }
        #expect(pointers[0] == pointers[1])
        #expect(remotes[0] == remotes[1])
    }

    @Test("without a dvc that can, it is said at the start, before anything is cut")
    func missing() async throws {
        let station = try Station("mode-missing")
        try await station.draw("north/1.png")
        let remote = ["--versioning", "dvc", "--dvc-remote", "hdfs://namenode/data", "--json"]
        for path in [Self.path, "\(Self.peers):\(Self.path)"] {
            let outcome = try await station.program(["PATH": path]).run(["ingest", station.source] + remote)
            #expect(outcome.status == 70, "\(outcome.allText)")
            #expect(try outcome.parsed()["error"].text == "dvc-missing", "\(outcome.allText)")
        }
        #expect(try await station.events("ObjectObserved").isEmpty)
        let native = try await station.run("ingest", station.source, "--dvc-remote", "hdfs://namenode/data")
        #expect(native.status == 78 && native.errorText.contains("versioning: dvc"))
    }

    @Test("what only dvc reaches is verified by it: what is missing is sent again, other bytes are found by reading")
    func verified() async throws {
        let station = try Station("mode-verified", variables: ["PATH": "\(Self.peers):\(Self.path)"])
        try await station.draw("north/1.png")
        try await WebDAVPeer.whileRunning(root: station.scratch.file("served")) { server in
            let url = server.url
            try await station.ingest("--versioning", "dvc", "--dvc-remote", url)
            func verify(_ options: String...) async throws -> Outcome {
                try await station.program().run(["dataset", "verify", "--remote", "--json"] + options)
            }
            let whole = try await verify()
            #expect(whole.status == 0, "\(whole.allText)")
            #expect(try whole.parsed()["checked"].list.map(\.["bytes_compared"]) == [.bool(true), .bool(false)])
            // That it is there is no proof of its bytes.
            let places = try await station.events("ArtifactVerified").map { $0["payload"]["place"].text }
            #expect(places == ["cache"])
            #expect(try await verify("--read").status == 0)
            #expect(try await station.events("ArtifactVerified").last?["payload"]["place"].text == url)

            let md5 = try await station.events("TileWritten")[0]["payload"]["md5"].text
            let object = "files/md5/\(md5.prefix(2))/\(md5.dropFirst(2))"
            try await server.remove(object)
            let missing = try await verify()
            #expect(missing.status == 1)
            #expect(try missing.parsed()["damage"].list.map(\.["object"].text) == [md5], "\(missing.allText)")
            #expect(try await station.run("status", "--json").parsed()["damaged"].int == 1)
            let repaired = try await verify("--repair")
            #expect(repaired.status == 0, "\(repaired.allText)")
            #expect(try await station.run("status", "--json").parsed()["damaged"].int == 0)

            let spoilt = station.scratch.file("spoilt")
            try Data("spoilt".utf8).write(to: URL(fileURLWithPath: spoilt))
            try await server.put(spoilt, as: object)
            #expect(try await verify().status == 0)
            let kept = try await verify("--read", "--repair")
            #expect(kept.status == 1)
            #expect(try kept.parsed()["damage"][0]["problem"].text.contains("remove that there"), "\(kept.allText)")
            try await server.remove(object)
            #expect(try await verify("--read", "--repair").status == 0)
            #expect(try await station.run("status", "--json").parsed()["damaged"].int == 0)
        }
    }
}
