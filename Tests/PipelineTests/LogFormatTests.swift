import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Messages are objects for machines and lines for people, and tell no secret", .timeLimit(.minutes(10)))
struct LogFormatTests {
    /// Every secret that an agent can be given.
    private static let secrets = [
        "http": "http-token-7c1f0b", "webhook": "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString(),
        "second": "a plain second secret", "header": "header-value-91ab", "user": "hookuser77",
        "password": "hook-pass-5521",
        "query": "token=query-value-3310", "aws": "AwsSecretKey0123456789/abcdefghijkl+XYZ",
        "session": "AwsSession=token==77",
    ]

    @Test(
        "a whole run at the lowest level, with failures: no secret stands in what it says or keeps",
        arguments: ["json", "text"]
    )
    func secrets(format: String) async throws {
        let station = try Station("secrets")
        let receiver = try await Receiver.start(in: station.scratch, answers: [400, 500])
        let secrets = Self.secrets
        func secret(_ name: String) -> String { secrets[name] ?? "" }
        let file = station.scratch.file("secret")
        try secret("webhook").write(toFile: file, atomically: true, encoding: .utf8)
        let place = "127.0.0.1:\(receiver.port)/hook?\(secret("query"))"
        let url = "http://\(secret("user")):\(secret("password"))@\(place)"
        let variables = [
            "SWATHLOG_LOG_LEVEL": "trace", "SWATHLOG_LOG_FORMAT": format, "SWATHLOG_HTTP_TOKEN": secret("http"),
            "AWS_SECRET_ACCESS_KEY": secret("aws"), "AWS_SESSION_TOKEN": secret("session"), "OTHER": secret("second"),
            "SWATHLOG_ENDPOINTS": """
            [{"name": "lab", "url": "\(url)", "secrets": [{"file": "\(file)"}, {"variable": "OTHER"}], "retry": [1],
            "headers": {"authorization": "Bearer \(secret("header"))"}},
            {"name": "gone", "url": "http://\(secret("user")):\(secret("password"))@127.0.0.1:9/?\(secret("query"))"}]
            """,
        ]
        try await station.draw("a/one.png")
        try "no image".write(toFile: "\(station.source)/a/bad.jpg", atomically: true, encoding: .utf8)
        try station.age("\(station.source)/a/bad.jpg")
        var said = ""
        try await RunningAgent.run(station, variables: variables) { agent in
            try await eventually("it is delivered") { try await agent.metrics()["notifications_sent_total"] ?? 0 >= 1 }
            agent.tool.signal(SIGHUP)
            try await eventually("it has read again") { agent.tool.errorsSoFar.contains("read again") }
            said += try await agent.get("/metrics").body + agent.get("/readyz").body
            said += agent.tool.errorsSoFar + agent.tool.outputSoFar
        }
        #expect(said.contains("lab") && said.contains("not-an-image"))
        for command in [
            ["status"], ["config"], ["notifications", "list"], ["log"], ["doctor", "--source", station.source],
        ] {
            said += try await station.program(variables).run(command).allText
        }
        for (name, secret) in secrets {
            let bare = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
            #expect(!said.contains(bare), "\(name)")
            for file in try files(below: station.store) {
                let content = try Data(contentsOf: URL(filePath: "\(station.store)/\(file)"))
                #expect(content.range(of: Data(bare.utf8)) == nil, "\(name) in \(file)")
            }
        }
        try await receiver.stop()
    }

    @Test("each message is one JSON object with its facts, also where a name would break the line")
    func objects() async throws {
        let station = try Station("objects")
        try await station.draw("a/one.png")
        let odd = "\(station.source)/a/line\nbreak \u{1B}[31m\".jpg"
        try "no image".write(toFile: odd, atomically: true, encoding: .utf8)
        try station.age(odd)
        let outcome = try await station.run(
            "ingest",
            station.source,
            "--json",
            variables: ["SWATHLOG_LOG_LEVEL": "debug"]
        )
        let lines = try JSON.lines(outcome.errorText)
        #expect(lines.count > 2)
        for line in lines {
            let allowed = ["error", "message", "metadata", "name", "severity", "timestamp"]
            #expect(Set(line.keys).isSubset(of: allowed) && line.keys.count >= 5, "\(line)")
            #expect(line["timestamp"].text.contains(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/))
            #expect(["debug", "info", "notice", "warning", "error", "critical"].contains(line["severity"].text))
            #expect(line["name"].text == "swathlog")
        }
        let failed = try #require(lines.first { $0["message"].text == "An item's work failed." })
        #expect(failed["metadata"]["reason"].text == "not-an-image" && failed["metadata"]["stage"].text == "tiling")
    }

    @Test("an error is told with its causes")
    func causes() async throws {
        let station = try Station("causes")
        let settings = station.scratch.file("settings.yaml")
        try "log_level: notice\n".write(toFile: settings, atomically: true, encoding: .utf8)
        try await RunningAgent.run(station, ["--config", settings]) { agent in
            try "log_level: [\n".write(toFile: settings, atomically: true, encoding: .utf8)
            agent.tool.signal(SIGHUP)
            try await eventually("it says so") { agent.tool.errorsSoFar.contains("the old one holds") }
            let lines = try agent.tool.messages()
            let line = try #require(lines.first { !$0["error"].list.isEmpty })
            #expect(line["severity"].text == "error" && line["error"][0]["type"].text == "SettingsError")
            #expect(line["error"][0]["message"].text.contains("settings.yaml"))
        }
    }
}
