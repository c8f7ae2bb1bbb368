import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Endpoints are set in YAML or a variable, and commands show what they were told", .timeLimit(.minutes(15)))
struct NotificationsTests {
    private func endpoints(_ text: String, in station: Station) throws -> [String: String] {
        let path = station.scratch.file("settings.yaml")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return ["SWATHLOG_CONFIG": path]
    }

    /// A flight with two images and a file that is none.
    private func fly(_ station: Station) async throws {
        try await station.draw("north/one.png")
        try await station.draw("south/two.png", "-negate")
        try "not an image".write(toFile: "\(station.source)/north/text.jpg", atomically: true, encoding: .utf8)
        try station.age("\(station.source)/north/text.jpg")
    }

    @Test("a URL, a program and a file are told of what each wants, and a rebuild tells nobody anything")
    func targets() async throws {
        let station = try Station("targets")
        let receiver = try await Receiver.start(in: station.scratch)
        let (file, script, heard) = (
            station.scratch.file("told.jsonl"), station.scratch.file("hear.sh"), station.scratch.file("heard")
        )
        try "test -z \"$SWATHLOG_STORE\" && cat >> \"$1\" && echo $SWATHLOG_NOTIFICATION_TYPE >> \"$1\""
            .write(toFile: script, atomically: true, encoding: .utf8)
        let secret = "whsec_" + Data((0..<24).map { UInt8($0) }).base64EncodedString()
        try secret.write(toFile: station.scratch.file("secret"), atomically: true, encoding: .utf8)
        let variables = try endpoints(
            """
            endpoints:
              - name: lab
                url: \(receiver.url)?token=hidden-in-a-query
                types: swathlog.dataset.committed
                partitions: [north]
                secrets: [{file: \(station.scratch.file("secret"))}, {variable: OTHER_SECRET}]
                headers: {x-team: field}
              - name: archive
                file: \(file)
              - {name: hook, exec: [/bin/sh, \(script), \(heard)], types: [swathlog.object.quarantined]}
            """,
            in: station
        ).merging(["OTHER_SECRET": "whsec_" + Data(repeating: 9, count: 24).base64EncodedString()]) { $1 }
        try await fly(station)
        #expect(try await station.run("ingest", station.source, variables: variables).status == 3)

        let requests = try receiver.requests()
        let request = try #require(requests.first)
        #expect(requests.count == 1 && request.headers["x-team"].text == "field")
        #expect(request.headers["webhook-signature"].text.split(separator: " ").count == 2)
        #expect(try JSON(request.body)["subject"].text == "north")
        let lines = try JSON.lines(try String(contentsOfFile: file, encoding: .utf8))
        #expect(Set(lines.map { $0["type"].text }) == ["swathlog.dataset.committed", "swathlog.object.quarantined"])
        #expect(lines.compactMap { Int($0["sequence"].text) }.sorted() == [1, 2, 3])
        let said = try String(contentsOfFile: heard, encoding: .utf8).split(separator: "\n")
        #expect(said.count == 2 && said.last == "swathlog.object.quarantined")
        #expect(try JSON(String(said.first ?? ""))["data"]["key"].text == "north/text.jpg")

        #expect(try await station.run("replay", variables: variables).status == 0)
        #expect(try await station.run("ingest", station.source, variables: variables).status == 0)
        #expect(try receiver.requests().count == 1)
        #expect(try JSON.lines(try String(contentsOfFile: file, encoding: .utf8)).count == 3)

        let all =
            try await station.run("log").text + station.run("config", variables: variables).text
            + station.run("notifications", variables: variables).text + station.run("status", variables: variables).text
        for hidden in [String(secret.dropFirst(6)), "hidden-in-a-query"] { #expect(!all.contains(hidden)) }
        try await receiver.stop()
    }

    @Test("list and show tell what came back, and redeliver sends it once more under its id")
    func commands() async throws {
        let station = try Station("notifications")
        let receiver = try await Receiver.start(in: station.scratch, answers: [500])
        let variables = [
            "SWATHLOG_ENDPOINTS":
                #"[{"name": "lab", "url": "\#(receiver.url)", "retry": [1], "types": ["swathlog.dataset.committed"]}]"#
        ]
        try await station.draw("north/one.png")
        try await station.ingest(variables: variables)
        func list() async throws -> JSON {
            try await station.program(variables).check(["notifications", "list", "--json"]).parsed()
        }
        let waiting = try await list()
        #expect(waiting["endpoints"][0]["waiting"].int == 1 && waiting["endpoints"][0]["state"].text == "enabled")
        let one = waiting["notifications"][0]
        #expect(one["status"].int == 500 && one["sequence"].int == 1 && one["state"].text == "queued")
        #expect(
            one["kind"].text == "swathlog.dataset.committed" && one["dataset"].text == "north",
            "as the API says it"
        )
        let id = one["id"].text
        try await station.program(variables).whileRunning(["run", "--source", station.source]) { agent in
            try await eventually("it is delivered") {
                try await list()["notifications"][0]["state"].text == "delivered"
            }
            try await station.program(variables).check(["notifications", "redeliver", id])
            try await eventually("it is delivered again") { try receiver.requests().count == 3 }
            let again = try await station.program(variables)
                .check(["notifications", "redeliver", "--since", "1", "--endpoint", "lab", "--json"]).parsed()
            #expect((again["redelivered"].int ?? 9) <= 1)
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }
        #expect(Set(try receiver.requests().map { $0.headers["webhook-id"].text }) == [id])
        let shown = try await station.program(variables).check(["notifications", "show", id, "--json"]).parsed()
        let types = shown["events"].list.map { $0["type"].text }
        #expect(types.prefix(3) == ["NotificationQueued", "NotificationAttempted", "NotificationAttempted"])
        #expect(types.contains("RedeliveryRequested") && shown["body"].text.contains(id))
        #expect(try await station.run("notifications", "show", id).text.contains("status 500"))
        #expect(try await station.run("notifications", "show", "msg_none").status == 1)
        #expect(try await station.run("notifications", "enable", "nobody").status == 1)
        #expect(try await station.run("notifications", "redeliver").status == 64)
        try await receiver.stop()
    }

