import Foundation
import Intake
import Logging
import ObjectStores
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@Suite("Reading a real queue", .withMoto, .timeLimit(.minutes(5)))
struct QueueIntakeTests {
    private func moto() throws -> Moto { try #require(Moto.current) }

    private func record(_ key: String, size: Int = 1) -> String {
        #"{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"\#(key)","size":\#(size)}}}"#
    }

    private func send(_ bodies: [String], to queue: SQSQueue) async throws {
        for start in stride(from: 0, to: bodies.count, by: 10) {
            let entries = bodies[start..<min(start + 10, bodies.count)].enumerated().map {
                ["Id": "\($0.offset)", "MessageBody": $0.element]
            }
            try await moto().call(("sqs", "send_message_batch", ["QueueUrl": queue.location.url, "Entries": entries]))
        }
    }

    private func isEmpty(_ queue: SQSQueue) async throws -> Bool {
        let attributes = try await queue.attributes()
        return attributes.visible == 0 && attributes.inFlight == 0
    }

    /// Makes a bucket tell a queue or a topic of everything.
    private func notify(_ bucket: String, _ kind: String, _ arn: String) -> Moto.Call {
        let target: [String: any Sendable] = [
            "\(kind)Arn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
        ]
        let configuration = ["\(kind)Configurations": [target]]
        return (
            "s3", "put_bucket_notification_configuration",
            ["Bucket": bucket, "NotificationConfiguration": configuration]
        )
    }

    @Test("what is put into a bucket, and removed from it, is told, and the messages are deleted")
    func fromBucket() async throws {
        let queue = try await moto().makeQueue("from-bucket")
        let keys =
            ["plain.jpg", "a b/c+d.jpg", "été/100%.jpg", "//double", "q?x=1&y#z"] + (0..<20).map { "n\($0).jpg" }
        try await moto().call(
            ("s3", "create_bucket", ["Bucket": "flights"]),
            notify("flights", "Queue", Moto.arn("sqs", "from-bucket"))
        )
        let puts = keys.map { key -> Moto.Call in
            ("s3", "put_object", ["Bucket": "flights", "Key": key, "Body": "12345"])
        }
        try await moto().call(puts + [("s3", "delete_object", ["Bucket": "flights", "Key": "plain.jpg"])])
        let collected = Collected()
        // Long enough that no message is told twice because the machine is busy.
        let intake = collected.intake(of: queue, .quick.with(visibility: .seconds(300)))
        try await intake.whileRunning {
            try await eventually("all is told") { collected.notices.count >= keys.count + 1 }
            try await eventually("the queue is empty, and the reader knows") {
                try await isEmpty(queue) && intake.status.deleted == intake.status.messages
            }
        }
        let created = collected.notices.filter { $0.kind == .created }
        #expect(Set(created.map(\.key)) == Set(keys) && created.count == keys.count)
        #expect(created.allSatisfy { $0.bucket == "flights" && $0.size == 5 && $0.eventTime != nil })
        #expect(created.allSatisfy { $0.etag == "827ccb0eea8a706c4c34a16891f84e7b" })
        #expect(collected.notices.filter { $0.kind == .removed }.map(\.key) == ["plain.jpg"])
        #expect(collected.malformed.isEmpty && intake.status.failure == nil)
        #expect(intake.status.notices == keys.count + 1)
    }

    @Test("by way of SNS, with and without raw delivery")
    func fromTopic() async throws {
        let (wrapped, raw) = (try await moto().makeQueue("wrapped"), try await moto().makeQueue("raw"))
        let topic = Moto.arn("sns", "images")
        func subscribe(_ name: String, _ attributes: [String: String]) -> Moto.Call {
            (
                "sns", "subscribe",
                [
                    "TopicArn": topic, "Protocol": "sqs", "Endpoint": Moto.arn("sqs", name), "Attributes": attributes,
                ]
            )
        }
        try await moto().call(
            ("sns", "create_topic", ["Name": "images"]),
            subscribe("wrapped", [:]),
            subscribe("raw", ["RawMessageDelivery": "true"]),
            ("s3", "create_bucket", ["Bucket": "by-topic"]),
            notify("by-topic", "Topic", topic),
            ("s3", "put_object", ["Bucket": "by-topic", "Key": "a b.jpg", "Body": "x"])
        )
        for queue in [wrapped, raw] {
            let collected = Collected()
            try await collected.intake(of: queue).whileRunning {
                try await eventually("it is told") { !collected.notices.isEmpty }
                try await eventually("the queue is empty") { try await isEmpty(queue) }
            }
            #expect(collected.notices.map(\.key) == ["a b.jpg"] && collected.malformed.isEmpty)
        }
    }

    @Test("who is killed between append and delete hears the message again")
    func killed() async throws {
        let queue = try await moto().makeQueue("killed")
        try await send([#"{"Records":[\#(record("once.jpg"))]}"#], to: queue)
        let first = Collected()
        // Short, since it has to be over before the message is told again; long enough to be extended on a busy machine.
        let settings = QueueIntake.Settings.quick.with(visibility: .seconds(5))
        let dying = first.intake(of: queue, settings, after: { try await Task.sleep(for: .seconds(3_600)) })
        try await dying.whileRunning {
            try await eventually("it is told") { !first.notices.isEmpty }
        }
        #expect(dying.status.deleted == 0 && dying.status.givenBack == 0)
        let second = Collected()
        let intake = second.intake(of: queue)
        try await intake.whileRunning {
            try await eventually("it is told again") { !second.notices.isEmpty }
            try await eventually("the queue is empty") { try await isEmpty(queue) }
        }
        #expect(second.notices == first.notices && intake.status.repeated == 1)
    }

    @Test("a message stays unseen for as long as its work waits, beyond the queue's timeout")
    func heartbeat() async throws {
        let queue = try await moto().makeQueue("heartbeat")
        try await send([#"{"Records":[\#(record("slow.jpg"))]}"#], to: queue)
        let collected = Collected()
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let intake = collected.intake(
            of: queue,
            .quick.with(visibility: .seconds(4)),
            before: { _ in for await _ in released {} }
        )
        try await intake.whileRunning {
            // Three halves of the timeout: without them the other poller would have received it twice.
            try await eventually("it is extended") { intake.status.extended >= 3 }
            #expect(try await queue.receive(wait: .zero).isEmpty)
            #expect(intake.status.messages == 1)
            release.finish()
            try await eventually("the queue is empty") { try await isEmpty(queue) }
        }
        #expect(collected.notices.map(\.key) == ["slow.jpg"])
    }

    @Test("what can't be read is handed on with its text, and costs its neighbours nothing")
    func malformed() async throws {
        let queue = try await moto().makeQueue("malformed")
        let mixed = #"{"Records":[\#(record("one.jpg")),{"eventName":"ObjectCreated:Put"},\#(record("two.jpg"))]}"#
        try await send([mixed, "no JSON at all", #"{"Event":"s3:TestEvent"}"#], to: queue)
        let collected = Collected()
        let intake = collected.intake(of: queue)
        try await intake.whileRunning {
            try await eventually("the queue is empty") {
                try await isEmpty(queue) && intake.status.deleted == 3
            }
        }
        #expect(collected.notices.map(\.key) == ["one.jpg", "two.jpg"])
        #expect(Set(collected.malformed.map(\.raw)) == [#"{"eventName":"ObjectCreated:Put"}"#, "no JSON at all"])
        #expect(intake.status.ignored == 1 && intake.status.malformed == 2)
    }

    @Test("a message that can't be handed on goes the queue's way for such, and its neighbours are deleted")
    func poison() async throws {
        let dead = try await moto().makeQueue("dead")
        let policy = #"{"deadLetterTargetArn":"\#(Moto.arn("sqs", "dead"))","maxReceiveCount":"2"}"#
        let queue = try await moto().makeQueue("poisoned", ["RedrivePolicy": policy])
        let keys = (0..<8).map { "k\($0)" } + ["poison"]
        try await send(keys.map { #"{"Records":[\#(record($0))]}"# }, to: queue)
        let collected = Collected()
        var settings = QueueIntake.Settings.quick.with(visibility: .seconds(1))
        settings.attempts = 2
        let intake = collected.intake(of: queue, settings) { notices in
            if notices.contains(where: { $0.key == "poison" }) { throw ToolError("not this one") }
        }
        try await intake.whileRunning {
            try await eventually("it is in the dead-letter queue, after being given back twice") {
                try await dead.attributes().visible == 1 && intake.status.givenBack >= 2
            }
            try await eventually("the queue is empty, and the reader knows") {
                try await isEmpty(queue) && intake.status.deleted >= 8
            }
        }
        #expect(Set(collected.notices.map(\.key)) == Set(keys.dropLast()))
    }

    @Test("nothing is received while the gate is shut")
    func gate() async throws {
        let queue = try await moto().makeQueue("gated")
        try await send([#"{"Records":[\#(record("late.jpg"))]}"#], to: queue)
        let collected = Collected()
        let (opened, open) = AsyncStream.makeStream(of: Void.self)
        let isOpen = Mutex(false)
        let intake = QueueIntake(
            queue: queue,
            settings: .quick,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            gate: {
                for await _ in opened where isOpen.withLock({ $0 }) { return }
                try Task.checkCancellation()
            },
            record: { notices in
                #expect(isOpen.withLock { $0 })
                collected.add(notices)
            },
            quarantine: { _ in }
        )
        try await intake.whileRunning {
            try await eventually("the pollers wait") { intake.status.held > 0 }
            #expect(try await queue.attributes().visible == 1 && intake.status.messages == 0)
            isOpen.withLock { $0 = true }
            open.finish()
            try await eventually("it is told") { !collected.notices.isEmpty }
        }
    }

    @Test("a graceful stop finishes what is in hand and receives nothing more")
    func gracefulStop() async throws {
        let queue = try await moto().makeQueue("stopping")
        try await send((0..<3).map { #"{"Records":[\#(record("k\($0)"))]}"# }, to: queue)
        let collected = Collected()
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let intake = collected.intake(of: queue, before: { _ in for await _ in released {} })
        struct Running: Service {
            let intake: QueueIntake
            func run() async throws { try await intake.run() }
        }
        let group = ServiceGroup(
            services: [Running(intake: intake)],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("messages are in hand") { intake.status.messages > 0 }
            await group.triggerGracefulShutdown()
            release.finish()
            try await tasks.next()
        }
        #expect(!intake.status.isRunning)
        #expect(intake.status.deleted == intake.status.messages && collected.notices.count == intake.status.deleted)
        let left = try await queue.attributes()
        #expect((left.visible ?? 0) + (left.inFlight ?? 0) == 3 - collected.notices.count)
    }

    @Test("a queue that is not there, and then is: the state says so, and reading goes on by itself")
    func comesBack() async throws {
        let moto = try moto()
        let queue = try moto.queue("\(moto.endpoint)/123456789012/later")
        let collected = Collected()
        let intake = collected.intake(of: queue)
        try await intake.whileRunning {
            try await eventually("it fails") { intake.status.failure?.times ?? 0 >= 2 }
            #expect(intake.status.failure?.reason == "no-such-queue")
            #expect(intake.status.failure?.message.contains("check the queue's URL") == true)
            _ = try await moto.makeQueue("later")
            try await send([#"{"Records":[\#(record("k"))]}"#], to: queue)
            try await eventually("it is told") { !collected.notices.isEmpty }
        }
        #expect(intake.status.failure == nil)
    }

    @Test("the doctor names what is missing and what is too small, and takes nothing")
    func doctor() async throws {
        _ = try await moto().makeQueue("doctor-dead")
        func policy(_ count: Int) -> String {
            #"{"deadLetterTargetArn":"\#(Moto.arn("sqs", "doctor-dead"))","maxReceiveCount":\#(count)}"#
        }
        let bad = try await moto().makeQueue("bad", ["MaximumMessageSize": "1024", "VisibilityTimeout": "5"])
        try await send(["{}"], to: bad)
        let report = await QueueDoctor(queue: bad).examine()
        #expect(Set(report.findings.map(\.code)) == [.noDeadLetterQueue, .smallMessages, .shortVisibility])
        #expect(report.findings.allSatisfy { $0.severity == .warning })
        #expect(report.attributes?.visible == 1 && report.attributes?.inFlight == 0)
        #expect(try await bad.attributes().visible == 1)

        let few = try await moto().makeQueue("few", ["RedrivePolicy": policy(1)])
        #expect(await QueueDoctor(queue: few).examine().findings.map(\.code) == [.fewReceives])

        let good = try await moto().makeQueue("good", ["RedrivePolicy": policy(5)])
        let fine = await QueueDoctor(queue: good).examine()
        #expect(fine.findings.isEmpty && fine.attributes?.maxReceiveCount == 5)

        let none = try moto().queue("\(moto().endpoint)/123456789012/nowhere")
        let missing = await QueueDoctor(queue: none).examine()
        #expect(missing.findings.map(\.code) == [.attributesUnreadable, .cannotReceive])
        #expect(missing.findings.last?.severity == .failure)
    }
}
