import AgentServer
import Intake
import TestSupport
import Testing

@Suite("What stores push is recorded", .timeLimit(.minutes(5)))
struct PushTests {
    let recorder = Recorder()

    @Test("MinIO's webhook: its probe is answered, its push recorded and counted")
    func minio() async throws {
        try await RunningServer.run(observe: recorder.observe) { server in
            let probe = try await server.curl(["--head", server.pushes])
            #expect(probe.status == 204)
            let answer = try await server.push(Pushed.minio("strip+1/img%C3%A9.jpg"))
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"ignored":0,"late":0,"left_out":0,"malformed":[],"observed":1,"outdated":0,"removed":0,"repeated":0}"#
            )
        }
        let notice = try #require(recorder.batches.first?.notices.first)
        #expect(notice.bucket == "flights" && notice.key == "strip 1/imgé.jpg" && notice.size == 6_474)
        #expect(notice.sequencer == "15A1C5A9E5A3B0E3" && notice.etag == "a3ac9ba4b7ad9d3b3a4a3c4b8f1d1d3f")
    }

    @Test("Ceph's webhook: the token is the password in its URL, and CloudEvents headers change nothing")
    func ceph() async throws {
        try await RunningServer.run(observe: recorder.observe) { server in
            let headers = [
                "Content-Type: application/json", "ce-specversion: 1.0", "ce-type: com.amazonaws.ObjectCreated:Put",
                "ce-id: 503a4c37.1029", "ce-source: ceph:s3.default.flights", "ce-time: 2026-04-22T13:41:50.124932Z",
                "ce-subject: a.jpg",
            ]
            for arguments in [[headers[0]], headers] {
                let answer = try await server.curl(
                    ["-u", "ceph:\(RunningServer.token)"] + arguments.flatMap { ["-H", $0] }
                        + ["--data-binary", Pushed.ceph("a.jpg"), server.pushes]
                )
                #expect(answer.status == 200, "\(answer.body)")
            }
        }
        #expect(recorder.keys == ["a.jpg", "a.jpg"])
    }

    @Test(
        "CloudEvents in every mode, as the cloudevents package builds them",
        arguments: [
            ("structured", ["süd/a b+c.jpg"]), ("binary", ["süd/a b+c.jpg"]), ("batched", ["süd/a b+c.jpg", "b.jpg"]),
        ]
    )
    func cloudEvents(mode: String, keys: [String]) async throws {
        let (python, script) = try RunningServer.python("cloud_events.py")
        try await RunningServer.run(observe: recorder.observe) { server in
            let outcome = try await python.check([script, mode, server.pushes, RunningServer.token] + keys)
            #expect(outcome.text.hasPrefix("200 "), "\(outcome.text)")
        }
        #expect(recorder.keys == keys)
        #expect(recorder.batches.first?.notices.first?.size == 7)
    }

    @Test("a malformed record is told with its reason, and holds up nothing")
    func malformed() async throws {
        let good = Pushed.minio("a.jpg")
        let record = good[good.firstRange(of: "\"Records\":[")!.upperBound...].dropLast(2)
        let bad = record.replacing("\"key\":\"a.jpg\",", with: "")
        try await RunningServer.run(observe: recorder.observe) { server in
            let answer = try await server.push("{\"Records\":[\(bad),\(record)]}")
            #expect(answer.status == 200)
            #expect(answer.body.contains("\"observed\":1") && answer.body.contains("\"code\":\"notice-bad-field\""))
            let nothing = try await server.push("{\"Records\":[\(bad)]}")
            #expect(nothing.status == 400 && nothing.body.contains("\"code\":\"nothing-readable\""))
            #expect(nothing.body.contains("\"code\":\"notice-bad-field\""))
            let test = try await server.push(#"{"Event":"s3:TestEvent","Service":"Amazon S3","Bucket":"flights"}"#)
            #expect(test.status == 200 && test.body.contains("\"ignored\":1"))
        }
        #expect(recorder.batches.first?.malformed.count == 1 && recorder.keys == ["a.jpg"])
    }

    @Test("a hundred pushes at once are all recorded")
    func concurrent() async throws {
        try await RunningServer.run(observe: recorder.observe) { server in
            let outcome = try await RunningServer.curl.check([
                "-sS", "-Z", "--parallel-immediate", "--parallel-max", "100", "-o", "/dev/null", "-w", "%{http_code}\n",
                "-H", "Authorization: Bearer \(RunningServer.token)", "-H", "Content-Type: application/json",
                "--data-binary", Pushed.minio("a.jpg"), "\(server.pushes)?n=[1-100]",
            ])
            #expect(outcome.text.split(separator: "\n").count { $0 == "200" } == 100, "\(outcome.text)")
        }
        #expect(recorder.keys.count == 100)
    }

    @Test("the answer comes after the append, and a shutdown waits for it")
    func inFlight() async throws {
        let gate = Gate()
        let recorder = recorder
        let observe: Observe = { batch in
            await gate.pass()
            return try await recorder.observe(batch)
        }
        try await RunningServer.run(observe: observe) { server in
            let curl = try RunningServer.curl.start([
                "-sS", "-i", "-H", "Authorization: Bearer \(RunningServer.token)", "-H",
                "Content-Type: application/json",
                "--data-binary", Pushed.minio("a.jpg"), server.pushes,
            ])
            try await eventually("the push is with the intake") { gate.arrived == 1 }
            #expect(curl.isRunning && curl.outputSoFar.isEmpty)
            await server.stop()
            try await eventually("nobody is let in any more") {
                // The pushing curl has inherited the listening socket: the kernel may still let others queue there.
                try await RunningServer.curl.run(["-sS", "--max-time", "1", "\(server.url)/healthz"]).status != 0
            }
            #expect(curl.isRunning && curl.outputSoFar.isEmpty)
            gate.open()
            let answer = Answer(try await curl.outcome().output)
            #expect(answer.status == 200, "\(answer.body)")
        }
        #expect(recorder.keys == ["a.jpg"])
    }
}
