import EventLog
import Events
import Foundation
import Projections
import Stages
import Synchronization
import TestSupport
import Testing

@Suite("Each endpoint is told of each event it wants, once, in order, whatever it answers", .timeLimit(.minutes(40)))
struct DeliveryTests {
    @Test("an hour of errors delays, and loses nothing: the endpoint is paused, probed, and back")
    func anHourOfErrors() async throws {
        let store = try TellingStore("hour")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        let start = store.clock.now()
        let end = start.microseconds / 1_000_000 + 3_600
        let endpoint = Endpoint(name: "lab", url: receiver.url("hour/\(end)"))
        try await store.adopt([endpoint])
        for number in 0..<12 { try await store.log.append(TellingStore.quarantined("p\(number)/a.jpg")) }
        try await store.run([endpoint], until: "all are delivered") { try await store.isQuiet() }

        let requests = try receiver.requests()
        let times = requests.compactMap { Int($0["headers"]["webhook-timestamp"].text) }
        #expect(times == times.sorted())
        let good = requests.filter { $0["status"].int == 200 }
        #expect(Set(good.map { $0["headers"]["webhook-id"].text }).count == 12 && good.count == 12)
        #expect(requests.count < 200, "an endpoint that fails is not asked with all of its backlog")
        let states = try await store.catalog.notifications(limit: .max).map(\.state)
        #expect(states == Array(repeating: "delivered", count: 12))
        let paused = try await store.events(.stageFailed).compactMap { try? $0.decode(StageFailed.self) }
        #expect(paused.contains { $0.stage == "notifying lab" && $0.item == nil })
        #expect(try await store.events(.stageResumed).count == 1)
        #expect(try await store.catalog.pauses().isEmpty)
        #expect(try await store.events(.notificationAttempted).count == requests.count)
    }

    @Test("the schedule ends: what is refused to the end is abandoned, and can be sent again by command")
    func abandoned() async throws {
        let store = try TellingStore("abandoned")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        var endpoint = Endpoint(name: "lab", url: receiver.url("echo"))
        endpoint.retry = RetryPolicy(schedule: [.seconds(5), .seconds(60)])
        try await store.adopt([endpoint])
        try await store.log.append(TellingStore.quarantined("p/a.jpg"))
        try await store.run([endpoint], until: "it is abandoned") { try await store.isQuiet() }
        let one = try #require(try await store.catalog.notifications(limit: 1).first)
        #expect(one.state == "abandoned" && one.attempts == 3 && one.status == 400)
        #expect(try receiver.requests().count == 3)

        // The endpoint moves to where it is taken.
        endpoint = Endpoint(name: "lab", url: receiver.url("ok"))
        try await store.adopt([endpoint])
        let again = RedeliveryRequested(after: one.state)
        try await store.log.append([ProposedEvent(again, stream: .notification(one.id))])
        try await store.run([endpoint], until: "it is delivered") { try await store.isQuiet() }
        #expect(try await store.catalog.notification(one.id)?.state == "delivered")
        let ids = Set(try receiver.requests().map { $0["headers"]["webhook-id"].text })
        #expect(ids == [one.id])
    }

    @Test("a restart counts on, and waits on, where it was")
    func restarted() async throws {
        let first = try TellingStore("restarted", clock: JumpingClock(jumps: .zero))
        let receiver = try await MisbehavingReceiver.start(in: first.scratch)
        var endpoint = Endpoint(name: "lab", url: receiver.url("echo"))
        endpoint.retry = RetryPolicy(schedule: [.seconds(6_000), .seconds(60)], least: .seconds(600))
        try await first.adopt([endpoint])
        try await first.log.append(TellingStore.quarantined("p/a.jpg"))
        let (log, catalog) = (first.log, first.catalog)
        try await first.run([endpoint], until: "it was refused once") {
            guard try await catalog.position() == log.headPosition else { return false }
            return try await catalog.notifications(limit: 1).first?.attempts == 1
        }
        let waiting = try #require(try await WorkList(first.projector.database).failing(limit: 1).first)
        try first.log.close()

        let second = try TellingStore(reopening: first, clock: JumpingClock(first.clock.now()))
        try await second.run([endpoint], until: "it is abandoned") { try await second.isQuiet() }
        let times = try receiver.requests().compactMap { Int64($0["headers"]["webhook-timestamp"].text) }
        #expect(times.count == 3, "the first attempt counts")
        #expect(times[1] >= waiting.notBefore.microseconds / 1_000_000, "and so does its wait")
        #expect(waiting.notBefore - first.clock.now() >= .seconds(600))
    }

