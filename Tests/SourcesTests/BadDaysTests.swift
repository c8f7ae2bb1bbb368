import Foundation
import TestSupport
import Testing

@Suite("A bucket on bad days", .timeLimit(.minutes(10)))
struct BadDaysTests {
    private static let source = "s3://flights/"

    @Test("throttled, an hour ahead, with old credentials and every download cut nine times: all is taken, once")
    func allAtOnce() async throws {
        try await BucketServer.run(.moto) { server in
            try await FaultProxy.run(before: server.port) { proxy in
                let station = try await BucketStation(server)
                let files = try await station.draw(many: 6)
                let keys = files.indices.map { "a/\($0).png" }
                try await station.put(Array(zip(keys, files)))
                try await proxy.order(Self.faults)
                let shared = SharedCredentials(in: station.scratch)
                try shared.write("AKIDOLD")
                let options = ["--poll-interval", "1", "--sweep-interval", "2", "--downloads", "3"]
                let environment = proxy.environment.merging(shared.environment) { $1 }
                try await station.whileWatching(options, environment) { agent in
                    try await station.wait("the status says that the credentials are old", agent) {
                        let status = try await station.run("status", "--json")
                        guard status.status == 0 else { return false }
                        let found = try status.parsed()
                        return found["sources"][Self.source]["reason"].text == "credentials-expired"
                            && found["pauses"].list.contains { $0["reason"].text == "credentials-expired" }
                    }
                    try shared.write("AKIDNEW")
                    try await station.wait("all is derived", agent) {
                        try await station.status()["objects"]["derived"].int == keys.count
                    }
                }
                let observed = try await station.events("ObjectObserved").map { $0["payload"]["key"].text }
                #expect(observed.sorted() == keys)
                #expect(try await station.events("ObjectFetched").count == keys.count)
                #expect(try await station.events("ObjectQuarantined").isEmpty)
                // All of it was the source's fault: no object lost an attempt.
                #expect(try await station.events("StageFailed").allSatisfy { $0["payload"]["item"] == .null })
                #expect(try await station.run("reconcile", "--source", station.source).status == 0)
                #expect(try await station.run("audit", "verify").status == 0)
                let requests = try await proxy.requests()
                try expectTenths(requests, keys, files)
                expectObedience(requests)
                // The clock was made up for at the first refusal.
                #expect(requests.count { $0.fault == 0 } == 1)
            }
        }
    }

    private static let faults: [FaultProxy.Fault] = [
        FaultProxy.refusal(403, "RequestTimeTooSkewed", headers: ["Date": "$DATE+3600"], ["clock": 3_600]),
        // After some of the downloads.
        FaultProxy.refusal(400, "ExpiredToken", ["credential": "AKIDOLD", "skip": 40]),
        FaultProxy.refusal(503, "SlowDown", headers: ["Retry-After": "1"], ["of": "listing", "every": 2]),
        FaultProxy.refusal(503, "SlowDown", headers: ["Retry-After": "1"], ["of": "object", "every": 3]),
        ["kind": "cut", "of": "object", "parts": 10, "every": 1],
    ]

    /// Expects that each object was asked for from each tenth on, where the connection had broken.
    private func expectTenths(_ requests: [FaultProxy.Request], _ keys: [String], _ files: [String]) throws {
        for (key, file) in zip(keys, files) {
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            let part = (size + 9) / 10
            let starts = Set(requests.filter { $0.path.hasSuffix("/\(key)") }.map(\.start))
            #expect(starts.isSuperset(of: (0..<10).map { $0 * part }), "\(key): \(starts.sorted())")
        }
    }

