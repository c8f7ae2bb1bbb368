import Foundation
import TestSupport
import Testing

@Suite("The page shows what happens, in a real browser", .timeLimit(.minutes(15)))
struct PageTests {
    /// Where the screenshots of the last run are kept.
    private static let pictures = "\(Checkout.root)/.build/page"

    @Test("counts move, a tile leads to its lineage, quarantine is released, and nothing is said on the console")
    func page() async throws {
        let station = try Station("page")
        try await station.fly("north", images: 3)
        try await station.fly("../later", images: 2, seed: 5)
        try FileManager.default.createDirectory(atPath: "\(station.source)/south", withIntermediateDirectories: true)
        try "no image".write(toFile: "\(station.source)/south/bad.jpg", atomically: true, encoding: .utf8)
        try station.age("\(station.source)/south/bad.jpg")
        try FileManager.default.createDirectory(atPath: Self.pictures, withIntermediateDirectories: true)
        let tokens = ["SWATHLOG_HTTP_OPERATE_TOKEN": ServedStation.operateToken, "SWATHLOG_TILE_SIZE": "256"]
        let open = tokens.merging(["SWATHLOG_HTTP_READ_TOKEN": ServedStation.readToken]) { own, _ in own }
        try await ServedStation.run(station, variables: open) { server in
            let outcome = try await Tool(Checkout.peer("python")).run([
                pythonScript("page"), server.url, ServedStation.operateToken, "\(station.scratch.path)/later",
                "\(station.source)/later", Self.pictures,
            ])
            #expect(outcome.status == 0, "\(outcome.allText.suffix(5_000))")
        }
        #expect(try await station.events("ObjectReleased").count == 1)
        #expect(try await station.events("GenerationCutOver").count == 1)
        #expect(try await station.events("ReprocessCancelled").count == 1)
        let pictures = try FileManager.default.contentsOfDirectory(atPath: Self.pictures)
        #expect(
            Set([
                "overview.png", "object.png", "overview-dark.png", "overview-phone.png", "plan.png",
                "rederive-running.png",
            ]).isSubset(of: pictures)
        )
    }
}
