import Events
import Intake
import Projections
import TestSupport
import Testing

@Suite("A listing beside the known keys", .timeLimit(.minutes(2)))
struct ListingComparisonTests {
    /// Keys whose order by characters, by code units and by bytes differs.
    private static let odd = [
        "a", "a/", "a/b", "a-b", "a.b", "a b", "B", "é", "e\u{301}", "z", "\u{FFFD}", "\u{1F600}", "\u{7F}", "~", "%41",
        "a+b", "//", "a//b", "..", "a/../b", "日本", "ﬀ",
    ]

    @Test("finds what is new, changed and gone, page by page, whatever the keys", arguments: 1...6)
    func merges(seed: UInt64) async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            var random = SeededGenerator(seed: seed)
            let keys = Self.odd + (0..<300).map { "k/\($0)" }
            let known = keys.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
            let there = keys.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
            let first = known.map { listed($0, "v1") }
            _ = try await store.intake.take(listed: first, missing: [], askedAt: later())
            let changed = there.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }.map { ExactKey($0) }
            let listing = there.map { key in listed(key, changed.contains(ExactKey(key)) ? "v2" : "v1") }
                .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }

            var comparison = ListingComparison(store.catalog, bucket: "flights", prefix: "", after: nil)
            var found: [String: Set<ExactKey>] = [:]
            var rest = listing[...]
            repeat {
                let page = Array(rest.prefix(Int.random(in: 1...40, using: &random)))
                rest = rest.dropFirst(page.count)
                for difference in try await comparison.compare(page, isLast: rest.isEmpty) {
                    switch difference {
                    case .new(let object): found["new", default: []].insert(ExactKey(object.key))
                    case .changed(let object, _): found["changed", default: []].insert(ExactKey(object.key))
                    case .same(let object): found["same", default: []].insert(ExactKey(object.key))
                    case .missing(let key): found["missing", default: []].insert(ExactKey(key))
                    }
                }
            } while !rest.isEmpty

            let (before, now) = (Set(known.map { ExactKey($0) }), Set(there.map { ExactKey($0) }))
            #expect(!comparison.isUnsorted)
            #expect(found["new"] == now.subtracting(before))
            #expect(found["missing"] == before.subtracting(now))
            #expect(found["changed"] == now.intersection(before).intersection(changed))
            #expect(found["same"] == now.intersection(before).subtracting(changed))
        }
    }

    @Test("of a server that lists in no order nothing is taken for gone, and all that is new is found")
    func unsorted() async throws {
        let store = try BucketStore()
        try await store.whileFollowing {
            _ = try await store.intake.take(
                listed: ["a", "m", "z"].map { listed($0, "v1") },
                missing: [],
                askedAt: later()
            )
            var comparison = ListingComparison(
                store.catalog,
                bucket: "flights",
                prefix: "",
                after: nil,
                trustsOrder: false
            )
            var differences = try await comparison.compare([listed("x", "v1"), listed("z", "v1")], isLast: false)
            differences += try await comparison.compare([listed("a", "v1"), listed("b", "v1")], isLast: true)
            #expect(comparison.isUnsorted)
            #expect(
                !differences.contains {
                    if case .missing = $0 { true } else { false }
                }
            )
            let named = differences.compactMap { difference in
                if case .changed(let object, _) = difference { object.key } else { nil as String? }
            }
            #expect(Set(named).isSuperset(of: ["a", "b"]))
        }
    }

    @Test("starts after the highest key that was known long enough ago, with few marks however many looks there were")
    func marks() throws {
        var marks = ListingMarks()
        let lookBack = Duration.seconds(100)
        #expect(marks.start(now: moment(0), lookBack: lookBack) == nil)
        for second in 0..<1_000 {
            marks.note("k\(10_000 + second)", at: moment(second), lookBack: lookBack)
            #expect(marks.marks.count <= ListingMarks.limit)
        }
        let start = try #require(marks.start(now: moment(1_000), lookBack: lookBack))
        #expect(start <= "k10900" && start > "k10800")
        #expect(ListingMarks(json: marks.json.bytes) == marks)
        #expect(ListingMarks(json: Array("{}".utf8))?.marks.isEmpty != false)
        #expect(ListingMarks(json: Array("nonsense".utf8)) == nil)
    }
}
