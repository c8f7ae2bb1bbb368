import Foundation
import TestSupport
import Testing

@Suite("Killed at any request of a push to a bucket, the next run sends what is missing", .timeLimit(.minutes(15)))
struct KilledPushTests {
    @Test("every object is there whole, and the log says so once", arguments: ["native", "dvc"])
    func everyRequest(mode: String) async throws {
        try await BucketServer.run(.rclone) { server in
            try await server.makeBucket(BucketPush.bucket)
            try await FaultProxy.run(before: server.port) { proxy in
                try await BucketPush(mode, server, proxy).killAtEveryRequest()
            }
        }
    }
}

/// A folder's versions on their way to a bucket, through a proxy that can hold each request.
private struct BucketPush {
    static let bucket = "datasets"

    private let mode: String
    private let scratch: Scratch
    private let server: BucketServer
    private let proxy: FaultProxy
    private var source: String { scratch.file("flights") }
    private var store: String { scratch.file("store") }
    private var pushed: String { server.scratch.file("\(Self.bucket)/tiles") }

    init(_ mode: String, _ server: BucketServer, _ proxy: FaultProxy) throws {
        scratch = try Scratch("killed-push")
        self.mode = mode
        self.server = server
        self.proxy = proxy
    }

    private func program() throws -> Tool {
        var tool = try Tool(Checkout.swathlog, install: "swift build -c release", in: scratch.path)
        tool.environment.merge(server.environment) { $1 }
        let peers = (Checkout.peer("dvc") as NSString).deletingLastPathComponent
        tool.environment["PATH"] = "\(peers):\(tool.environment["PATH"] ?? "/usr/bin:/bin")"
        tool.environment["SWATHLOG_STORE"] = store
        tool.environment["SWATHLOG_VERSIONING"] = mode
        tool.environment["SWATHLOG_DVC_REMOTE"] = "s3://\(Self.bucket)/tiles"
        tool.environment["SWATHLOG_DVC_REMOTE_OPTIONS"] = "endpointurl=\(proxy.endpoint) region=us-east-1 jobs=1"
        return tool
    }

    private func contents() throws -> [String: Data] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: "\(pushed)/files/md5")) ?? []
        return Dictionary(
            uniqueKeysWithValues: try names.filter { $0.contains("/") }.map {
                ($0, try Data(contentsOf: URL(fileURLWithPath: "\(pushed)/files/md5/\($0)")))
            }
        )
    }

    /// Starts a run and kills it when the proxy holds its request; false where it came to its end.
    private func killed(_ fault: FaultProxy.Fault) async throws -> Bool {
        try await proxy.order([fault])
        let agent = try program().start(["ingest", source])
        var isHolding = false
        try await eventually("a request waits, or the run ends", within: .seconds(120)) {
            isHolding = try await proxy.isHolding()
            return isHolding || !agent.isRunning
        }
        if isHolding { agent.signal(SIGKILL) }
        let outcome = try await agent.outcome()
        #expect(isHolding ? outcome.wasSignalled : outcome.status == 0, "\(outcome.allText)")
        return isHolding
    }

    /// Puts the store back to where nothing was pushed, and empties the bucket.
    private func restore(from saved: String) async throws {
        // A dvc that the killed program ran lives on, and would go on to push.
        try await eventually("no dvc is left", within: .seconds(120)) {
            try await Tool("pgrep", install: "apt-get install procps").run(["-f", "\(store)/"]).status == 1
        }
        try await Tool("rm").check(["-rf", store])
        try await Tool("cp").check(["-a", saved, store])
        let listing = try await server.call(("s3", "list_objects_v2", ["Bucket": Self.bucket]))
        try await server.call(
            listing[0]["Contents"].list.map {
                ("s3", "delete_object", ["Bucket": Self.bucket, "Key": $0["Key"].text])
            }
        )
    }

    func killAtEveryRequest() async throws {
        for (index, option) in ["-flip", "-flop", "-negate"].enumerated() {
            let path = "\(source)/north/\(index).png"
            try FileManager.default.createDirectory(atPath: "\(source)/north", withIntermediateDirectories: true)
            let draw = try Tool("convert", install: "apt-get install imagemagick")
            try await draw.check(["-seed", "7", "-size", "200x150", "plasma:", option, path])
            let written = Date(timeIntervalSinceNow: -60)
            try FileManager.default.setAttributes([.modificationDate: written], ofItemAtPath: path)
        }
        // The version is committed, and nothing of it is in the bucket yet.
        #expect(try await killed(["kind": "hold", "method": "PUT"]))
        let saved = scratch.file("saved")
        try await Tool("cp").check(["-a", store, saved])
        try await proxy.order([])
        try await program().check(["ingest", source])
        let whole = try contents()
        #expect(whole.count == 3 * 2 + 1)
        for isAsked in [false, true] {
            var request = 0
            while true {
                try await restore(from: saved)
                let hold: FaultProxy.Fault = ["kind": "hold", "method": "PUT", "skip": request, "asked": isAsked]
                guard try await killed(hold) else { break }
                let when = "\(mode), request \(request), asked \(isAsked)"
                let found = try contents()
                #expect(found.allSatisfy { whole[$0.key] == $0.value }, "\(when)")
                #expect(!found.keys.contains { $0.hasSuffix(".dir") } || found.count == whole.count, "\(when)")
                // A dvc that the killed program ran goes on from here, beside the one of the next run.
                try await proxy.order([])
                let resumed = try await program().run(["ingest", source, "--json"])
                #expect(resumed.status == 0, "\(when): \(resumed.allText)")
                #expect(try contents() == whole, "\(when)")
                let log = try await program().check(["log", "--type", "DatasetPushed", "--json"])
                #expect(try JSON.lines(log.text).count == 1, "\(when)")
                request += 1
            }
            #expect(request == whole.count)
        }
        var dvc = try Tool(Checkout.peer("dvc"), in: "\(store)/dataset")
        dvc.environment.merge(server.environment) { $1 }
        #expect(try await dvc.check(["status", "--cloud"]).text.contains("in sync"))
    }
}
