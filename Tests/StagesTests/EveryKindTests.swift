import EventLog
import Events
import Foundation
import Projections
import Stages
import TestSupport
import Testing

@Suite("Every type of notification fits its documented schema", .timeLimit(.minutes(4)))
struct EveryKindTests {
    private func audited(damages: Int) -> AuditCompleted {
        let damage = AuditCompleted.Damage(kind: "event", place: "position 1", message: "it was changed")
        return AuditCompleted(
            events: 4,
            root: Digest(of: "x".utf8),
            artifacts: false,
            remote: false,
            damages: damages,
            damage: Array(repeating: damage, count: damages)
        )
    }

    @Test("an event of each type is told of, and its schema, the libraries and the log agree")
    func everyKind() async throws {
        let store = try TellingStore("kinds")
        let receiver = try await MisbehavingReceiver.start(in: store.scratch)
        let shared = "whsec_" + Data(repeating: 7, count: 24).base64EncodedString()
        let secret = try #require(WebhookSecret(shared))
        let endpoints = Endpoint.Mode.allCases.map {
            Endpoint(name: $0.rawValue, url: receiver.url("ok"), secrets: [secret], mode: $0)
        }
        try await store.adopt(endpoints)
        let digest = Digest(of: "x".utf8)
        let manifest = "0cc175b9c0f1b6a831c399e269772661.dir"
        let started = DatasetCommitStarted(
            commitID: "c1",
            partition: "north field",
            recipe: digest,
            manifest: manifest,
            previous: nil,
            files: 3,
            bytes: 30,
            added: 3,
            changed: 0,
            removed: 0,
            fromPosition: 1,
            throughPosition: 2,
            remote: "/srv/remote"
        )
        let committed = DatasetCommitted(
            commitID: "c1",
            partition: "north field",
            manifest: manifest,
            gitCommit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            pointer: "north field.dvc",
            logSize: 2,
            logRoot: digest
        )
        let pushed = DatasetPushed(
            commitID: "c1",
            partition: "north field",
            manifest: manifest,
            remote: "/srv/remote",
            objectsSent: 4,
            bytesSent: 40
        )
        let rebased = DatasetRebased(
            commitID: "c1",
            partition: "north field",
            gitCommit: "d0e6a1b2c3d4e5f60718293a4b5c6d7e8f901234",
            previousCommit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        )
        let down = StageFailed(
            stage: "fetching s3://flights",
            item: nil,
            attempt: 1,
            reason: "access-denied",
            message: "give it the right to read",
            nextAttemptAt: store.clock.now()
        )
        let cutOver = GenerationCutOver(
            recipe: digest,
            previous: Digest(of: "y".utf8),
            partitions: ["north field"],
            objects: 1,
            tiles: 3,
            failed: 0
        )
        let dataset = StreamName.dataset("north field")
        try await store.log.append(
            [
                ProposedEvent(started, stream: dataset), ProposedEvent(committed, stream: dataset),
                ProposedEvent(pushed, stream: dataset), ProposedEvent(rebased, stream: dataset),
                ProposedEvent(down, stream: .agent),
                ProposedEvent(StageResumed(stage: "fetching s3://flights"), stream: .agent),
                ProposedEvent(cutOver, stream: .generation("g1")),
                ProposedEvent(audited(damages: 1), stream: .agent),
                // What is not told of: a stage, an endpoint, an item, a record that holds.
                ProposedEvent(audited(damages: 0), stream: .agent),
                ProposedEvent(StageResumed(stage: "notifying lab"), stream: .agent),
            ] + TellingStore.quarantined("grün/\"a\" 1%.jpg")
        )
        try await store.run(endpoints, until: "all are told") { try await store.isQuiet() }
        let told = try await verify(receiver, [shared])
        #expect(Set(told) == Set(NotificationKind.allCases.map(\.rawValue)))
        #expect(told.count == 2 * NotificationKind.allCases.count)
        let root = "\(Checkout.root)/Sources/Stages/Stages.docc"
        let page = try String(contentsOfFile: "\(root)/Notifications.md", encoding: .utf8)
        for kind in NotificationKind.allCases { #expect(page.contains("Schemas/\(kind.rawValue).json"), "\(kind)") }
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(root)/Schemas")
        #expect(Set(files) == Set(NotificationKind.allCases.map { "\($0.rawValue).json" }))
    }
}
