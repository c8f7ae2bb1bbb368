import Foundation
import TestSupport
import Testing

@Suite("Dataset versions in a bucket", .timeLimit(.minutes(10)))
struct RemoteTests {
    private static let bucket = "datasets"

    private func options(_ server: BucketServer) -> [String] { options(server.endpoint) }

    private func options(_ endpoint: String) -> [String] {
        [
            "--dvc-remote", "s3://\(Self.bucket)/tiles", "--dvc-remote-options",
            "endpointurl=\(endpoint) region=us-east-1 jobs=1",
        ]
    }

    /// The objects that the bucket has, by their ids.
    private func objects(_ server: BucketServer) -> [String] {
        let root = server.scratch.file("\(Self.bucket)/tiles/files/md5")
        return ((try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []).filter { $0.contains("/") }
            .map { $0.replacing("/", with: "") }
    }

    @Test("a push that is killed goes on where it was, and a clone pulls from the bucket what the dataset holds")
    func killedPush() async throws {
        try await BucketServer.run(.rclone) { server in
            let station = try await BucketStation(server)
            try await server.makeBucket(Self.bucket)
            let files = try await station.draw(many: 60, size: "200x150")
            try await station.put(files.enumerated().map { ("north/\($0.offset).png", $0.element) })

            let agent = try station.program().start(["ingest", station.source] + options(server))
            try await eventually("the push has begun", within: .seconds(120)) {
                guard agent.isRunning else { throw ToolError("it ended before it pushed: \(agent.errorsSoFar)") }
                return objects(server).count > 3
            }
            agent.signal(SIGKILL)
            _ = try await agent.outcome()
            #expect(try await station.events("DatasetPushed").isEmpty)
            #expect(!objects(server).contains { $0.hasSuffix(".dir") })

            try await station.ingest()
            let pushed = try await station.events("DatasetPushed")
            #expect(pushed.count == 1)
            #expect(pushed.first?["payload"]["remote"].text == "s3://\(Self.bucket)/tiles")
            #expect(objects(server).filter { $0.hasSuffix(".dir") }.count == 1)

            let clone = station.scratch.file("clone")
            try await Tool("git").check(["clone", "--quiet", station.dataset, clone])
            var dvc = try Tool(Checkout.peer("dvc"), in: clone)
            dvc.environment.merge(server.environment) { _, new in new }
            try await dvc.check(["pull", "--quiet"])
            try await Tool("diff").check(["-r", "\(clone)/north", "\(station.dataset)/north"])
            dvc.directory = station.dataset
            #expect(try await dvc.check(["status", "--cloud"]).text.contains("in sync"))
        }
    }

    @Test(
        "a bucket that refuses stops the pushes with a reason, and nothing else; what is wrong in the settings stops the start"
    )
    func refused() async throws {
        try await BucketServer.run(.rclone) { server in
            let station = try await BucketStation(server)
            try await station.put("north/1.png", try await station.draw(1))
            // Nobody has made the bucket.
            let outcome = try await station.program().run(["ingest", station.source, "--json"] + options(server))
            #expect(try await station.events("DatasetCommitted").count == 1)
            #expect(outcome.status == 70)
            let status = try await station.status()
            #expect(status["pauses"].list.first?["reason"].text == "no-such-bucket", "\(status)")
            try await server.makeBucket(Self.bucket)
            try await station.ingest()
            #expect(try await station.events("DatasetPushed").count == 1)

            for (remote, more) in [
                ("s3://x", ""), ("gs://bucket/x", ""), ("s3://bucket", "frobnicate=1"),
                ("s3://bucket", "secret_access_key=x"),
                ("remote://nobody", ""),
            ] {
                let wrong = try await station.program().run(
                    ["ingest", station.source, "--dvc-remote", remote, "--dvc-remote-options", more]
                )
                #expect([70, 78].contains(wrong.status) && wrong.errorText.contains(":"), "\(remote) \(wrong.allText)")
            }
        }
    }

    /// Gives every file that the catalog knows another SHA-256 than it has; returns these by the files' ids.
    private func falsifyDigests(_ station: BucketStation) async throws -> [String: String] {
        let script = """
            import json, sqlite3, sys
            views = sqlite3.connect(sys.argv[1])
            views.execute("UPDATE tiles SET sha256 = randomblob(32)")
            views.execute("UPDATE derivations SET index_sha256 = randomblob(32)")
            views.commit()
            print(json.dumps(dict(views.execute(
                "SELECT lower(hex(md5)), lower(hex(sha256)) FROM tiles UNION ALL "
                "SELECT lower(hex(index_md5)), lower(hex(index_sha256)) FROM derivations"))))
            """
        let views = "\(station.store)/projections.db"
        let printed = try await Tool(Checkout.peer("python")).check(["-c", script, views])
        return try JSONDecoder().decode([String: String].self, from: Data(printed.text.utf8))
    }

    @Test("what is pushed is signed by the SHA-256 that the log has of it, and not hashed again")
    func signedByLog() async throws {
        // This server takes what is said of the bytes as it is said.
        try await BucketServer.run(.moto) { server in
            try await FaultProxy.run(before: server.port) { proxy in
                let station = try await BucketStation(server)
                try await station.put("north/1.png", try await station.draw(1))
                // Nobody has made the bucket: the version is committed, and waits to be pushed.
                let outcome = try await station.program().run(["ingest", station.source] + options(proxy.endpoint))
                #expect(outcome.status == 70, "\(outcome.allText)")
                let recorded = try await falsifyDigests(station)
                #expect(recorded.count == 5)
                try await server.makeBucket(Self.bucket)
                try await proxy.order([])
                try await station.ingest()
                var signed: [String: String] = [:]
                for request in try await proxy.requests() where request.method == "PUT" {
                    let id = request.path.split(separator: "/").suffix(2).joined()
                    if !id.hasSuffix(".dir") { signed[id] = request.headers["x-amz-content-sha256"].text }
                }
                #expect(signed == recorded)
            }
        }
    }

    @Test("a byte that changed in the bucket is found by its ETag, and put right from the cache, as dvc agrees")
    func mended() async throws {
        try await BucketServer.run(.rclone) { server in
            let station = try await BucketStation(server)
            try await server.makeBucket(Self.bucket)
            try await station.put("north/1.png", try await station.draw(1))
            try await station.program().check(["ingest", station.source] + options(server))
            let verify = ["dataset", "verify", "--remote", "--json"]
            #expect(try await station.program().run(verify).status == 0)
            let id = try #require(objects(server).sorted().first { !$0.hasSuffix(".dir") })
            let path = server.scratch.file("\(Self.bucket)/tiles/files/md5/\(id.prefix(2))/\(id.dropFirst(2))")
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let sound = bytes
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            for more in [[], ["--read"]] {
                let found = try await station.program().run(verify + more)
                #expect(found.status == 1)
                let damage = try found.parsed()["damage"].list
                #expect(damage.map(\.["object"].text) == [id])
                #expect(damage[0]["place"].text == "s3://\(Self.bucket)/tiles")
            }
            let audit = ["audit", "verify", "--remote", "--json"]
            let audited = try await station.program().run(audit)
            #expect(audited.status == 1)
            let places = try audited.parsed()["damage"].list.map(\.["place"].text)
            #expect(places == ["s3://\(Self.bucket)/tiles/files/md5/\(id.prefix(2))/\(id.dropFirst(2))"])
            let repaired = try await station.program().run(verify + ["--repair"])
            #expect(try repaired.parsed()["damage"][0]["repaired_from"].text == "cache")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == sound)
            #expect(try await station.program().run(audit).status == 0)
            // With nothing in the cache and the work tree, the bucket gives it back.
            let cached = "\(station.dataset)/.dvc/cache/files/md5/\(id.prefix(2))/\(id.dropFirst(2))"
            try FileManager.default.removeItem(atPath: cached)
            for name in try FileManager.default.contentsOfDirectory(atPath: station.dataset)
            where FileManager.default.fileExists(atPath: "\(station.dataset)/\(name).dvc") {
                try FileManager.default.removeItem(atPath: "\(station.dataset)/\(name)")
            }
            let fetched = try await station.program().run(["dataset", "verify", "--repair", "--json"])
            #expect(try fetched.parsed()["damage"][0]["repaired_from"].text == "s3://\(Self.bucket)/tiles")
            #expect(try await station.program().run(verify + ["--read"]).status == 0)
            // A bucket that can't be asked is no proof of anything, and hides nothing of the cache.
            var stranger = try station.program()
            stranger.environment["AWS_SECRET_ACCESS_KEY"] = "wrong"
            let refused = try await stranger.run(verify)
            #expect(refused.status == 1)
            #expect(try refused.parsed()["not_checked"][0]["place"].text == "s3://\(Self.bucket)/tiles")
            #expect(try refused.parsed()["checked"][0]["place"].text == "cache")
            var dvc = try Tool(Checkout.peer("dvc"), in: station.dataset)
            dvc.environment.merge(server.environment) { _, new in new }
            #expect(try await dvc.check(["status", "--cloud"]).text.contains("in sync"))
        }
    }

    @Test("an object is missing only where S3 says so: a proxy's 404 says nothing of it")
    func foreignAnswer() async throws {
        try await BucketServer.run(.rclone) { server in
            let station = try await BucketStation(server)
            try await server.makeBucket(Self.bucket)
            try await station.put("north/1.png", try await station.draw(1))
            try await FaultProxy.run(before: server.port) { proxy in
                let remote = [
                    "--dvc-remote", "s3://\(Self.bucket)/tiles", "--dvc-remote-options",
                    "endpointurl=\(proxy.endpoint) region=us-east-1 jobs=1",
                ]
                try await station.program().check(["ingest", station.source] + remote)
                let id = try #require(objects(server).sorted().first { !$0.hasSuffix(".dir") })
                let key = "tiles/files/md5/\(id.prefix(2))/\(id.dropFirst(2))"
                try await server.call(("s3", "delete_object", ["Bucket": Self.bucket, "Key": key]))
                let verify = ["dataset", "verify", "--remote", "--json"]
                // What lists knows nothing of the object; the proxy answers for the bucket, to HEAD and to GET.
                try await proxy.order([
                    ["kind": "answer", "method": "HEAD", "status": 404, "every": 1],
                    ["kind": "answer", "of": "object", "status": 404, "body": "<html/>", "every": 1],
                ])
                let foreign = try await station.program().run(verify).parsed()
                #expect(foreign["damage"].list.isEmpty, "\(foreign)")
                #expect(foreign["not_checked"][0]["message"].text.contains("no answer of S3's"), "\(foreign)")
                #expect(try await station.events("ArtifactDamaged").isEmpty)
                try await proxy.order([])
                let asked = try await station.program().run(verify)
                #expect(asked.status == 1)
                #expect(try asked.parsed()["damage"].list.map(\.["object"].text) == [id])
            }
        }
    }
}
