import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// An agent that is killed again and again must end where one that was left alone ends.
@Suite
struct KilledAtAnyInstantTests {
    private static let kills = 50
    private static let tileSizes = [64, 80, 48, 96]

    @Test(.timeLimit(.minutes(20)))
    func aKilledAgentEndsWhereAnUndisturbedOneDoes() async throws {
        let scratch = try Scratch("kill")
        try await Receiver.whileRunning(in: scratch) { receiver in
            var calm = try Store("calm", in: scratch, webhook: receiver.address("calm"))
            var killed = try Store("killed", in: scratch, webhook: receiver.address("killed"))
            var source = try await SourceFolder("survey", in: scratch, frames: 150, seed: 11)
            var killer = Killer(seed: 2)
            var round = 0
            while killer.kills < Self.kills {
                try change(&source, round)
                let more = [
                    "--tile-size", "\(Self.tileSizes[round % 4])", "--tile-overlap", "8", "--on-remove", "withdraw",
                ]
                let start = ContinuousClock.now
                try await finish(&calm, source, more)
                let longest = Int((ContinuousClock.now - start) / .milliseconds(1))
                try await killer.disturb(&killed, killed.ingest(source.path, more), longest: longest)
                try await finish(&killed, source, more)
                try await expectSameDatasets(calm, killed)
                round += 1
            }
            for moment in KillMoment.allCases {
                #expect(killer.hits[moment, default: 0] > 0, "no kill while \(moment.rawValue): the test lost its aim")
            }
            try await expectSameContents(calm, killed)
            try await expectOneCommitAnIntent(calm)
            try await expectOneCommitAnIntent(killed)
            try await expectOneNotificationACommit(killed, receiver.requests("killed"), killed: killer.killedRuns)
            try await expectSound(killed)
            try await expectViewsAsRebuilt(killed)
        }
    }

    private func change(_ source: inout SourceFolder, _ round: Int) throws {
        if round == 0 {
            try source.add(200)
            try source.addBad()
        } else {
            try source.replace(25)
            try source.remove(10)
            try source.add(15)
        }
    }

    private func finish(_ store: inout Store, _ source: SourceFolder, _ more: [String]) async throws {
        let outcome = try await store.next().run(store.ingest(source.path, more))
        #expect(!outcome.wasSignalled)
        // There are bad files, but only the first run that ends meets them.
        #expect(outcome.status == 3 || outcome.status == 0, "\(outcome.errorText)")
        #expect(outcome.errorText == "")
    }

    /// Compares what both stores call their newest dataset versions.
    private func expectSameDatasets(_ calm: Store, _ killed: Store) async throws {
        let (one, other) = (try await calm.status(), try await killed.status())
        for name in ["objects", "quarantine", "derivations", "tiles", "tile_bytes", "pixels"] {
            let (expected, found) = (figures(one[name]), figures(other[name]))
            #expect(!expected.isEmpty && expected == found, "\(name): \(expected) and \(found)")
        }
        #expect(try manifests(one) == manifests(other))
        #expect(try manifests(one).count == 4)
    }

    /// A number, or numbers by name.
    private func figures(_ value: Any?) -> [String: Int] {
        (value as? [String: Int]) ?? (value as? Int).map { ["": $0] } ?? [:]
    }

