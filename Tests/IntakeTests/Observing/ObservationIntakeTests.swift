import EventLog
import Events
import Intake
import Projections
import TestSupport
import Testing

@Suite("Whoever tells of an object, it is observed once", .timeLimit(.minutes(2)))
struct ObservationIntakeTests {
    @Test("the same version told by a listing, twice by a queue and by a push is one observation")
    func oneIdentity() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let notice = created("a/1.jpg", "v1", at: 5, sequencer: "0A")
            let first = try await store.intake.take(listed: [listed("a/1.jpg", "v1")], missing: [], askedAt: later())
            #expect(first.observed == 1)
            for announcer in [Announcer.sqs, .sqs, .push] {
                let again = try await store.intake.take([.success(notice)], from: announcer)
                #expect(again.repeated == 1 && !again.isNews)
            }
            #expect(try await store.count(.objectObserved) == 1)
        }
    }

    @Test("many callers at once share it, and each is told what became of its own")
    func concurrency() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let outcomes = try await withThrowingTaskGroup(of: ObservationOutcome.self) { group in
                for caller in 0..<40 {
                    group.addTask {
                        let notices = (0..<25).map { created("a/\((caller + $0) % 50).jpg", "v", sequencer: "01") }
                        return try await store.intake.take(notices.map { .success($0) }, from: .sqs)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.allSatisfy { $0.observed + $0.repeated == 25 })
            #expect(outcomes.reduce(0) { $0 + $1.observed } == 50)
            #expect(try await store.count(.objectObserved) == 50)
        }
    }

    @Test("in whatever order versions are told, the one with the greatest sequencer is the newest", arguments: 1...12)
    func anyOrder(seed: UInt64) async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            var random = SeededGenerator(seed: seed)
            var notices: [ObjectNotice] = []
            for key in 0..<10 {
                for version in 1...5 {
                    let notice = created("k\(key)", "v\(version)", sequencer: "00\(version)")
                    notices += Array(repeating: notice, count: Int.random(in: 1...3, using: &random))
                }
            }
            notices.shuffle(using: &random)
            var outcome = ObservationOutcome()
            while !notices.isEmpty {
                let part = notices.prefix(Int.random(in: 1...20, using: &random))
                notices.removeFirst(part.count)
                outcome += try await store.intake.take(part.map { .success($0) }, from: .sqs)
            }
            for key in 0..<10 { #expect(try await store.newest("k\(key)")?.version == "v5") }
            #expect(outcome.observed + outcome.late == 50)
            #expect(try await store.count(.objectObserved) == 50)
        }
    }

    @Test("sequencers of other lengths are padded on the right, and decide before time")
    func sequencers() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let intake = store.intake
            _ = try await intake.take([.success(created("a", "v1", at: 9, sequencer: "0B"))], from: .sqs)
            let late = try await intake.take([.success(created("a", "v0", at: 99, sequencer: "0A9"))], from: .sqs)
            #expect(late.late == 1)
            let newer = try await intake.take([.success(created("a", "v2", at: 1, sequencer: "0B01"))], from: .sqs)
            #expect(newer.observed == 1)
            #expect(try await store.newest("a")?.version == "v2")
        }
    }

    @Test("without sequencers time decides, and a listing counts as of when it was asked for")
    func time() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let intake = store.intake
            _ = try await intake.take([.success(created("a", "v2", at: 20))], from: .push)
            #expect(try await intake.take([.success(created("a", "v1", at: 10))], from: .push).late == 1)
            // Asked for before v2 was recorded: it may have seen the bucket before that.
            let old = try await intake.take(listed: [listed("a", "v0")], missing: [], askedAt: moment(1))
            #expect(old.outdated == 1)
            let now = try await intake.take(listed: [listed("a", "v3")], missing: [], askedAt: later())
            #expect(now.observed == 1)
            // Made before the listing was recorded, so the listing saw what came after it.
            #expect(try await intake.take([.success(created("a", "v4", at: 30))], from: .sqs).late == 1)
            #expect(try await store.newest("a")?.version == "v3")
        }
    }

    @Test("a quarantined version is observed again when it is uploaded again, and by no repetition")
    func afterQuarantine() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let intake = store.intake
            let first = created("a", "v1", at: 10, sequencer: "01")
            _ = try await intake.take([.success(first)], from: .sqs)
            try await store.quarantine("a")
            #expect(try await intake.take([.success(first)], from: .sqs).repeated == 1)
            let page = [listed("a", "v1", modified: 10)]
            #expect(try await intake.take(listed: page, missing: [], askedAt: later()).repeated == 1)
            let again = created("a", "v1", at: 20, sequencer: "02")
            #expect(try await intake.take([.success(again)], from: .sqs).observed == 1)
            #expect(try await store.newest("a")?.state == "observed")
            try await store.quarantine("a")
            let newPage = [listed("a", "v1", modified: 30)]
            #expect(try await intake.take(listed: newPage, missing: [], askedAt: later()).observed == 1)
        }
    }

    @Test("one that was away is observed again by a listing that was asked for later", arguments: ["gone", "changed"])
    func isBack(_ what: String) async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let page = [listed("a", "v1", modified: 10)]
            _ = try await store.intake.take(listed: page, missing: [], askedAt: later())
            let before = SystemTime().now()
            try await store.quarantine("a", "object-\(what)")
            #expect(try await store.intake.take(listed: page, missing: [], askedAt: before).repeated == 1)
            #expect(try await store.newest("a")?.state == "quarantined")
            #expect(try await store.intake.take(listed: page, missing: [], askedAt: later()).observed == 1)
            #expect(try await store.newest("a")?.state == "observed")
        }
    }

    @Test("the same bytes put once more outlast a removal from before that is told of late, and start no work")
    func putAgain() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let intake = store.intake
            _ = try await intake.take([.success(created("a", "v1", at: 1, sequencer: "01"))], from: .sqs)
            try await store.fetch("a")
            let again = created("a", "v1", at: 3, sequencer: "03")
            #expect(try await intake.take([.success(again)], from: .sqs).repeated == 1)
            #expect(try await intake.take([.success(again)], from: .sqs).repeated == 1)
            #expect(try await store.count(.objectObserved) == 2)
            #expect(try await store.newest("a")?.state == "fetched")
            #expect(try await !WorkList(store.projector.database).counts().contains { $0.stage == "fetching" })
            let late = removed("a", at: 2, sequencer: "02")
            #expect(try await intake.take([.success(late)], from: .sqs).outdated == 1)
            let missing = try await intake.take(listed: [], missing: [("flights", "a")], askedAt: moment(2))
            #expect(missing.outdated == 1)
            #expect(try await intake.take([.success(removed("a", at: 4, sequencer: "04"))], from: .sqs).removed == 1)
        }
    }

    @Test("the same bytes put once more outlast a late removal where time alone tells", arguments: [true, false])
    func putAgainByTime(isTimely: Bool) async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let intake = store.intake
            _ = try await intake.take([.success(created("a", "v1", at: 1))], from: .push)
            _ = try await intake.take([.success(created("a", "v1", at: 3))], from: .push)
            let outcome = try await intake.take([.success(removed("a", at: isTimely ? 4 : 2))], from: .push)
            #expect(outcome.removed == (isTimely ? 1 : 0))
        }
    }

    @Test("a removal ends the newest version, unless it is older than that; what is uploaded after it comes back")
    func removals() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let intake = store.intake
            #expect(try await intake.take([.success(removed("a", sequencer: "01"))], from: .sqs).outdated == 1)
            _ = try await intake.take([.success(created("a", "v1", sequencer: "05"))], from: .sqs)
            #expect(try await intake.take([.success(removed("a", sequencer: "04"))], from: .sqs).outdated == 1)
            let gone = removed("a", sequencer: "06")
            #expect(try await intake.take([.success(gone)], from: .sqs).removed == 1)
            #expect(try await intake.take([.success(gone)], from: .sqs).repeated == 1)
            #expect(try await store.newest("a")?.state == "removed")
            // Told of late: it was uploaded before the removal.
            let between = created("a", "v2", sequencer: "055")
            #expect(try await intake.take([.success(between)], from: .sqs).late == 1)
            #expect(try await store.newest("a")?.state == "removed")
            let back = created("a", "v1", sequencer: "07")
            #expect(try await intake.take([.success(back)], from: .sqs).observed == 1)
            #expect(try await store.newest("a")?.state == "observed")
        }
    }

    @Test("of a deleted version only the one that is the newest counts")
    func deletedVersions() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            var notice = created("a", "v1", sequencer: "01")
            notice.versionID = "id1"
            _ = try await store.intake.take([.success(notice)], from: .sqs)
            var other = removed("a", sequencer: "09")
            other.versionID = "id0"
            #expect(try await store.intake.take([.success(other)], from: .sqs).outdated == 1)
            other.versionID = "id1"
            #expect(try await store.intake.take([.success(other)], from: .sqs).removed == 1)
        }
    }

    @Test("a record that can't be read is kept once with its text, and its neighbours go on")
    func malformed() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            let broken = MalformedNotice(.notJSON, "no JSON", raw: "{\"Records\":".utf8)
            let records: [Result<ObjectNotice, MalformedNotice>] = [
                .failure(broken), .success(created("a", "v1")), .failure(broken),
            ]
            let outcome = try await store.intake.take(records, from: .sqs)
            #expect(outcome.malformed == 1 && outcome.observed == 1 && outcome.repeated == 1)
            #expect(try await store.intake.take(records, from: .push).malformed == 0)
            let summary = try await StoreSummary.read(store.projector.database)
            #expect(summary.quarantine == ["malformed-notice": 1])
            let event = try await store.log.read(after: 0).first { $0.type == EventType.objectQuarantined.rawValue }
            let kept = try #require(try event?.decode(ObjectQuarantined.self))
            #expect(kept.raw == "{\"Records\":")
        }
    }

    @Test("other buckets, folder markers and what no pattern takes are left out")
    func filter() async throws {
        let store = try BucketStore(include: [GlobPattern("*.jpg")].compactMap(\.self))
        try await store.whileFollowing {
            var elsewhere = created("a.jpg", "v")
            elsewhere.bucket = "others"
            var marker = created("folder.jpg/", "v")
            marker.size = 0
            let notices = [elsewhere, marker, created("a.png", "v"), created("a.jpg", "v")]
            let outcome = try await store.intake.take(notices.map { .success($0) }, from: .sqs)
            #expect(outcome.leftOut == 3 && outcome.observed == 1)
        }
    }
}
