import Foundation
import TestSupport
import Testing

@Suite("The examples of tools/examples", .timeLimit(.minutes(10)))
struct ExampleTests {
    private static let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()

    @Test("receive what the agent sends, and refuse what it did not sign")
    func webhooks() async throws {
        let scratch = try Scratch("examples")
        try scratch.directory("flight/north")
        let draw = try Tool("convert", install: "apt-get install imagemagick")
        try await draw.check(["-size", "300x200", "plasma:", scratch.file("flight/north/1.png")])
        var receive = try Tool(Checkout.file("tools/examples/receive-webhooks"))
        receive.environment["SECRET"] = "an-old-one \(Self.secret)"
        try await receive.whileRunning(["--port", "0"]) { receiver in
            try await eventually("it listens") { receiver.errorsSoFar.contains("/\n") || !receiver.isRunning }
            let found = receiver.errorsSoFar.firstMatch(of: /http:\/\/127\.0\.0\.1:\d+\//)
            let url = String(try #require(found, "\(receiver.errorsSoFar)").output)
            var program = try Tool(Checkout.swathlog, install: "swift build", in: scratch.path)
            program.environment["SWATHLOG_WEBHOOK_SECRET"] = Self.secret
            program.environment["SWATHLOG_WEBHOOK_ALLOW_INSECURE"] = "true"
            program.environment["SWATHLOG_WEBHOOK_ALLOW_CIDRS"] = "127.0.0.0/8"
            let report = try await program.check(["ingest", "flight", "--webhook-url", url, "--json"]).parsed()
            #expect(report["notifications_waiting"].int == 0)
            let events = try JSON.lines(receiver.outputSoFar)
            #expect(events.map { $0["type"].text } == ["swathlog.dataset.committed"])
            #expect(events.first?["subject"].text == "north")

            let forged = [
                "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--data", "{\"sequence\": \"2\"}",
                "--header", "webhook-id: 1", "--header", "webhook-timestamp: \(Int(Date().timeIntervalSince1970))",
                "--header", "webhook-signature: v1,\(Data(repeating: 0, count: 32).base64EncodedString())", url,
            ]
            #expect(try await Tool("curl", install: "apt-get install curl").check(forged).text == "400")
            #expect(receiver.errorsSoFar.contains("no signature fits"))
            #expect(try JSON.lines(receiver.outputSoFar).count == 1)
        }
    }

    @Test("tell where a tile came from by SQL alone, as the program does")
    func lineage() async throws {
        let scratch = try Scratch("examples")
        try scratch.directory("flight/north/it's one")
        let draw = try Tool("convert", install: "apt-get install imagemagick")
        try await draw.check(["-size", "700x200", "plasma:", scratch.file("flight/north/it's one/1.png")])
        try await draw.check(["-size", "700x200", "plasma:", scratch.file("flight/north/2.png")])
        let program = try Tool(Checkout.swathlog, install: "swift build", in: scratch.path)
        try await program.check(["ingest", "flight", "--dvc-remote", scratch.file("remote")])
        let example = try Tool(Checkout.file("tools/examples/where-a-tile-came-from"), in: scratch.path)
        let tile = "north/it's one/1.png/0000_0001.png"
        let found = try JSON.lines(try await example.check(["swathlog-store", tile]).text)
        #expect(
            found.map { $0["type"].text } == [
                "RecipeAdopted", "ObjectObserved", "ObjectFetched", "DerivationStarted", "ObjectValidated",
                "TileWritten", "DerivationCompleted", "DatasetCommitted", "DatasetPushed",
            ]
        )
        #expect(found.first { $0["type"].text == "ObjectObserved" }?["payload"]["key"].text == "north/it's one/1.png")
        #expect(found.first { $0["type"].text == "TileWritten" }?["payload"]["name"].text == "0000_0001.png")
        let steps = try await program.check(["lineage", tile, "--json"]).parsed()["steps"].list
        for (step, type) in [
            ("observed", "ObjectObserved"), ("fetched", "ObjectFetched"), ("validated", "ObjectValidated"),
            ("derivation", "DerivationStarted"), ("tile", "TileWritten"), ("derived", "DerivationCompleted"),
            ("commit", "DatasetCommitted"), ("push", "DatasetPushed"),
        ] {
            let shown = try #require(found.first { $0["type"].text == type })
            #expect(steps.first { $0["step"].text == step }?["position"] == shown["position"], "\(step)")
        }

        for unknown in ["north/it's one/1.png", "north/2.png/0000_0009.png", "' OR 1; --", "north", ""] {
            let outcome = try await example.run(["swathlog-store", unknown])
            #expect(outcome.status == 1 && outcome.text.isEmpty, "\(unknown) \(outcome.allText)")
        }
    }
}