    private func manifests(_ status: [String: Any]) throws -> [String: String] {
        let datasets = try #require(status["datasets"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: datasets.compactMap { dataset in
                guard let partition = dataset["partition"] as? String, let manifest = dataset["manifest"] as? String
                else { return nil }
                return (partition, manifest)
            }
        )
    }

    private func expectSameContents(_ calm: Store, _ killed: Store) async throws {
        func tree(_ store: Store) async throws -> [String: String] {
            let files = try JSONDecoder().decode([String: String].self, from: try await look("tree", store.dataset))
            // A pointer names log positions, which a kill moves on; its manifest is compared below. Each log has its key.
            return files.filter { !$0.key.hasSuffix(".dvc") && $0.key != "log.pub" }
        }
        let (one, other) = (try await tree(calm), try await tree(killed))
        #expect(one.count > 1_000)
        #expect(one == other)
        #expect(one.keys.filter { $0.hasSuffix("/tiles.jsonl") }.count > 150)

        let (before, after) = (try await calm.events(), try await killed.events())
        #expect(Derivations(before) == Derivations(after))
        #expect(Derivations(after).tiles.count > 300)

        let versions = Set(before.filter { $0.type == "DatasetCommitted" }.compactMap(\.payload.manifest))
        #expect(versions == Set(after.filter { $0.type == "DatasetCommitted" }.compactMap(\.payload.manifest)))
        #expect(versions.count >= 4)
        for manifest in versions {
            let name = ".dvc/cache/files/md5/\(manifest.prefix(2))/\(manifest.dropFirst(2))"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(calm.dataset)/\(name)"))
            #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: "\(killed.dataset)/\(name)")))
        }
    }

    private func expectOneCommitAnIntent(_ store: Store) async throws {
        let events = try await store.events()
        let intents = events.filter { $0.type == "DatasetCommitStarted" }.compactMap(\.payload.commitID)
        let receipts = events.filter { $0.type == "DatasetCommitted" }
        #expect(Set(intents).count == intents.count)
        #expect(receipts.compactMap(\.payload.commitID).sorted() == intents.sorted())
        let git = try Tool("git", install: "apt-get install git", in: store.dataset)
        let format = "%(trailers:key=Swathlog-Commit,valueonly,separator=%x20) %H"
        let commits = try await git.check(["log", "--all", "--format=\(format)"]).text.split(separator: "\n").map(
            String.init
        )
        let named = commits.filter { !$0.hasPrefix(" ") }
        let recorded = receipts.map { "\($0.payload.commitID ?? "") \($0.payload.gitCommit ?? "")" }
        #expect(named.sorted() == recorded.sorted())
        // What is left is the repository's set-up.
        #expect(commits.count == named.count + 1)
        #expect(try await git.check(["status", "--porcelain"]).text == "")
    }

    private func expectOneNotificationACommit(
        _ store: Store,
        _ requests: [Receiver.Request],
        killed: Set<Int>
    ) async throws {
        let events = try await store.events()
        let commits = events.filter { $0.type == "DatasetCommitted" }.compactMap(\.payload.commitID)
        let queued = events.filter { $0.type == "NotificationQueued" }
        #expect(queued.compactMap(\.payload.subject).sorted() == commits.sorted())
        let ids = queued.map { String($0.stream.dropFirst("notification/".count)) }
        #expect(Set(ids).count == commits.count)
        let delivered = events.filter { $0.type == "NotificationDelivered" }.map(\.stream)
        #expect(delivered.sorted() == queued.map(\.stream).sorted())
        #expect(Set(requests.map(\.id)) == Set(ids))
        // A repetition has the same id and the same bytes.
        #expect(Set(requests.map { [$0.id, $0.body] }).count == ids.count)
        // Each but the last sender of an id was killed, and sent it once: one repetition for each kill, and no other.
        let senders = Dictionary(grouping: requests, by: \.id).mapValues { $0.map(\.run) }
        for (id, runs) in senders {
            #expect(Set(runs).count == runs.count && runs == runs.sorted(), "\(id) by \(runs)")
            #expect(killed.isSuperset(of: runs.dropLast()), "\(id) was told again after its receipt: \(runs)")
        }
        let repetitions = requests.count - ids.count
        #expect(repetitions > 0, "no kill between an answer and its receipt: the test lost its aim")
    }

    private func expectViewsAsRebuilt(_ store: Store) async throws {
        let folded = try await tables("\(store.path)/projections.db")
        for suffix in ["", "-wal", "-shm"] where store.exists("projections.db\(suffix)") {
            try FileManager.default.removeItem(atPath: "\(store.path)/projections.db\(suffix)")
        }
        let replay = try await store.ask("replay")
        #expect(replay.status == 0, "\(replay.errorText)")
        let rebuilt = try await tables("\(store.path)/projections.db")
        #expect(folded.keys == rebuilt.keys)
        for name in folded.keys.sorted() { #expect(folded[name] == rebuilt[name], "\(name)") }
    }

    private func expectSound(_ store: Store) async throws {
        let audit = try await store.ask("audit", "verify")
        #expect(audit.status == 0, "\(audit.text)")
        for name in ["log.db", "projections.db"] {
            let found = try JSONDecoder().decode(
                [String].self,
                from: try await look("integrity", "\(store.path)/\(name)")
            )
            #expect(found == ["ok"], "\(name)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(store.path)/spool") == [])
        for directory in [store.path, store.remote] {
            let left = try JSONDecoder().decode([String].self, from: try await look("leftovers", directory))
            // The guard of DVC's path locks stays, as it does after a dvc.
            let unfinished = left.filter { $0 != "owner.lock" && $0 != "dataset/.dvc/tmp/rwlock.lock" }
            #expect(unfinished == [], "\(directory)")
        }
    }
}

/// Starts a program and kills it, until enough is killed or the program gets to its end.
private struct Killer {
    private static let killsARound = 12

    private var seeded: SeededGenerator
    /// The runs that were killed.
    private(set) var killedRuns: Set<Int> = []
    var kills: Int { killedRuns.count }
    private(set) var hits: [KillMoment: Int] = [:]

    init(seed: UInt64) {
        seeded = SeededGenerator(seed: seed)
    }

    mutating func disturb(_ store: inout Store, _ arguments: [String], longest: Int) async throws {
        for _ in 0..<Self.killsARound {
            // What was hit least often comes next.
            let moment = KillMoment.allCases.shuffled(using: &seeded).min {
                hits[$0, default: 0] < hits[$1, default: 0]
            }
            guard let moment else { return }
            let running = try store.next().start(arguments)
            let isTime = try await moment.wait(for: running, in: store, longest: longest / 2, using: &seeded)
            running.signal(SIGKILL)
            let outcome = try await running.outcome()
            guard isTime, outcome.wasSignalled else { return }
            hits[moment, default: 0] += 1
            killedRuns.insert(store.runs)
        }
    }
}

/// What was derived: every derivation with its tiles' names and digests.
private struct Derivations: Equatable {
    var tiles: [String: [String]] = [:]

    init(_ events: [LoggedEvent]) {
        for event in events where event.type == "TileWritten" {
            let payload = event.payload
            tiles[event.stream, default: []].append(
                "\(payload.name ?? "") \(payload.sha256 ?? "") \(payload.md5 ?? "")"
            )
        }
        for event in events where event.type == "DerivationCompleted" {
            tiles[event.stream, default: []].append("completed \(event.payload.indexSHA256 ?? "")")
        }
    }
}
