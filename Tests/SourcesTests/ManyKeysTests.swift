import Foundation
import TestSupport
import Testing

@Suite("A bucket of 100,000 keys", .serialized, .timeLimit(.minutes(15)))
struct ManyKeysTests {
    private static let count = 100_000
    private static let source = "s3://flights/"

    /// Runs a body with a server whose bucket holds so many texts, in a hundred directories.
    private func withBucket(_ body: (BucketServer, BucketStation, _ root: String) async throws -> Void) async throws {
        let root = try Scratch("many-keys")
        let bucket = try root.directory(BucketStation.bucket)
        for directory in 0..<Self.count / 1_000 {
            try root.directory("\(BucketStation.bucket)/\(directory)")
            // Links are made sooner than files; no file may have as many as there are keys.
            let first = "\(bucket)/\(directory)/0.txt"
            try Data("no image \(directory)".utf8).write(to: URL(fileURLWithPath: first))
            for number in 1..<1_000 where link(first, "\(bucket)/\(directory)/\(number).txt") != 0 {
                throw ToolError("no link can be made in \(bucket): \(String(cString: strerror(errno)))")
            }
        }
        try await BucketServer.run(.rclone, root: root) { server in
            try await body(server, try await BucketStation(server, isNew: false), bucket)
        }
    }

    @Test("of which 200 are images: those are taken and the others are left out")
    func include() async throws {
        try await withBucket { _, station, bucket in
            let images = try await station.draw(many: 200)
            for (number, image) in images.enumerated() {
                try FileManager.default.copyItem(atPath: image, toPath: "\(bucket)/\(number % 100)/\(number).png")
            }
            let report = try await station.ingest("--include", "*.png")
            #expect(report["files_seen"].int == Self.count + images.count)
            #expect(report["objects_observed"].int == images.count)
            #expect(station.tiles().count == images.count)
            let reconciled = try await station.run(
                "reconcile",
                "--source",
                station.source,
                "--include",
                "*.png",
                "--json"
            )
            #expect(reconciled.status == 0, "\(reconciled.allText)")
            let found = try reconciled.parsed()
            #expect(found["listed"].int == Self.count + images.count)
            #expect(found["known"].int == images.count && found["left_out"].int == Self.count)
        }
    }

    @Test("that are all taken: each once, in memory that does not grow with them, and none is missing")
    func all() async throws {
        try await withBucket { server, station, _ in
            try await FaultProxy.run(before: server.port) { proxy in
                // They are observed here, not fetched.
                try await proxy.order([
                    FaultProxy.refusal(503, "SlowDown", headers: ["Retry-After": "86400"], ["of": "object"])
                ])
                let options = ["--sweep-interval", "1", "--backlog-limit", "1000000"]
                var (first, later) = (0, 0)
                try await station.whileWatching(options, proxy.environment) { agent in
                    try await station.wait("all are observed", agent, within: .seconds(400)) {
                        agent.looks.first?.observed == Self.count
                    }
                    first = try agent.peakMemory()
                    try await station.wait("a second look finds nothing new", agent) {
                        agent.looks.dropFirst().contains { $0 == (listed: Self.count, observed: 0) }
                    }
                    later = try agent.peakMemory()
                }
                print("100,000 keys: \(first >> 20) MiB after the first look, \(later >> 20) MiB after the second")
                #expect(first < 150 << 20 && later - first < 16 << 20, "\(first) and \(later) bytes")
                let reconciled = try await station.run("reconcile", "--source", station.source, "--json")
                #expect(reconciled.status == 0, "\(reconciled.allText)")
                let found = try reconciled.parsed()
                #expect(found["listed"].int == Self.count && found["known"].int == Self.count)
                #expect(found["missing"].int == 0 && found["changed"].int == 0 && found["removed"].int == 0)
                let observed = try await station.events("ObjectObserved")
                #expect(observed.count == Self.count)
                #expect(Set(observed.map { $0["payload"]["key"].text }).count == Self.count)
            }
        }
    }
}

extension RunningTool {
    /// What the agent says of its looks at a bucket.
    fileprivate var looks: [(listed: Int, observed: Int)] {
        errorsSoFar.split(separator: "\n").filter { $0.contains("Looked at a bucket.") }.compactMap { line in
            guard let facts = try? JSON(String(line))["metadata"] else { return nil }
            return (Int(facts["listed"].text) ?? 0, Int(facts["observed"].text) ?? 0)
        }
    }

    /// The most bytes of memory that it has held at once.
    fileprivate func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        return (status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.output.1) } ?? 0) << 10
    }
}
