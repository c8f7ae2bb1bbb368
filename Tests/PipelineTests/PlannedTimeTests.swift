import TestSupport
import Testing

@Suite("The time that a plan tells is that of the log, and about what applying it takes", .timeLimit(.minutes(10)))
struct PlannedTimeTests {
    @Test("pixels by what the log's derivations took, and in the end within an order of magnitude")
    func plannedAndTaken() async throws {
        let station = try Station("planned-time")
        try await station.fly("north", images: 10)
        // Slow to encode, so that what else a machine does at the time weighs little.
        let slow = ["--png-compression", "small", "--workers", "2"]
        try await station.program().check(["ingest", station.source, "--tile-size", "128"] + slow)
        let before = try await station.events("DerivationCompleted").map { $0["payload"] }
        let measured = sums(before)

        let options = ["--tile-size", "96"] + slow
        let plan = try await station.program().check(["reprocess", "--plan", "--json"] + options).parsed()
        let rate = try #require(plan["pixels_per_second"].double)
        let planned = try #require(plan["seconds"].double)
        #expect(plan["measured_under_this_recipe"] == .bool(false))
        // Of two workers each cuts an image.
        let expected = 2 * measured.pixels / measured.seconds
        #expect(abs(rate - expected) <= 1e-6 * expected, "\(rate) pixels a second told, \(expected) measured")
        #expect(abs(planned - measured.pixels / expected) <= 1e-6 * planned, "the same images are cut once more")

        try await station.program().check(["reprocess", "--apply"] + options)
        let taken = sums(try await station.events("DerivationCompleted").dropFirst(before.count).map { $0["payload"] })
        #expect(taken.pixels == measured.pixels)
        let seconds = taken.seconds / 2
        #expect(planned > seconds / 10 && planned < seconds * 10, "\(planned) s planned, \(seconds) s taken")
    }

    private func sums(_ derivations: [JSON]) -> (pixels: Double, seconds: Double) {
        derivations.reduce(into: (0, 0)) { sums, derivation in
            sums.0 += Double((derivation["width"].int ?? 0) * (derivation["height"].int ?? 0))
            sums.1 += derivation["seconds"].double ?? 0
        }
    }
}
