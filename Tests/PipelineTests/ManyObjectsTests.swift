import EventLog
import Events
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("10,000 objects stay smooth", .timeLimit(.minutes(15)))
struct ManyObjectsTests {
    static let count = 10_000

    @Test("the API answers each part in milliseconds, and the page pages, filters and maps in a real browser")
    func page() async throws {
        let station = try Station("many")
        try await Self.record(in: station)
        // Nothing of it is on the disk: it is to be looked at, not committed.
        try await ServedStation.run(station, variables: ["SWATHLOG_COMMIT_POLICY": "hand"]) { server in
            try await eventually("the views know all") {
                try await server.get("/v1/status")["objects"]["derived"].int == Self.count
            }
            var cursor = ""
            var seen = 0
            var slowest = 0.0
            for _ in 1...20 {
                let path = "/v1/objects?limit=100&state=derived\(cursor)"
                let start = ContinuousClock.now
                let page = try await server.get(path)
                slowest = max(slowest, (ContinuousClock.now - start) / .seconds(1))
                seen += page["items"].list.count
                cursor = "&cursor=\(page["next"].int ?? 0)"
            }
            // A process is begun for each request, on a machine that does much else.
            #expect(seen == 2_000 && slowest < 1, "the slowest part took \(slowest) s")
            let pictures = "\(Checkout.root)/.build/page"
            try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
            let outcome = try await Tool(Checkout.peer("python")).run([pythonScript("many"), server.url, pictures])
            #expect(outcome.status == 0, "\(outcome.allText.suffix(5_000))")
            print("the slowest of 20 parts by curl: \(Int(slowest * 1_000)) ms; \(outcome.text)")
        }
    }

    @Test("a plan of all of them takes seconds at most, and ends when who asked hangs up")
    func plan() async throws {
        let station = try Station("many-planned")
        try await Self.record(in: station)
        try await ServedStation.run(station, variables: ["SWATHLOG_COMMIT_POLICY": "hand"]) { server in
            try await eventually("the views know all") {
                try await server.get("/v1/status")["objects"]["derived"].int == Self.count
            }
            func work() async throws -> Double {
                let metrics = String(decoding: try await server.ask("/metrics").body, as: UTF8.self)
                let line = metrics.split(separator: "\n").first { $0.hasPrefix("process_cpu_seconds_total ") }
                return Double(line?.split(separator: " ").last ?? "") ?? .nan
            }
            let wish = [
                "-H", "Content-Type: application/json", "--data-binary", #"{"settings": {"tile_size": "256"}}"#,
            ]
            let (before, start) = (try await work(), ContinuousClock.now)
            let answer = try await server.ask("/v1/reprocess/plan", wish)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let whole = try await work() - before
            let plan = try JSON(String(decoding: answer.body, as: UTF8.self))
            #expect(answer.status == 200 && plan["objects"].int == Self.count, "\(plan)")
            #expect(plan["originals_gone"].int == Self.count && plan["keys_gone"].list.count == 100)

            let hasty = try await Tool(Checkout.peer("python")).check([
                pythonScript("hasty"), String(server.port), "20",
            ])
            let hung = try await work() - before - whole
            // Two plans are made at a time: were those not ended, most would be turned away.
            #expect(Int(hasty.text.prefix { $0.isNumber }) ?? 0 >= 10, "\(hasty.text)")
            print("a plan of 10,000 objects: \(seconds) s, of work \(whole) s; 20 that were hung up on: \(hung) s")
            #expect(try await server.ask("/v1/reprocess/plan", wish).status == 200)
        }
    }

    /// Records so many images as if they had been cut: from a folder that is not the one that is watched.
    private static func record(in station: Station) async throws {
        try FileManager.default.createDirectory(atPath: station.store, withIntermediateDirectories: true)
        let log = try EventLog.open(path: "\(station.store)/log.db", actor: "test")
        let recipe = Recipe(engineRevision: Imaging.engineRevision, settings: TilingSettings().values)
        try await log.append([ProposedEvent(RecipeAdopted(recipe: recipe), stream: .recipe)])
        for start in stride(from: 0, to: count, by: 1_000) {
            try await log.append((start..<start + 1_000).flatMap { image($0, recipe.digest) })
        }
        try log.close()
    }

    private static func image(_ number: Int, _ recipe: Digest) -> [ProposedEvent] {
        let object = ObjectObserved(
            source: "folder",
            bucket: "/srv/flights",
            key: "field-\(number / 500)/DJI_\(10_000 + number).JPG",
            version: "1",
            size: 8_000_000,
            modifiedAt: nil,
            isLate: false
        )
        let content = Digest(of: "image \(number)".utf8)
        let derivation = StreamName.derivation(Identity.derivation(source: content, recipe: recipe))
        // Strips of 100 images, 30 m apart.
        let (x, y) = (8.5 + Double(number % 100) * 0.0004, 47.3 + Double(number / 100) * 0.0003)
        let ring = [[x, y], [x + 0.0006, y], [x + 0.0006, y + 0.0004], [x, y + 0.0004], [x, y]]
        return [
            ProposedEvent(object, stream: .object(object.objectID)),
            ProposedEvent(
                ObjectFetched(sha256: content, bytes: 8_000_000, kept: "copy"),
                stream: .object(object.objectID)
            ),
            ProposedEvent(
                ObjectValidated(
                    format: "jpeg",
                    width: 5_472,
                    height: 3_648,
                    channels: 3,
                    bitDepth: 8,
                    colourModel: "ycbcr",
                    conversion: nil,
                    trailingBytes: 0,
                    orientation: 1,
                    metadata: CanonicalText(Array("{}".utf8)),
                    footprint: GroundFootprint(ring: ring, errorMetres: 5)
                ),
                stream: .object(object.objectID)
            ),
            ProposedEvent(
                DerivationStarted(
                    object: object.objectID,
                    sourceSHA256: content,
                    recipe: recipe,
                    engineRevision: Imaging.engineRevision,
                    host: "test"
                ),
                stream: derivation
            ),
            ProposedEvent(
                DerivationCompleted(
                    sourceSHA256: content,
                    recipe: recipe,
                    tiles: 104,
                    tileBytes: 60_000_000,
                    width: 5_472,
                    height: 3_648,
                    indexBytes: 1,
                    indexSHA256: content,
                    indexMD5: String(repeating: "0", count: 32),
                    seconds: 0.4
                ),
                stream: derivation
            ),
        ]
    }
}