    @Test("410 disables the endpoint and keeps what waits; others go on; enabling it lets it go")
    func gone() async throws {
        let store = try TellingStore("gone")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        let endpoints = [
            Endpoint(name: "gone", url: receiver.url("gone")), Endpoint(name: "lab", url: receiver.url("ok")),
        ]
        try await store.adopt(endpoints)
        for number in 0..<3 { try await store.log.append(TellingStore.quarantined("p/\(number).jpg")) }
        try await store.run(endpoints, until: "the endpoint is disabled and the other told") {
            guard try await store.catalog.endpoint("gone")?.state == "gone" else { return false }
            return try await store.catalog.notifications(endpoint: "lab", state: "delivered", limit: 9).count == 3
        }
        try await store.log.append(TellingStore.quarantined("p/late.jpg"))
        try await store.run(endpoints, until: "the other is told") {
            try await store.catalog.notifications(endpoint: "lab", state: "delivered", limit: 9).count == 4
        }
        let kept = try await store.catalog.notifications(endpoint: "gone", limit: 9)
        #expect(kept.count == 3 && kept.allSatisfy { $0.state == "queued" }, "nothing more is queued, nothing is lost")
        let asked = try receiver.requests().count { $0["path"].text == "/gone" }
        #expect(asked == 1)
        let back = Endpoint(name: "gone", url: receiver.url("ok"))
        try await store.adopt([back])
        try await store.run([back], until: "what waited is sent") { try await store.isQuiet() }
        #expect(try await store.catalog.notifications(endpoint: "gone", state: "delivered", limit: 9).count == 3)
    }

    @Test("429 with a date in the past is tried again soon; with a time to come, not before it")
    func tooMany() async throws {
        let store = try TellingStore("too-many")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        let endpoints = [
            Endpoint(name: "past", url: receiver.url("past")), Endpoint(name: "later", url: receiver.url("later")),
        ]
        for endpoint in endpoints {
            let start = store.clock.now()
            try await store.adopt([endpoint])
            let before = try receiver.requests().count
            try await store.log.append(TellingStore.quarantined("\(endpoint.name)/a.jpg"))
            try await store.run([endpoint], until: "it is delivered") {
                try await store.catalog.notifications(endpoint: endpoint.name, state: "delivered", limit: 9).count >= 1
            }
            try await store.log.append([
                ProposedEvent(
                    EndpointDisabled(name: endpoint.name, reason: "not-configured"),
                    stream: .endpoint(endpoint.name)
                )
            ])
            let times = try receiver.requests()[before...].compactMap { Int64($0["headers"]["webhook-timestamp"].text) }
            let waited = try #require(times.last) - start.microseconds / 1_000_000
            #expect(endpoint.name == "past" ? waited < 7_200 : waited >= 7_200)
        }
    }

    @Test("an endpoint that asks to be left alone again within a minute is no news, and is left alone all the same")
    func flapping() async throws {
        let store = try TellingStore("flapping", clock: JumpingClock(jumps: .seconds(60)))
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        let endpoint = Endpoint(name: "lab", url: receiver.url("flaps"))
        try await store.adopt([endpoint])
        let stage = try store.notifying([endpoint])
        for (count, what) in [(2, "one is delivered"), (3, "it asks for an hour"), (3, "the last waits")] {
            let number = try await store.catalog.notifications(limit: 9).count + 1
            try await store.log.append(TellingStore.quarantined("p\(number)/a.jpg"))
            try await store.run([endpoint], stage: stage, until: what) {
                try await store.catalog.notifications(limit: 9).count == number
                    && receiver.requests().count == count && stage.leavesAlone("lab") == (count == 3)
            }
        }
        let told = try await store.events(.stageFailed).compactMap { try? $0.decode(StageFailed.self) }
        #expect(told.count { $0.item == nil } == 1, "told once")
        #expect(try await store.catalog.pauses().isEmpty, "the log says that it is back")
        let waiting = try await WorkList(store.projector.database).hasNotification(
            for: ["lab"],
            dueAt: store.clock.now()
        )
        #expect(waiting, "so that who does not ask the stage would wait for the hour to pass")
    }