    /// Expects that nobody asked again for what was to be left alone for a second.
    private func expectObedience(_ requests: [FaultProxy.Request]) {
        var throttled: [Substring: Double] = [:]
        for request in requests {
            if let since = throttled[request.path] { #expect(request.came - since > 0.99, "\(request.path)") }
            throttled[request.path] = [2, 3].contains(request.fault) ? request.answered : nil
        }
        #expect(requests.contains { $0.fault == 2 } && requests.contains { $0.fault == 3 })
    }

    @Test("that lists and gives nothing is asked for one object at a time, says each reason once, and is gone on with")
    func givesNothing() async throws {
        try await BucketServer.run(.moto) { server in
            try await FaultProxy.run(before: server.port) { proxy in
                let station = try await BucketStation(server)
                let files = try await station.draw(many: 6)
                try await station.put(files.dropLast().enumerated().map { ("a/\($0.offset).png", $0.element) })
                try await proxy.order([
                    FaultProxy.refusal(503, "SlowDown", ["of": "object", "every": 2, "delay": 0.2]),
                    FaultProxy.refusal(500, "InternalError", ["of": "object", "delay": 0.2]),
                ])
                let options = ["--poll-interval", "1", "--sweep-interval", "1", "--downloads", "2"]
                try await station.whileWatching(options, proxy.environment) { agent in
                    try await station.wait("it is left alone", agent) {
                        let status = try await station.run("status", "--json")
                        guard status.status == 0 else { return false }
                        return try status.parsed()["pauses"].list.contains {
                            $0["stage"].text == "fetching s3://flights"
                        }
                    }
                    // Listings go on meanwhile.
                    try await station.put("a/5.png", files[5])
                    try await station.wait("what is new", agent) {
                        try await station.events("ObjectObserved").count == files.count
                    }
                    #expect(try await station.status()["sources"][Self.source]["state"].text == "watching")
                    try await station.wait("it is asked some times", agent) {
                        try await proxy.requests().count { $0.isOfObject } >= 7
                    }
                    // The first ones were under way together.
                    let asked = try await proxy.requests().filter(\.isOfObject).dropFirst(4)
                    for (one, next) in zip(asked, asked.dropFirst()) { #expect(next.came >= one.ended) }
                    try await proxy.order([])
                    try await station.wait("all is derived", agent) {
                        try await station.status()["objects"]["derived"].int == files.count
                    }
                    #expect(try await station.status()["pauses"].list.isEmpty)
                }
                let failures = try await station.events("StageFailed").map { $0["payload"] }
                let reasons = failures.filter { $0["item"] == .null }.map { $0["reason"].text }
                #expect(reasons.sorted() == ["source-throttled", "source-unavailable"])
                #expect(try await station.events("ObjectQuarantined").isEmpty)
                #expect(try await station.run("reconcile", "--source", station.source).status == 0)
            }
        }
    }

    @Test("that lists and gives nothing is left to the next ingest, with the reason, and holds up nothing else")
    func refusesAll() async throws {
        try await BucketServer.run(.moto) { server in
            try await FaultProxy.run(before: server.port) { proxy in
                let station = try await BucketStation(server)
                let folder = try await fill(station)
                // One is given, so that the partition has something to commit, and waits for the others.
                try await proxy.order([FaultProxy.refusal(403, "AccessDenied", ["of": "object", "skip": 1])])
                let program = try station.program(proxy.environment)
                let refused = try await program.run(["ingest", station.source, folder, "--json"])
                #expect(refused.status == 70, "\(refused.allText)")
                let report = try refused.parsed()
                #expect(report["finished"] == .bool(true))
                let stuck = report["stuck"].list
                #expect(stuck.map { $0["item"].text } == [station.source], "\(refused.allText)")
                #expect(stuck.first?["stage"].text == "fetching" && stuck.first?["waiting"].int == 2)
                #expect(stuck.first?["reason"].text == "access-denied")
                #expect(report["derivations"].int == 2)
                #expect(report["commits"].list.map { $0["partition"].text } == ["b"])
                try await proxy.order([])
                let given = try await program.check(["ingest", station.source, folder, "--json"]).parsed()
                #expect(given["derivations"].int == 2 && given["stuck"].list.isEmpty)
                #expect(given["commits"].list.map { $0["partition"].text } == ["a"])
            }
        }
    }

    @Test("that breaks off whatever it gives, for minutes, is left to the next ingest and holds up nothing else")
    func silent() async throws {
        try await BucketServer.run(.moto) { server in
            try await FaultProxy.run(before: server.port) { proxy in
                let station = try await BucketStation(server)
                let folder = try await fill(station)
                try await proxy.order([["kind": "cut", "after": 0, "of": "object", "every": 1]])
                let clock = try await FastClock(in: station.scratch)
                let hurried = try station.program(proxy.environment.merging(clock.variables) { _, new in new })
                let left = try await hurried.run(["ingest", station.source, folder, "--json"])
                #expect(left.status == 70, "\(left.allText)")
                let report = try left.parsed()
                #expect(report["finished"] == .bool(true))
                let stuck = report["stuck"].list
                #expect(stuck.map { $0["item"].text } == [station.source], "\(left.allText)")
                #expect(stuck.first?["stage"].text == "fetching" && stuck.first?["waiting"].int == 3)
                #expect(stuck.first?["reason"].text == "transport-failed")
                #expect(report["commits"].list.map { $0["partition"].text } == ["b"])
                // A round is five requests: these are ten rounds, and not the three after which one that refuses is left.
                #expect(try await proxy.requests().count(where: \.isOfObject) >= 50)
                try await proxy.order([])
                let given = try await station.program(proxy.environment).check([
                    "ingest", station.source, folder, "--json",
                ]).parsed()
                #expect(given["derivations"].int == 3 && given["stuck"].list.isEmpty)
                #expect(given["commits"].list.map { $0["partition"].text } == ["a"])
            }
        }
    }

    /// Puts three images into the bucket, and one into a folder beside it; returns the folder.
    private func fill(_ station: BucketStation) async throws -> String {
        let files = try await station.draw(many: 4)
        try await station.put(files[0..<3].enumerated().map { ("a/\($0.offset).png", $0.element) })
        let folder = try station.scratch.directory("folder")
        try FileManager.default.createDirectory(atPath: "\(folder)/b", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: files[3], toPath: "\(folder)/b/3.png")
        return folder
    }

    /// What keeps a source from giving anything.
    enum Outage: String, CaseIterable {
        case refuses = "access-denied"
        case isDown = "transport-failed"
    }

    @Test(
        "what is to be derived anew and has no original is left to the next run, and all else is done",
        arguments: Outage.allCases
    )
    func rederives(outage: Outage) async throws {
        let root = try Scratch("rclone-root")
        let bucket = try root.directory(BucketStation.bucket)
        var made: BucketStation?
        var port = 0
        try await BucketServer.run(.rclone, root: root) { server in
            let station = try await BucketStation(server, isNew: false)
            for (number, image) in try await station.draw(many: 6).enumerated() {
                try FileManager.default.createDirectory(atPath: "\(bucket)/a", withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: image, toPath: "\(bucket)/a/\(number).png")
            }
            try await station.ingest()
            port = server.port
            made = station
            guard outage == .refuses else { return }
            let program = try station.program(["AWS_SECRET_ACCESS_KEY": "of-somebody-else"])
            try await reprocess(station, program, until: outage)
            try await ingestMore(station, program)
        }
        let station = try #require(made)
        if outage == .isDown {
            // It is asked for some minutes whether it is back.
            let clock = try await FastClock(in: station.scratch)
            try await reprocess(station, try station.program(clock.variables), until: outage)
        }
        try await BucketServer.run(.rclone, root: root, port: port) { _ in
            let options = ["reprocess", "--apply", "--tile-size", "64", "--json"]
            let report = try await station.program().check(options).parsed()
            #expect(report["finished"] == .bool(true) && report["generation"]["state"].text == "cut-over")
            #expect(report["generation"]["waiting"].int == 0 && report["generation"]["failed"].int == 0)
        }
    }

    /// Has a store derived anew that lacks the first four originals of six, while their source gives nothing.
    private func reprocess(_ station: BucketStation, _ program: Tool, until outage: Outage) async throws {
        let fetched = try await station.events("ObjectFetched").map { $0["payload"]["sha256"].text }
        for digest in fetched.prefix(4) {
            let original = try #require(
                FileManager.default.subpaths(atPath: "\(station.store)/originals")?.first { $0.hasSuffix(digest) }
            )
            try FileManager.default.removeItem(atPath: "\(station.store)/originals/\(original)")
        }
        let reprocessed = try await program.run(["reprocess", "--apply", "--tile-size", "64", "--json"])
        #expect(reprocessed.status == 70, "\(reprocessed.allText)")
        let lines = reprocessed.allText.split(separator: "\n")
        let error = try #require(lines.first { $0.contains("\"error\":\"\(outage.rawValue)\"") }, "\(lines)")
        #expect(error.contains("rederiving of 4 objects of \(station.source) can't go on"), "\(error)")
        let generations = try await station.status()["generations"].list
        #expect(generations.map { $0["waiting"].int } == [4], "\(generations)")
    }

    /// Takes in a folder beside what has stopped.
    private func ingestMore(_ station: BucketStation, _ program: Tool) async throws {
        let folder = try station.scratch.directory("folder")
        try FileManager.default.createDirectory(atPath: "\(folder)/b", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: try await station.draw(100), toPath: "\(folder)/b/0.png")
        let ingested = try await program.run(["ingest", folder, "--json"])
        #expect(ingested.status == 70, "\(ingested.allText)")
        let report = try ingested.parsed()
        let stuck = report["stuck"].list
        #expect(stuck.map { $0["stage"].text } == ["rederiving"] && stuck.first?["waiting"].int == 4, "\(stuck)")
        #expect(stuck.first?["item"].text == station.source && stuck.first?["reason"].text == Outage.refuses.rawValue)
        #expect(report["commits"].list.map { $0["partition"].text } == ["b"])
    }
}

/// A file of credentials that somebody else keeps fresh.
private struct SharedCredentials {
    let path: String

    init(in scratch: Scratch) {
        path = scratch.file("credentials")
    }

    /// The environment's own keys would go before it.
    var environment: [String: String] {
        [
            "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": path,
            "AWS_CONFIG_FILE": path + "-none",
        ]
    }

    func write(_ id: String) throws {
        let text = "[default]\naws_access_key_id = \(id)\naws_secret_access_key = secret\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
