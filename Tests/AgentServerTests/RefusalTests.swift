import AgentServer
import Foundation
import Intake
import TestSupport
import Testing

@Suite("What the server refuses, it refuses with a reason", .timeLimit(.minutes(5)))
struct RefusalTests {
    let recorder = Recorder()

    @Test("health needs no token, and every answer has its headers")
    func health() async throws {
        try await RunningServer.run(observe: recorder.observe) { server in
            for (path, status) in [("/healthz", 200), ("/nothing", 404), ("/v1/observations", 204)] {
                let answer = try await server.curl([server.url + path])
                #expect(answer.status == status)
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(answer.headers["cache-control"] == "no-store")
            }
            #expect(try await server.curl(["\(server.url)/healthz"]).body == #"{"status":"ok"}"#)
            #expect(try await server.curl(["\(server.url)/nothing"]).body.contains(#""code":"not-found""#))
            let head = try await server.curl(["--head", "\(server.url)/healthz"])
            #expect(head.status == 200 && head.body.isEmpty)
            let put = try await server.curl(["-X", "PUT", server.pushes])
            #expect(put.status == 405 && put.headers["allow"] == "POST, GET, HEAD")
        }
    }

    @Test(
        "without the token nothing is recorded",
        arguments: [
            [], ["-H", "Authorization: Bearer wrong"], ["-H", "Authorization: Bearer"],
            ["-H", "Authorization: Bearer \(RunningServer.token)x"], ["-H", "Authorization: \(RunningServer.token)"],
            ["-u", "\(RunningServer.token):wrong"], ["-H", "Authorization: Basic %%%"],
        ]
    )
    func wrongToken(arguments: [String]) async throws {
        try await RunningServer.run(observe: recorder.observe) { server in
            let answer = try await server.curl(
                arguments + [
                    "-H", "Content-Type: application/json", "--data-binary", Pushed.minio("a.jpg"), server.pushes,
                ]
            )
            #expect(answer.status == 401)
            #expect(answer.headers["www-authenticate"] == "Bearer realm=\"swathlog\"")
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.body.contains(#""code":"token-required""#))
        }
        #expect(recorder.batches.isEmpty)
    }

    @Test("where no token is set, nobody may push, from this machine neither")
    func noToken() async throws {
        #expect(ServerToken("") == nil)
        try await RunningServer.run(RunningServer.settings { $0.token = nil }, observe: recorder.observe) { server in
            for header in ["Authorization: Bearer ", "Authorization: Bearer x", "X-None: x"] {
                let answer = try await server.curl(["-H", header, "--data-binary", "{}", server.pushes])
                #expect(answer.status == 401)
            }
        }
        #expect(recorder.batches.isEmpty)
    }

    @Test("the token is never printed")
    func redacted() {
        var text = ""
        dump(RunningServer.settings(), to: &text)
        text += "\(RunningServer.settings()) \(String(reflecting: RunningServer.settings()))"
        #expect(!text.contains(RunningServer.token) && text.contains("<redacted>"))
    }

    @Test("a body over the limit is refused, whether its length was said or not")
    func tooLarge() async throws {
        let settings = RunningServer.settings { $0.bodyLimit = 10_000 }
        try await RunningServer.run(settings, observe: recorder.observe) { server in
            let body = String(repeating: " ", count: 10_001)
            for arguments in [[], ["-H", "Transfer-Encoding: chunked"]] {
                let answer = try await server.push(body, arguments)
                #expect(answer.status == 413 && answer.body.contains(#""code":"body-too-large""#))
            }
            let most = try await server.push(
                Pushed.minio("a.jpg").padding(toLength: 10_000, withPad: " ", startingAt: 0)
            )
            #expect(most.status == 200)
        }
    }

    @Test(
        "a content that is not known is refused",
        arguments: [
            "Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded", "Content-Encoding: gzip",
            "Content-Type: application/json; charset=utf-16",
        ]
    )
    func unknownContent(header: String) async throws {
        try await RunningServer.run(observe: recorder.observe) { server in
            let answer = try await server.curl([
                "-H", "Authorization: Bearer \(RunningServer.token)", "-H", header, "--data-binary", "{}",
                server.pushes,
            ])
            #expect(answer.status == 415 && answer.body.contains(#""code":"content-type-unsupported""#))
        }
    }

    @Test("a charset and capitals in the content type are no reason to refuse")
    func contentType() async throws {
        try await RunningServer.run(observe: recorder.observe) { server in
            let answer = try await server.curl([
                "-H", "authorization: bearer  \(RunningServer.token)", "-H",
                "Content-Type: Application/JSON; charset=\"UTF-8\"",
                "--data-binary", Pushed.minio("a.jpg"), server.pushes,
            ])
            #expect(answer.status == 200)
        }
    }

    @Test("while the intake is closed or slow, the sender is told when to come back")
    func closed() async throws {
        struct Closed: Error {}
        let settings = RunningServer.settings { $0.answerLimit = .milliseconds(200) }
        let closed: Observe = { _ in throw Closed() }
        let slow: Observe = { _ in
            try await Task.sleep(for: .seconds(3_600))
            return ObservationOutcome()
        }
        for observe in [closed, slow] {
            try await RunningServer.run(settings, observe: observe) { server in
                let answer = try await server.push(Pushed.minio("a.jpg"))
                #expect(answer.status == 503 && answer.headers["retry-after"] == "10")
                #expect(answer.body.contains(#""code":"intake-closed""#))
            }
        }
    }

    @Test("a sender that sends a byte at a time is cut off", arguments: ["head", "body"])
    func slow(part: String) async throws {
        let settings = RunningServer.settings {
            $0.receiveLimit = .seconds(1)
            $0.idleLimit = .seconds(1)
        }
        let (python, script) = try RunningServer.python("slow.py")
        try await RunningServer.run(settings, observe: recorder.observe) { server in
            let outcome = try await python.check([script, String(server.port), RunningServer.token, part])
            let isAnswered = outcome.text.contains("request-too-slow")
            #expect(part == "body" ? isAnswered || outcome.text.contains("reset") : !isAnswered)
            #expect(try await server.curl(["\(server.url)/healthz"]).status == 200)
        }
        #expect(recorder.batches.isEmpty)
    }

    @Test("an address that is taken is an error that names it")
    func taken() async throws {
        try await RunningServer.run(observe: recorder.observe) { server in
            let error = await #expect(throws: ServerError.self) {
                try await RunningServer.run(RunningServer.settings { $0.port = server.port }, observe: recorder.observe)
                { _ in }
            }
            #expect(error?.code == .addressUnavailable && error?.message.contains(String(server.port)) == true)
        }
    }
}
