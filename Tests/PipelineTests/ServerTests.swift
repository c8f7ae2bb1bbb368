import Crypto
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("The API answers what the store knows, and gives nothing away", .timeLimit(.minutes(15)))
struct ServerTests {
    @Test("objects, tiles with their bytes, versions, lineage, proof and events, in parts and as a stream")
    func answers() async throws {
        let station = try Station("api")
        try await station.fly("north")
        try await station.draw("south/two.png")
        try "no image".write(toFile: "\(station.source)/south/bad.jpg", atomically: true, encoding: .utf8)
        try station.age("\(station.source)/south/bad.jpg")
        try await ServedStation.run(station) { server in
            try await server.settle(2)
            let status = try await server.get("/v1/status")
            #expect(status["objects"]["derived"].int == 3 && status["quarantine"]["not-an-image"].int == 1)
            #expect(
                status["stages"].list.map { $0["name"].text }.first == "fetching" && status["operable"] == .bool(false)
            )

            let objects = try await server.all("/v1/objects", limit: 1)
            #expect(objects.count == 4 && Set(objects.map { $0["key"].text }).count == 4)
            let image = try #require(objects.first { $0["key"].text == "north/DJI_0001.JPG" })
            let detail = try await server.get("/v1/objects/\(image["id"].text)")
            #expect(detail["image"]["format"].text == "jpeg" && detail["image"]["footprint"]["type"].text == "Polygon")
            let original = try await server.ask("/v1/objects/\(image["id"].text)/original")
            #expect(original.head.contains("content-type: image/jpeg"))
            #expect(Data(original.body) == FileManager.default.contents(atPath: "\(station.source)/north/DJI_0001.JPG"))

            let derivation = detail["derivations"][0]["id"].text
            let tiles = try await server.all("/v1/derivations/\(derivation)/tiles", limit: 2)
            #expect(tiles.count == detail["derivations"][0]["tiles"].int && tiles[0]["window"]["x"].int == 0)
            let path = "/v1/derivations/\(derivation)/tiles/\(tiles[0]["name"].text)"
            #expect(try await server.get(path) == tiles[0])
            let tile = try await server.ask("\(path)/content")
            let digest = SHA256.hash(data: tile.body).map { String(format: "%02x", $0) }.joined()
            #expect(digest == tiles[0]["sha256"].text && tile.head.contains("etag: \"\(digest)\""))
            let part = try await server.ask("\(path)/content", "-r", "5-9")
            #expect(part.status == 206 && part.body == Array(tile.body[5...9]))
            #expect(part.head.contains("content-range: bytes 5-9/\(tile.body.count)"))
            let end = try await server.ask("\(path)/content", "-r", "-3")
            #expect(end.status == 206 && end.body == Array(tile.body.suffix(3)))
            #expect(try await server.ask("\(path)/content", "-r", "\(tile.body.count)-").status == 416)
            #expect(try await server.ask("\(path)/content", "-H", "If-None-Match: \"\(digest)\"").status == 304)

            let lineage = try await server.get("/v1/lineage?id=\(digest)")
            let steps = lineage["steps"].list.map { $0["step"].text }
            #expect(Set(["observed", "fetched", "derivation", "tile", "commit", "push"]).isSubset(of: steps))
            let versions = try await server.all("/v1/datasets/north/versions", limit: 1)
            #expect(versions.count == 1 && versions[0]["git_commit"].text.count == 40)
            #expect(try await server.get("/v1/versions/\(versions[0]["id"].text)") == versions[0])
            #expect(try await server.get("/v1/footprints")["features"].list.count == 2)
            let proof = try await server.ask("/v1/events/2/proof")
            #expect(proof.status == 200 && proof.body.starts(with: Array("c2sp.org/tlog-proof@v1".utf8)))

            let head = try #require(try await server.get("/v1/audit")["size"].int)
            let events = try await server.all("/v1/events", limit: 50)
            #expect(events.prefix(head).map { $0["position"].int } == (1...head).map { $0 })
            let pushed = try await server.get("/v1/events?type=DatasetPushed&order=newest&limit=1")["items"][0]
            #expect(pushed["type"].text == "DatasetPushed")
            let about = try await server.get("/v1/events?stream=object/\(image["id"].text)")["items"].list
            #expect(about.map { $0["type"].text } == ["ObjectObserved", "ObjectFetched", "ObjectValidated"])
            try await streams(server, head)
        }
    }

    /// Whoever comes back with the last id that it has seen misses nothing, and sees what comes next.
    private func streams(_ server: ServedStation, _ head: Int) async throws {
        // Where a backup has replaced the log, somebody has read on in another.
        let refused = try await server.ask("/v1/events/stream?after=\(head + 100_000)")
        #expect(refused.status == 409)
        #expect(try JSON(String(decoding: refused.body, as: UTF8.self))["code"].text == "position-unknown")
        let curl = try Tool("curl")
        let follow = ["-sSN", "-H", "Last-Event-ID: \(head - 3)", "\(server.url)/v1/events/stream"]
        try await curl.whileRunning(follow) { stream in
            func ids() -> [Int] {
                stream.outputSoFar.matches(of: /(?m)^id: (\d+)$/).compactMap { Int($0.1) }
            }
            try await eventually("what was missed is told") { ids().count >= 3 }
            try await server.station.draw("south/three.png", size: "310x200")
            try await eventually("what comes next is told") {
                stream.outputSoFar.contains("south/three.png") && stream.outputSoFar.contains("DatasetPushed")
            }
            let seen = ids()
            #expect(seen == (head - 2..<head - 2 + seen.count).map { $0 })
        }
    }

    @Test("no token: this machine may read and nobody may change; tokens: each scope for itself")
    func access() async throws {
        let station = try Station("scopes")
        try "no image".write(toFile: "\(station.source)/bad.jpg", atomically: true, encoding: .utf8)
        try station.age("\(station.source)/bad.jpg")
        func quarantined(_ server: ServedStation, _ headers: String...) async throws -> String {
            var id = ""
            try await eventually("the file is in quarantine") {
                let answer = try await server.ask("/v1/quarantine", "-H", headers.first ?? "X-None: x")
                id = try JSON(String(decoding: answer.body, as: UTF8.self))["items"][0]["id"].text
                return !id.isEmpty
            }
            return id
        }
        try await ServedStation.run(station) { server in
            let id = try await quarantined(server)
            // A page of another site whose name leads here, and a proxy that passes on what others ask.
            for header in ["Host: attacker.example", "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1"] {
                #expect(try await server.ask("/v1/objects", "-H", header).status == 401, "\(header)")
            }
            #expect(try await server.ask("/v1/quarantine/\(id)/release", "-X", "POST").status == 401)
            let cross = try await server.ask("/v1/objects", "-H", "Origin: https://attacker.example")
            #expect(!cross.head.contains("access-control-allow"))
            for path in [
                "/v1/derivations/..%2f..%2f..%2fetc/tiles/passwd/content", "/../../etc/passwd",
                "/page/../../etc/passwd",
            ] {
                #expect(try await server.ask(path).status == 404, "\(path)")
            }
            #expect(try await server.ask("/v1/objects?limit=0").status == 400)
            #expect(try await server.ask("/v1/objects?unknown=1").status == 400)
            let wrong = try await server.ask("/v1/objects", "-X", "PATCH")
            #expect(wrong.status == 405 && wrong.head.contains("allow: get, head"))
            let page = try await server.ask("/")
            let policy = try #require(
                page.head.split(separator: "\r\n").first { $0.hasPrefix("content-security-policy") }
            )
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        }
        let tokens = [
            "SWATHLOG_HTTP_READ_TOKEN": ServedStation.readToken,
            "SWATHLOG_HTTP_OPERATE_TOKEN": ServedStation.operateToken,
        ]
        try await ServedStation.run(station, variables: tokens) { server in
            let (read, operate) = (
                "Authorization: Bearer \(ServedStation.readToken)",
                "Authorization: Bearer \(ServedStation.operateToken)"
            )
            let id = try await quarantined(server, read)
            #expect(try await server.ask("/v1/objects").status == 401)
            #expect(try await server.ask("/v1/objects", "-H", "Authorization: Bearer wrong").status == 401)
            #expect(try await server.ask("/v1/objects", "-H", operate).status == 200)
            let release = "/v1/quarantine/\(id)/release"
            #expect(try await server.ask(release, "-X", "POST").status == 401)
            #expect(try await server.ask(release, "-X", "POST", "-H", read).status == 403)
            #expect(try await server.ask(release, "-X", "POST", "-H", operate).status == 200)
            #expect(try await server.station.events("ObjectReleased").count == 1)
            #expect(!server.agent.errorsSoFar.contains("horse") && !server.agent.errorsSoFar.contains("staple"))
        }
    }

    @Test(
        "all under a reason is released in one request; a notification is sent again; an audit is made when asked for"
    )
    func operated() async throws {
        let station = try Station("operated")
        for name in ["one", "two", "three"] {
            let path = "\(station.source)/\(name).jpg"
            try "no image: \(name)".write(toFile: path, atomically: true, encoding: .utf8)
            try station.age(path)
        }
        try await station.draw("a/one.png")
        let told = station.scratch.file("told.jsonl")
        let variables = [
            "SWATHLOG_HTTP_OPERATE_TOKEN": ServedStation.operateToken, "SWATHLOG_AUDIT_INTERVAL": "0",
            "SWATHLOG_ENDPOINTS":
                #"[{"name": "file", "file": "\#(told)", "types": ["swathlog.dataset.committed"]}]"#,
        ]
        try await ServedStation.run(station, variables: variables) { server in
            let token = "Authorization: Bearer \(ServedStation.operateToken)"
            func post(_ path: String) async throws -> (status: Int, json: JSON) {
                let answer = try await server.ask(path, "-X", "POST", "-H", token)
                return (answer.status, try JSON(String(decoding: answer.body, as: UTF8.self)))
            }
            func get(_ path: String) async throws -> JSON {
                try JSON(String(decoding: try await server.ask(path, "-H", token).body, as: UTF8.self))
            }
            try await eventually("three are in quarantine") {
                try await get("/v1/status")["quarantine"]["not-an-image"].int == 3
            }
            let released = try await post("/v1/reasons/not-an-image/release")
            #expect(released.status == 200 && released.json["recorded"].int == 3 && released.json["left"].int == 0)
            try await eventually("they are back") {
                let events = try await station.events("ObjectQuarantined").count
                let held = try await get("/v1/status")["quarantine"]["not-an-image"].int
                return events == 6 && held == 3
            }
            let dismissed = try await post("/v1/reasons/not-an-image/dismiss")
            #expect(dismissed.status == 200 && dismissed.json["recorded"].int == 3)
            #expect(try await post("/v1/reasons/not-an-image/release").status == 404)
            #expect(try await get("/v1/quarantine?dismissed=true")["items"].list.count == 3)

            try await eventually("the file is told") { try await !station.events("NotificationDelivered").isEmpty }
            let id = try await get("/v1/notifications")["items"][0]["id"].text
            #expect(try await post("/v1/notifications/\(id)/redeliver").status == 200)
            try await eventually("it is told again") { try await station.events("NotificationDelivered").count == 2 }
            #expect(try await post("/v1/notifications/none/redeliver").status == 404)
            let enabled = try await post("/v1/endpoints/file/enable")
            #expect(enabled.status == 200 && enabled.json["state"].text == "enabled")
            #expect(try await post("/v1/endpoints/none/enable").status == 404)

            #expect(try await get("/v1/audit")["newest"] == .null)
            #expect(try await post("/v1/audit").status == 200)
            try await eventually("the record is audited") { try await get("/v1/audit")["newest"] != .null }
            let audit = try await get("/v1/audit")
            #expect(audit["newest"]["damages"].int == 0 && audit["newest"]["events"].int ?? 0 > 10)
            try await eventually("it has ended") { try await get("/v1/audit")["running"] == .bool(false) }
            #expect(try await station.events("AuditCompleted").count == 1)

            let stages = try await get("/v1/status")["stages"].list.map { $0["name"].text }
            #expect(Set(["sharing", "rederiving", "cutting-over", "sweeping", "versioning"]).isSubset(of: stages))
        }
    }

    @Test("so many streams and no more; one that ends makes room")
    func manyStreams() async throws {
        let station = try Station("streams")
        try await station.draw("a/one.png")
        try await ServedStation.run(station) { server in
            let streams = try Tool(Checkout.peer("python"))
            try await streams.whileRunning([pythonScript("streams"), String(server.port), "64"]) { streams in
                try await eventually("64 are open") { streams.outputSoFar.contains("open") || !streams.isRunning }
                let refused = try await server.ask("/v1/status/stream")
                #expect(refused.status == 503 && refused.head.contains("retry-after: 10"))
                #expect(try await server.ask("/v1/status").status == 200)
            }
            try await eventually("there is room again") {
                // A stream goes on until it is cut off; the head says that it was let in.
                let curl = try Tool("curl")
                return try await curl.run(["-sS", "--max-time", "2", "\(server.url)/v1/events/stream"]).text
                    .contains(": swathlog")
            }
        }
    }

    @Test("http: off answers nothing; a usual port that is taken is told with what to do, and the work goes on")
    func withoutServer() async throws {
        let station = try Station("off")
        try await station.draw("a/one.png")
        let off = ["SWATHLOG_HTTP": "off", "SWATHLOG_LOG_LEVEL": "info"]
        let arguments = ["run", "--source", station.source, "--commit-interval", "1"]
        try await station.program(off).whileRunning(arguments) { agent in
            try await eventually("the first version") {
                let log = try await station.run("log", "--type", "DatasetCommitted")
                return log.text.contains("DatasetCommitted") || !agent.isRunning
            }
            #expect(!agent.errorsSoFar.contains("Listening"))
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        // Where it is another program's already, that is as good.
        let holder = try Tool(Checkout.peer("python")).start(["-c", Self.holdUsualPort])
        try await eventually("the usual port is taken") { holder.outputSoFar.contains("taken") || !holder.isRunning }
        var program = try station.program()
        program.environment["SWATHLOG_HTTP_PORT"] = nil
        try await program.whileRunning(arguments) { agent in
            try await eventually("it says so") {
                agent.errorsSoFar.contains("There is no page and no API") || !agent.isRunning
            }
            #expect(agent.isRunning && agent.errorsSoFar.contains("http_port") && agent.errorsSoFar.contains("8000"))
            try await station.draw("a/two.png", "-negate")
            try await eventually("the work goes on") { try await station.events("ObjectFetched").count == 2 }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        holder.signal(SIGKILL)
    }

    private static let holdUsualPort = """
        import signal, socket
        s = socket.socket()
        try:
            s.bind(("127.0.0.1", 8000)); s.listen()
        except OSError:
            pass
        print("taken", flush=True)
        signal.pause()
        """

    @Test("schemathesis finds no fault with the document and what it promises")
    func schemathesis() async throws {
        let station = try Station("schemathesis")
        try await station.fly("north", images: 1)
        try "no image".write(toFile: "\(station.source)/bad.jpg", atomically: true, encoding: .utf8)
        try station.age("\(station.source)/bad.jpg")
        let tokens = ["SWATHLOG_HTTP_OPERATE_TOKEN": ServedStation.operateToken]
        try await ServedStation.run(station, variables: tokens) { server in
            var tool = try Tool(Checkout.peer("schemathesis"), in: station.scratch.path)
            tool.environment["HOME"] = station.scratch.path
            let outcome = try await tool.run([
                "run", "\(server.url)/v1/openapi.json", "--url", server.url, "--no-color", "--seed", "7",
                "--max-examples", "10", "--phases", "coverage,fuzzing", "--request-timeout", "60",
                // These go on for ever; ServerTests and PageTests follow them.
                "--exclude-path-regex", "stream$", "-H", "Authorization: Bearer \(ServedStation.operateToken)",
            ])
            #expect(outcome.status == 0, "\(outcome.text.suffix(6_000))")
            let document = station.scratch.file("openapi.json")
            try Data(try await server.ask("/v1/openapi.json").body).write(to: URL(fileURLWithPath: document))
            try await Tool(Checkout.peer("openapi-spec-validator")).check([document])
        }
    }

    @Test("a port that was asked for and is taken ends the agent with the reason")
    func takenAddress() async throws {
        let station = try Station("taken")
        try await station.draw("a/one.png")
        try await ServedStation.run(station) { server in
            let other = try Station("other")
            let port = try #require(server.url.split(separator: ":").last)
            let outcome = try await other.run("run", "--source", station.source, "--http-port", String(port))
            #expect(outcome.status != 0 && outcome.errorText.contains("can't listen on 127.0.0.1:\(port)"))
        }
    }
}
