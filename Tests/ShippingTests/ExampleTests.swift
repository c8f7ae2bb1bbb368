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
}