    @Test(
        "a setting that is wrong says which endpoint, and what it takes",
        arguments: [
            "{}", "[lab]", "[{name: lab}]", "[{name: lab, url: 'ftp://x'}]", "[{name: 'a b', url: 'https://x'}]",
            "[{name: lab, url: 'https://x', colour: red}]",
            "[{name: lab, url: 'https://x', types: [swathlog.nothing]}]",
            "[{name: lab, url: 'https://x'}, {name: lab, url: 'https://y'}]", "[{name: lab, exec: [true]}]",
            "[{name: lab, url: 'https://x', secrets: [{file: /nowhere}]}]",
            "[{name: lab, url: 'https://x', retry: []}]",
            "[{name: lab, url: 'https://x', secrets: [{variable: NOT_SET}]}]", "[{name: lab, file: relative}]",
            "[{name: lab, url: 'https://x', headers: {webhook-id: x}}]", "[{name: lab, url: 'https://x', timeout: 0}]",
            "[{name: lab, url: 'https://x', file: /x}]", "[{name: lab, url: 'https://x', mode: fancy}]", "[",
        ]
    )
    func wrong(text: String) async throws {
        let station = try Station("wrong")
        let outcome = try await station.run("config", variables: ["SWATHLOG_ENDPOINTS": text])
        #expect(outcome.status == 78, "\(outcome.allText)")
        #expect(outcome.errorText.contains("endpoints"), "\(outcome.errorText)")
    }

    @Test("an endpoint on loopback is refused where the settings do not allow it, and the reason is told")
    func unsafe() async throws {
        let station = try Station("unsafe")
        let receiver = try await Receiver.start(in: station.scratch)
        try await station.draw("north/one.png")
        for variables in [
            ["SWATHLOG_WEBHOOK_ALLOW_CIDRS": "10.0.0.0/8"], ["SWATHLOG_WEBHOOK_ALLOW_INSECURE": "false"],
        ] {
            try await station.ingest("--webhook-url", receiver.url, variables: variables)
        }
        #expect(try receiver.requests().isEmpty)
        let failing = try await station.run("status", "--json").parsed()["failing"][0]
        #expect(failing["message"].text.contains("webhook_allow_"), "\(failing["message"].text)")
        #expect(
            try await station.run("config", variables: ["SWATHLOG_WEBHOOK_ALLOW_CIDRS": "10.0.0.0/99"]).status == 78
        )
        try await receiver.stop()
    }
}