    @Test("a filter by type and partition decides who is told of what")
    func filters() async throws {
        let store = try TellingStore("filters")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        let url = receiver.url("ok")
        let endpoints = [
            Endpoint(name: "all", url: url),
            Endpoint(name: "north", url: url, filter: EndpointFilter(partitions: ["north-*", "x"])),
            Endpoint(name: "commits", url: url, filter: EndpointFilter(kinds: ["swathlog.dataset.committed"])),
        ]
        try await store.adopt(endpoints)
        for key in ["north-1/a.jpg", "south/a.jpg", "x/a.jpg"] {
            try await store.log.append(TellingStore.quarantined(key))
        }
        try await store.run(endpoints, until: "all are told") { try await store.isQuiet() }
        func told(_ name: String) async throws -> [String?] {
            try await store.catalog.notifications(endpoint: name, limit: 9).map(\.partition).reversed()
        }
        #expect(try await told("all") == ["north-1", "south", "x"])
        #expect(try await told("north") == ["north-1", "x"])
        #expect(try await told("commits").isEmpty)
    }

    @Test("a rebuild of everything sends nothing")
    func rebuild() async throws {
        let store = try TellingStore("rebuild")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        let endpoint = Endpoint(name: "lab", url: receiver.url("ok"))
        try await store.log.append(TellingStore.quarantined("p/before.jpg"))
        try await store.adopt([endpoint])
        for number in 0..<20 { try await store.log.append(TellingStore.quarantined("p/\(number).jpg")) }
        try await store.run([endpoint], until: "all are told") { try await store.isQuiet() }
        #expect(try receiver.requests().count == 20, "not of what was before it was there")
        let head = store.log.headPosition
        try store.projector.reset([])
        try await store.run([endpoint], until: "the views are there again") { try await store.isQuiet() }
        #expect(try receiver.requests().count == 20)
        #expect(store.log.headPosition == head)
    }

    @Test("10,000 to a receiver that fails at random: every id arrives, no sequence has a hole, none comes twice")
    func many() async throws {
        let store = try TellingStore("many")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        // Half of the attempts fail: of so many, one or the other would be given up after ten.
        var endpoint = Endpoint(name: "lab", url: receiver.url("random/7"))
        endpoint.retry = RetryPolicy(base: .seconds(5), cap: .seconds(3_600), least: .seconds(1))
        try await store.adopt([endpoint])
        let count = 10_000
        var events: [ProposedEvent] = []
        for number in 0..<count { events += TellingStore.quarantined("p\(number % 400)/\(number).jpg") }
        try await store.log.append(events)
        try await store.run([endpoint], until: "all are delivered", within: .seconds(1_800)) {
            try await store.isQuiet()
        }

        let found = try await store.catalog.notifications(limit: .max)
        #expect(found.count == count && found.allSatisfy { $0.state == "delivered" })
        #expect(found.compactMap(\.sequence).sorted() == Array(1...count))
        let good = try receiver.requests().filter { $0["status"].int == 200 }
        #expect(Set(good.map { $0["headers"]["webhook-id"].text }) == Set(found.map(\.id)))
        // No answer is no receipt: only then is one that was taken sent again, and here none is taken without an answer.
        #expect(good.count == count)
        var last: [String: Int] = [:]
        for request in good {
            let body = try JSON(request["body"].text)
            let (partition, sequence) = (body["data"]["partition"].text, Int(body["sequence"].text) ?? 0)
            #expect(last[partition, default: 0] < sequence, "\(partition) out of order")
            last[partition] = sequence
        }
    }
}
