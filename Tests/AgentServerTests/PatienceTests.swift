import AgentServer
import Foundation
import Stages
import TestSupport
import Testing

@Suite("Nothing that hangs holds the server", .timeLimit(.minutes(5)))
struct PatienceTests {
    let recorder = Recorder()

    @Test("what can't be read in time is answered with 503 and the reason, and is not read twice at a time")
    func hangingDisk() async throws {
        let gate = Gate()
        let vitals = Vitals(
            readiness: { Readiness() },
            registry: MetricsRegistry(),
            samples: {
                await gate.pass()
                return [MetricSample("tiles_generated_total", 7)]
            }
        )
        let settings = RunningServer.settings { $0.healthLimit = .milliseconds(200) }
        try await RunningServer.run(settings, vitals: vitals, observe: recorder.observe) { server in
            for path in ["/metrics", "/metrics"] {
                let answer = try await server.curl([server.url + path])
                #expect(answer.status == 503 && answer.body.contains(#""code":"answer-too-slow""#), "\(path)")
            }
            #expect(gate.arrived == 1)
            #expect(try await server.curl(["\(server.url)/healthz"]).status == 200)
            gate.open()
            try await eventually("it is told again") {
                let answer = try await server.curl(["\(server.url)/metrics"])
                return answer.status == 200 && answer.body.contains("tiles_generated_total 7")
            }
        }
        let stuck = Gate()
        let unready = Vitals(
            readiness: {
                await stuck.pass()
                return Readiness()
            },
            registry: MetricsRegistry(),
            samples: { [] }
        )
        try await RunningServer.run(settings, vitals: unready, observe: recorder.observe) { server in
            let answer = try await server.curl(["\(server.url)/readyz"])
            #expect(answer.status == 503 && answer.body.contains(#""code":"answer-too-slow""#))
            stuck.open()
            try await eventually("it is ready") { try await server.curl(["\(server.url)/readyz"]).status == 200 }
        }
    }

    @Test("a reader that takes nothing of its answer is hung up on, and its place is free for the next")
    func slowReader() async throws {
        // More than the buffers of two sockets hold.
        let long = String(repeating: "x", count: 32 << 20)
        let vitals = Vitals(
            readiness: { Readiness() },
            registry: MetricsRegistry(),
            samples: { [MetricSample("swathlog_quarantine_objects", [("reason", long)], 1)] }
        )
        let settings = RunningServer.settings {
            $0.sendLimit = .seconds(1)
            $0.maximumConnections = 1
        }
        let (python, script) = try RunningServer.python("deaf.py")
        try await RunningServer.run(settings, vitals: vitals, observe: recorder.observe) { server in
            try await python.whileRunning([script, String(server.port), "/metrics"]) { reader in
                try await eventually("it has begun to read") { reader.outputSoFar.contains("200") || !reader.isRunning }
                #expect(try await server.curl(["\(server.url)/healthz"]).status == 200)
            }
            // One that reads slowly but reads gets all of it.
            let whole = try await RunningServer.curl.check([
                "-sS", "--limit-rate", "16M", "-o", "/dev/null", "-w", "%{size_download}", "\(server.url)/metrics",
            ])
            #expect(Int(whole.text) ?? 0 > 32 << 20)
        }
    }
}
