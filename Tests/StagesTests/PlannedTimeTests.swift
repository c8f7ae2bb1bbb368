import EventLog
import Events
import Files
import Imaging
import Projections
import Stages
import TestSupport
import Testing

@Suite("A plan tells the time that this store's own derivations took, for so many pixels", .timeLimit(.minutes(2)))
struct PlannedTimeTests {
    /// An image, and how long it took to cut it: numbers that binary fractions hold, so that sums are exact.
    private struct Frame {
        let name: String
        let width: Int
        let height: Int
        let seconds: Double

        var pixels: Int { width * height }
        var content: Digest { Digest(of: name.utf8) }
    }

    private static let frames = [
        Frame(name: "a", width: 4_000, height: 3_000, seconds: 1.5),
        Frame(name: "b", width: 800, height: 600, seconds: 0.25),
        Frame(name: "c", width: 4_000, height: 3_000, seconds: 2.5),
        Frame(name: "d", width: 1_024, height: 1_024, seconds: 0.5),
        Frame(name: "e", width: 640, height: 480, seconds: 0.125),
        Frame(name: "f", width: 8_000, height: 6_000, seconds: 6),
    ]

    private let store: TellingStore
    private let paths: StorePaths
    private let flights: String

    init() throws {
        store = try TellingStore("planned-time")
        paths = StorePaths(root: store.scratch.path)
        flights = try store.scratch.directory("flights/site")
        for frame in Self.frames {
            try writeAtomically(Array(repeating: 0, count: 10), to: "\(flights)/\(frame.name).png")
        }
    }

    private func recipe(_ settings: [TilingSettings.Name: String]) throws -> Recipe {
        var tiling = TilingSettings()
        for (name, text) in settings { try tiling.set(name, to: text) }
        return Recipe(engineRevision: Imaging.engineRevision, settings: tiling.values)
    }

    private func happen(_ events: [ProposedEvent]) async throws {
        try await store.log.append(events)
        try await store.projector.catchUp()
    }

    private func arrive(_ frames: some Sequence<Frame>) async throws {
        try await happen(
            frames.flatMap { frame in
                let observed = ObjectObserved(
                    source: "folder",
                    bucket: store.scratch.file("flights"),
                    key: "site/\(frame.name).png",
                    version: "1",
                    size: 10,
                    modifiedAt: nil
                )
                let stream = StreamName.object(observed.objectID)
                return [
                    ProposedEvent(observed, stream: stream),
                    ProposedEvent(ObjectFetched(sha256: frame.content, bytes: 10, kept: "none"), stream: stream),
                ]
            }
        )
    }

    private func cut(_ frames: some Sequence<Frame>, by recipe: Recipe, slower factor: Double = 1) async throws {
        try await happen(
            frames.map { frame in
                let completed = DerivationCompleted(
                    sourceSHA256: frame.content,
                    recipe: recipe.digest,
                    tiles: 0,
                    tileBytes: 0,
                    width: frame.width,
                    height: frame.height,
                    indexBytes: 1,
                    indexSHA256: frame.content,
                    indexMD5: hex(frame.content.bytes.prefix(16)),
                    seconds: frame.seconds * factor
                )
                return ProposedEvent(
                    completed,
                    stream: .derivation(Identity.derivation(source: frame.content, recipe: recipe.digest))
                )
            }
        )
    }

    private func plan(_ recipe: Recipe, workers: Int) async throws -> ReprocessPlan {
        try await ReprocessPlanner(catalog: store.catalog, paths: paths, workers: workers)
            .plan(recipe, scope: ReprocessScope())
    }

    @Test(
        "the pixels that are to be cut, by those that were cut in a second, for the images that are cut at once",
        arguments: [(1, 1.0), (2, 2.0), (6, 2.0), (9, 3.0), (90, 6.0)]
    )
    func rate(workers: Int, atOnce: Double) async throws {
        let (old, new) = (try recipe([.tileSize: "256"]), try recipe([.tileSize: "128"]))
        try await happen([ProposedEvent(RecipeAdopted(recipe: old), stream: .recipe)])
        #expect(try await plan(new, workers: workers).seconds == 0, "there is nothing to cut")
        try await arrive(Self.frames)
        #expect(try await plan(new, workers: workers).seconds == nil, "nothing was measured")
        try await cut(Self.frames, by: old)
        let planned = try await plan(new, workers: workers)
        let (pixels, seconds) = Self.sums(Self.frames)
        #expect(planned.toCut == Self.frames.count && planned.pixels == pixels && !planned.isMeasured)
        // Never more at once than there are.
        #expect(planned.pixelsPerSecond == Double(pixels) / seconds * atOnce)
        #expect(Self.isSame(planned.seconds, seconds / atOnce))
    }

