import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Nobody is told of a generation before it is cut over", .timeLimit(.minutes(10)))
struct RederivedAnnouncementTests {
    /// What a receiver was told.
    private func told(_ receiver: Receiver) throws -> [JSON] { try receiver.requests().map { try JSON($0.body) } }

    private func events(_ station: Station, _ type: String, after position: Int) async throws -> [JSON] {
        try await station.events(type).filter { ($0["position"].int ?? 0) > position }
    }

    @Test("while it is made nothing goes out; then one notification for each partition's version, and one of the cut")
    func heldUntilTheCut() async throws {
        let station = try Station("held")
        let receiver = try await Receiver.start(in: station.scratch)
        // It wants to be told of everything.
        let endpoint = ["SWATHLOG_ENDPOINTS": #"[{"name": "lab", "url": "\#(receiver.url)"}]"#]
        try await station.fly("north", images: 20)
        try await station.fly("south", images: 2, seed: 2)
        try await station.ingest("--tile-size", "256", "--tile-overlap", "0", variables: endpoint)
        let first = try told(receiver)
        #expect(first.map { $0["type"].text } == Array(repeating: "swathlog.dataset.committed", count: 2))
        let derived = try await station.events("DerivationCompleted").count

        let run = ["run", "--source", station.source, "--commit-interval", "1", "--workers", "1"]
        try await station.program(endpoint).whileRunning(run) { agent in
            try await eventually("the agent runs") {
                try await station.events("AgentStarted").count == 2 || !agent.isRunning
            }
            // Slow to cut, so that there is time to look.
            let slow = ["--tile-size", "64", "--png-compression", "small"]
            let command = try station.program().start(["reprocess", "--apply", "--json"] + slow)
            try await eventually("some of it is derived") {
                try await station.events("DerivationCompleted").count >= derived + 3 || !command.isRunning
            }
            // It stands still while it is looked at.
            agent.signal(SIGSTOP)
            #expect(try await station.events("GenerationCutOver").isEmpty, "too fast to be looked at")
            #expect(try told(receiver) == first)
            #expect(try await station.events("NotificationQueued").count == 2)
            #expect(try await station.events("DatasetCommitStarted").count == 2)
            agent.signal(SIGCONT)
            let outcome = try await command.outcome()
            #expect(outcome.status == 0, "\(outcome.allText)")
            try await eventually("all are told") { try told(receiver).count >= first.count + 3 }
            agent.signal(SIGTERM)
            #expect(try await agent.outcome().status == 0)
        }

        let cut = try #require(try await station.events("GenerationCutOver").first)
        let position = try #require(cut["position"].int)
        let news = try told(receiver).dropFirst(first.count)
        #expect(
            news.map { "\($0["type"].text) \($0["data"]["partition"].text)" }.sorted() == [
                "swathlog.dataset.committed north", "swathlog.dataset.committed south", "swathlog.generation.cut_over ",
            ]
        )
        #expect(Set(news.map { $0["id"].text }).count == 3)
        let commits = try await events(station, "DatasetCommitted", after: position).map { $0["payload"]["commit_id"] }
        #expect(commits.count == 2)
        let announced = news.filter { $0["type"].text.hasSuffix("committed") }.map { $0["data"]["commit_id"] }
        #expect(Set(announced.map(\.text)) == Set(commits.map(\.text)))
        #expect(try await events(station, "NotificationQueued", after: position).count == 3)
        #expect(try await station.events("NotificationQueued").count == 5)
        #expect(try await station.events("NotificationDelivered").count == 5)
        // The agent that follows has nothing left to tell.
        try await station.ingest(variables: endpoint)
        #expect(try told(receiver).count == first.count + 3)
        try await receiver.stop()
    }
}
