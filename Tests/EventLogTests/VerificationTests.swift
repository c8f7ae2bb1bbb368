import EventLog
import Events
import Foundation
import GRDB
import Testing

@Suite("A verification finds all that was changed", .timeLimit(.minutes(10)))
struct VerificationTests {
    /// What a verification has to say, recomputed row by row.
    private struct Expectation {
        var problems: [String] = []
        var roots: [Int: Digest] = [:]
        var tree = MerkleTree()

        mutating func note(_ position: Int, _ message: String) {
            problems.append("\(position): \(message)")
        }
    }

    @Test("pages that are read side by side tell the same as one row after the other, whatever was damaged")
    func randomDamage() async throws {
        let store = try TestLog()
        let log = try store.open()
        // More than are read at once, and a last page that is not full.
        let count = 5 * EventLog.pageSize + 77
        for start in stride(from: 1, through: count, by: 1_000) {
            try await log.append((start...min(count, start + 999)).map { event($0) })
        }
        try log.close()
        var damaged = 0
        let untouched = try Data(contentsOf: URL(filePath: store.path))
        for seed in 0..<16 as Range<UInt64> {
            try untouched.write(to: URL(filePath: store.path))
            let damages = try damage(store.path, count: count, seed: seed)
            let sizes = Set([1, 255, 256, 4_096, 4_097, 12_288, 12_289, count / 2, count])
            let expected = try await expectation(store, sizes: sizes)
            let reader = try store.openForReading()
            let found = try await reader.verify(rootsAt: sizes)
            try reader.close()
            let what = Comment(rawValue: "seed \(seed): \(damages.joined(separator: "; "))")
            let problems = found.problems.map { "\($0.position): \($0.message)" }
            #expect(problems == Array(expected.problems.prefix(100)), what)
            #expect(found.problemCount == expected.problems.count, what)
            // To cut off the end is no damage that the log alone can show.
            if seed == 0 { #expect(expected.problems.isEmpty) } else { damaged += expected.problems.isEmpty ? 0 : 1 }
            #expect(found.head == TreeHead(size: expected.tree.size, root: expected.tree.root), what)
            #expect(found.roots == expected.roots, what)
            #expect(found.unreadableFrom == nil, what)
        }
        #expect(damaged > 12)
    }

    @Test("a row before the first event is no event, and is told of", arguments: [0, 3])
    func beforeTheFirst(start: Int) async throws {
        let store = try TestLog()
        let log = try store.open()
        try await log.append((1...5).map { event($0) })
        try log.close()
        try DatabaseQueue(path: store.path).inDatabase { database in
            let triggers = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for trigger in triggers { try database.execute(sql: "DROP TRIGGER \(trigger)") }
            try database.execute(sql: "CREATE TEMP TABLE forged AS SELECT * FROM events WHERE position = 5")
            try database.execute(
                sql: "UPDATE forged SET position = -5, revision = 99, event_id = randomblob(16), correlation = NULL"
            )
            try database.execute(sql: "INSERT INTO events SELECT * FROM forged")
        }
        let reader = try store.openForReading()
        let found = try await reader.verify(rootsAt: [], after: start)
        #expect(found.problems.map(\.position) == [-5] && found.problemCount == 1)
        #expect(try await reader.events(of: .agent).map(\.position) == [1, 2, 3, 4, 5])
    }

    @Test("what follows a proven beginning is verified alone")
    func afterStart() async throws {
        let store = try TestLog()
        let log = try store.open()
        for _ in 0..<5 { try await log.append((1...2_000).map { event($0) }) }
        let head = try #require(log.treeHead)
        try log.close()
        let whole = try await store.openForReading().verify(rootsAt: [10_000])
        for start in [0, 1, 300, 4_096, 9_999, 10_000] {
            let rest = try await store.openForReading().verify(rootsAt: [10_000], after: start)
            #expect(rest == whole && rest.head == head)
        }
    }

    /// Changes a log as `seed` has it; says what was done.
    private func damage(_ path: String, count: Int, seed: UInt64) throws -> [String] {
        var generator = SplitMix(state: seed &+ 1)
        var done: [String] = []
        try DatabaseQueue(path: path).inDatabase { database in
            let triggers = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for trigger in triggers { try database.execute(sql: "DROP TRIGGER \(trigger)") }
            // The first log is sound.
            for _ in 0..<Int(seed) {
                let position = Int.random(in: 1...count, using: &generator)
                let node = Int.random(in: 0..<count >> 8, using: &generator)
                let sql =
                    switch Int.random(in: 0..<8, using: &generator) {
                    case 0: "UPDATE events SET payload = '{}' WHERE position = \(position)"
                    case 1: "UPDATE events SET leaf = randomblob(32) WHERE position = \(position)"
                    case 2: "UPDATE events SET recorded_at = recorded_at + 1 WHERE position = \(position)"
                    case 3: "UPDATE events SET type = 'x\"y' WHERE position = \(position)"
                    case 4: "DELETE FROM events WHERE position = \(position)"
                    case 5: "DELETE FROM events WHERE position BETWEEN \(position) AND \(position + position % 5_000)"
                    case 6: "UPDATE merkle_nodes SET hash = randomblob(32) WHERE number = \(node)"
                    default: "UPDATE OR IGNORE events SET position = position + 1000000 WHERE position = \(position)"
                    }
                try database.execute(sql: sql)
                if database.changesCount > 0 { done.append(sql) }
            }
        }
        return done
    }

    private func expectation(_ store: TestLog, sizes: Set<Int>) async throws -> Expectation {
        let reader = try store.openForReading()
        let (salts, leaves, nodes) = try DatabaseQueue(path: store.path).read { database in
            (
                try Data.fetchAll(database, sql: "SELECT salt FROM events ORDER BY position"),
                try Data.fetchAll(database, sql: "SELECT leaf FROM events ORDER BY position"),
                try Row.fetchAll(database, sql: "SELECT level, number, hash FROM merkle_nodes")
            )
        }
        var stored: [[Int]: Data] = [:]
        for node in nodes { stored[[node[0], node[1]]] = node[2] }
        var expected = Expectation()
        var last = 0
        for (index, event) in try await all(reader).enumerated() {
            let position = event.position
            if position != last + 1 {
                expected.note(
                    last + 1,
                    "events \(last + 1) to \(position - 1) are missing: rows were deleted or renumbered"
                )
            }
            last = position
            let leaf = MerkleLeaf.hash(of: event, salt: Array(salts[index]))
            if Array(leaves[index]) != leaf.bytes {
                let what = "the event (\(event.type) on \(event.stream)) is not what was appended: its leaf differs"
                expected.note(position, what)
            }
            for node in expected.tree.append(leaf) where stored[[node.level, node.number]] != Data(node.hash.bytes) {
                let first = node.number << node.level + 1
                expected.note(
                    position,
                    "the stored tree node over events \(first) to \(position) does not fit them"
                )
            }
            if sizes.contains(expected.tree.size) { expected.roots[expected.tree.size] = expected.tree.root }
        }
        try reader.close()
        return expected
    }
}

/// Random numbers that are the same on every run (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