    @Test("once the recipe itself was applied, its own rate is what counts, and what was cut by it takes no time")
    func ownRate() async throws {
        let (old, new) = (try recipe([.tileSize: "256"]), try recipe([.tileSize: "128"]))
        try await happen([ProposedEvent(RecipeAdopted(recipe: old), stream: .recipe)])
        try await arrive(Self.frames)
        try await cut(Self.frames, by: old)
        let (done, left) = (Self.frames.prefix(2), Self.frames.dropFirst(2))
        try await happen([ProposedEvent(ReprocessRequested(recipe: new), stream: .generation("g"))])
        try await cut(done, by: new, slower: 8)
        let planned = try await plan(new, workers: 2)
        #expect(planned.isMeasured && planned.toLink == 2 && planned.toCut == 4)
        let (pixels, seconds) = Self.sums(done)
        let rate = Double(pixels) / (8 * seconds)
        #expect(planned.pixelsPerSecond == rate * 2)
        #expect(Self.isSame(planned.seconds, Double(Self.sums(left).pixels) / (rate * 2)))
    }

    @Test("another kind of tile is measured by derivations of its kind where there are some, else by all")
    func nearest() async throws {
        let (png, jpeg) = (try recipe([.tileSize: "256"]), try recipe([.tileFormat: "jpeg", .tileSize: "256"]))
        try await happen([ProposedEvent(RecipeAdopted(recipe: png), stream: .recipe)])
        try await arrive(Self.frames)
        try await cut(Self.frames, by: png)
        let (pixels, seconds) = Self.sums(Self.frames)
        #expect(try await plan(jpeg, workers: 1).pixelsPerSecond == Double(pixels) / seconds)
        try await happen([ProposedEvent(ReprocessRequested(recipe: jpeg), stream: .generation("g"))])
        try await cut(Self.frames.prefix(3), by: jpeg, slower: 0.5)
        let few = Self.sums(Self.frames.prefix(3))
        let other = try recipe([.tileFormat: "jpeg", .tileSize: "512"])
        #expect(try await plan(other, workers: 1).pixelsPerSecond == Double(few.pixels) / (few.seconds / 2))
    }

    @Test("what is applied takes what was planned, where the images take what they took")
    func applied() async throws {
        let (old, new) = (try recipe([.tileSize: "256"]), try recipe([.tileSize: "128"]))
        try await happen([ProposedEvent(RecipeAdopted(recipe: old), stream: .recipe)])
        try await arrive(Self.frames)
        try await cut(Self.frames, by: old)
        let planned = try await plan(new, workers: 2)
        let before = store.log.headPosition
        try await happen([ProposedEvent(ReprocessRequested(recipe: new), stream: .generation("g"))])
        #expect(try await store.catalog.generation("g")?.waiting == planned.toCut)
        try await cut(Self.frames, by: new)
        var took = 0.0
        for position in (before + 1)...store.log.headPosition {
            guard let event = try await store.log.event(at: position) else { continue }
            if event.type == EventType.derivationCompleted.rawValue {
                took += try event.decode(DerivationCompleted.self).seconds
            }
        }
        #expect(took > 0 && Self.isSame(planned.seconds, took / 2), "two are cut at once")
    }

    private static func sums(_ frames: some Sequence<Frame>) -> (pixels: Int, seconds: Double) {
        frames.reduce(into: (0, 0)) {
            $0.0 += $1.pixels
            $0.1 += $1.seconds
        }
    }

    /// But for what rounding leaves.
    private static func isSame(_ one: Double?, _ other: Double) -> Bool {
        one.map { abs($0 - other) <= 1e-9 * other } ?? false
    }
}
