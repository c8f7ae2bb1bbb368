import Foundation
import TestSupport
import Testing

@Suite("Each dataset version is announced once, signed", .timeLimit(.minutes(15)))
struct WebhookTests {
    private static let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()

    @Test("the public library accepts the signature, and the body tells what git holds")
    func signed() async throws {
        let station = try Station("webhook", variables: ["SWATHLOG_WEBHOOK_SECRET": Self.secret])
        let receiver = try await Receiver.start(in: station.scratch)
        try await station.draw("north/one.png")
        try await station.draw("south/two.png", "-negate")
        try await station.ingest("--webhook-url", receiver.url)
        let requests = try receiver.requests()
        #expect(requests.count == 2)
        let verified = try await python("verify_webhook", Self.secret, receiver.file)
        #expect(verified.text.trimmingCharacters(in: .whitespacesAndNewlines) == "2")

        let commits = try await station.events("DatasetCommitted")
        for request in requests {
            let event = try JSON(request.body)
            #expect(event["specversion"].text == "1.0")
            #expect(event["type"].text == "swathlog.dataset.committed")
            #expect(event["id"] == request.headers["webhook-id"])
            let data = event["data"]
            let committed = try #require(commits.first { $0["payload"]["commit_id"] == data["commit_id"] })
            #expect(committed["payload"]["git_commit"] == data["git_commit"])
            let hash = try await station.git("log", "-1", "--format=%H", "--", data["pointer"].text)
            #expect(hash == data["git_commit"].text)
            #expect(data["manifest"] == committed["payload"]["manifest"])
            // The signed head is the one whose signature stands in git.
            let trailer = "%(trailers:key=Swathlog-Log-Signature,valueonly)"
            let signature = try await station.git("log", "-1", "--format=\(trailer)", hash)
            let checkpoint = data["log_checkpoint"].text
            #expect(
                checkpoint.hasSuffix("\n\n\u{2014} \(signature.trimmingCharacters(in: .newlines))\n"),
                "\(checkpoint)"
            )
            #expect(
                checkpoint.split(separator: "\n").dropFirst().first.map(String.init)
                    == data["log_size"].int.map(String.init)
            )
            #expect(data["files"].int == 2)
        }
        try await station.ingest("--webhook-url", receiver.url)
        #expect(try receiver.requests().count == 2, "nothing new, nothing told")
        try await receiver.stop()

        let said = [
            try await station.run("log"), try await station.run("config"), try await station.run("status"),
            try await station.run("config", "--json"), try await station.run("log", "--json"),
        ]
        for outcome in said { #expect(!outcome.allText.contains(Self.secret.dropFirst(6))) }
    }

    @Test("an ingest does not hang on a receiver that fails, and the next agent delivers under the same id")
    func retried() async throws {
        let station = try Station("retry")
        let receiver = try await Receiver.start(in: station.scratch, answers: [500])
        try await station.draw("north/one.png")
        let report = try await station.ingest("--webhook-url", receiver.url)
        #expect(report["notifications_waiting"].int == 1)
        #expect(try receiver.requests().count == 1)
        let agent = try station.program().start(["run", "--source", station.source, "--webhook-url", receiver.url])
        try await eventually("the notification is delivered") {
            let log = try await station.run("log", "--type", "NotificationDelivered")
            return log.text.contains("NotificationDelivered")
        }
        agent.signal(SIGTERM)
        #expect(try await agent.outcome().status == 0)
        let ids = try receiver.requests().map { $0.headers["webhook-id"].text }
        #expect(ids.count == 2 && Set(ids).count == 1)
        #expect(try await station.events("NotificationAttempted").map { $0["payload"]["status"].int } == [500, 200])
        try await receiver.stop()
    }

    @Test("while nobody listens an ingest ends all the same, and the next one that may try delivers")
    func down() async throws {
        let station = try Station("down")
        // A receiver that is stopped leaves a port on which nobody listens.
        let gone = try await Receiver.start(in: station.scratch)
        try await gone.stop()
        try await station.draw("north/one.png")
        let report = try await station.ingest("--webhook-url", gone.url)
        #expect(report["notifications_waiting"].int == 1)
        #expect(report["commits"].list.count == 1)
        let failing = try await station.run("status", "--json").parsed()["failing"][0]
        #expect(failing["stage"].text == "notifying")
        #expect(failing["message"].text.contains(gone.url))

        let receiver = try await Receiver.start(in: station.scratch, port: gone.port)
        let due = try Date(failing["next_attempt_at"].text.prefix(19) + "Z", strategy: .iso8601)
        try await eventually("the next attempt is due") { Date.now > due + 1 }
        let next = try await station.ingest("--webhook-url", receiver.url)
        #expect(next["notifications_waiting"].int == 0)
        let ids = try receiver.requests().map { $0.headers["webhook-id"].text }
        #expect(ids == [failing["item"].text])
        try await receiver.stop()
    }

    @Test("what was queued for one endpoint goes to no other, and the status says for whom it is kept")
    func anotherEndpoint() async throws {
        let station = try Station("endpoints")
        let gone = try await Receiver.start(in: station.scratch)
        try await gone.stop()
        try await station.draw("north/one.png")
        try await station.ingest("--webhook-url", gone.url)
        let other = try await Receiver.start(in: station.scratch)
        let failing = try await station.run("status", "--json").parsed()["failing"][0]
        let due = try Date(failing["next_attempt_at"].text.prefix(19) + "Z", strategy: .iso8601)
        try await eventually("the next attempt is due") { Date.now > due + 1 }
        try await station.draw("north/two.png", "-negate")
        let report = try await station.ingest("--webhook-url", other.url)
        #expect(report["notifications_waiting"].int == 1)
        let ids = try other.requests().map { $0.headers["webhook-id"].text }
        #expect(ids.count == 1 && ids != [failing["item"].text])
        let status = try await station.run("status", "--json", variables: ["SWATHLOG_WEBHOOK_URL": other.url])
        #expect(try status.parsed()["notifications"][0]["endpoint"].text == gone.url)
        #expect(try status.parsed()["notifications"][0]["is_configured"] == .bool(false))
        let words = try await station.run("status", variables: ["SWATHLOG_WEBHOOK_URL": other.url]).text
        #expect(words.contains("Kept: 1 notification for \(gone.url)"), "\(words)")
        try await other.stop()

        let back = try await Receiver.start(in: station.scratch, port: gone.port)
        #expect(try await station.ingest("--webhook-url", back.url)["notifications_waiting"].int == 0)
        #expect(try back.requests().map { $0.headers["webhook-id"].text } == [failing["item"].text])
        try await back.stop()
    }

    @Test("the secret is in nothing that the program says or keeps", arguments: [secret, "a plain secret of words"])
    func secretStaysSecret(secret: String) async throws {
        let variables = ["SWATHLOG_WEBHOOK_SECRET": secret, "SWATHLOG_LOG_LEVEL": "trace"]
        let station = try Station("secret", variables: variables)
        let receiver = try await Receiver.start(in: station.scratch, answers: [400])
        try await station.draw("north/one.png")
        try "not an image".write(toFile: "\(station.source)/north/bad.jpg", atomically: true, encoding: .utf8)
        try station.age("\(station.source)/north/bad.jpg")
        var said = ""
        for command in [
            ["ingest", station.source, "--webhook-url", receiver.url], ["status"], ["log"], ["config"],
            ["config", "--json"], ["lineage", "north/one.png"], ["audit", "verify"], ["replay"],
            ["ingest", station.source, "--webhook-url", "ftp://nowhere"],
        ] {
            said += try await station.program().run(command).allText
        }
        #expect(said.contains("400") && said.contains("<redacted>"))
        #expect(!said.contains(secret))
        for file in try files(below: station.store) {
            let content = try Data(contentsOf: URL(filePath: "\(station.store)/\(file)"))
            #expect(content.range(of: Data(secret.utf8)) == nil, "\(file)")
        }
        try await receiver.stop()
    }

    @Test("without an endpoint nothing is queued")
    func none() async throws {
        let station = try Station("silent")
        try await station.draw("north/one.png")
        try await station.ingest()
        #expect(try await station.events("NotificationQueued").isEmpty)
    }
}
