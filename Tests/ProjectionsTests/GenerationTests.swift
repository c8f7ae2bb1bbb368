import EventLog
import Events
import GRDB
import Projections
import TestSupport
import Testing

@Suite("A generation is derived beside the current one, and takes its place at once")
struct GenerationTests {
    let store: TestStore
    let projector: Projector
    let catalog: CatalogReader
    let one = Happening.object("site/a.jpg")
    let other = Happening.object("yard/b.jpg")

    init() throws {
        store = try TestStore()
        projector = try store.projector([Catalog()])
        catalog = CatalogReader(projector.database)
    }

    /// Two objects of two partitions in the dataset, cut by 512 pixels.
    private func begin() async throws {
        try await happen([Happening.adopted(512), Happening.observed(one), Happening.fetched(one, "A")])
        try await happen([Happening.observed(other), Happening.fetched(other, "B")])
        try await happen(Happening.derived("A", 512) + Happening.derived("B", 512))
        try await commitAll(512)
    }

    @Test("nothing of it is in the dataset before all of it is")
    func beside() async throws {
        try await begin()
        try await happen([requested("g", 256)])
        let asked = ["A", "B"].map { "rederiving \(derivation($0, 256))" }.sorted()
        #expect(try await items() == ["cutting-over g"] + asked)
        #expect(try await catalog.recipeToCome() == Happening.recipe(256))
        #expect(try await catalog.currentRecipe() == Happening.recipe(512))
        try await happen(Happening.derived("A", 256))
        #expect(try await files("site") == tiles("a.jpg", "A", 512))
        #expect(try await !catalog.isReadyToCutOver())
        #expect(try await catalog.generation("g")?.waiting == 1)
        try await happen(Happening.derived("B", 256))
        #expect(try await catalog.isReadyToCutOver())
        #expect(try await items() == ["cutting-over g"], "no version is made of a part")
        let before = store.log.headPosition
        try await happen([cutOver("g", 256)])
        #expect(try await items() == ["versioning site", "versioning yard"])
        #expect(try await files("site") == tiles("a.jpg", "A", 256))
        #expect(try await files("yard") == tiles("b.jpg", "B", 256))
        #expect(try await files("yard", at: before) == tiles("b.jpg", "B", 512))
        #expect(try await catalog.partition("site")?.recipe == Happening.recipe(256).digest)
        #expect(try await catalog.currentRecipe() == Happening.recipe(256))
        #expect(try await catalog.generation("g")?.state == .cutOver)
    }

    @Test("an object that comes meanwhile enters the current generation, and the next one before the cut")
    func arrival() async throws {
        try await begin()
        let (new, late) = (Happening.object("site/c.jpg"), Happening.object("site/d.jpg"))
        try await happen([requested("g", 256), Happening.observed(new), Happening.fetched(new, "C")])
        try await happen(Happening.derived("A", 256) + Happening.derived("B", 256))
        #expect(try await catalog.isReadyToCutOver(), "what is not in the dataset yet holds up nothing")
        try await happen(Happening.derived("C", 512))
        #expect(try await files("site") == tiles("a.jpg", "A", 512) + tiles("c.jpg", "C", 512))
        #expect(try await items().contains("versioning site"), "the current generation goes on")
        #expect(try await !catalog.isReadyToCutOver())
        try await happen(Happening.derived("C", 256))
        #expect(try await catalog.isReadyToCutOver())
        try await happen([Happening.observed(late), Happening.fetched(late, "D"), cutOver("g", 256)])
        #expect(try await files("site") == tiles("a.jpg", "A", 256) + tiles("c.jpg", "C", 256))
        #expect(try await items().filter { $0.hasPrefix("tiling") } == ["tiling \(derivation("D", 256))"])
        #expect(try await !catalog.mixesRecipes("site"))
    }

    @Test("a version that is replaced or removed meanwhile is not waited for")
    func endedMeanwhile() async throws {
        try await begin()
        let new = Happening.object("site/a.jpg", 2)
        try await happen([requested("g", 256), Happening.removed(other, "withdraw")])
        try await happen([Happening.observed(new), Happening.fetched(new, "C")] + Happening.derived("C", 512))
        #expect(try await items().filter { $0.hasPrefix("rederiving") } == ["rederiving \(derivation("C", 256))"])
        try await happen(Happening.derived("C", 256) + [cutOver("g", 256)])
        #expect(try await files("site") == tiles("a.jpg", "C", 256))
        #expect(try await files("yard").isEmpty)
    }

    @Test("what can't be cut under the new recipe stays until the cut, and leaves with it")
    func failed() async throws {
        try await begin()
        try await happen([requested("g", 256), failed("A", 256)] + Happening.derived("B", 256))
        #expect(try await files("site") == tiles("a.jpg", "A", 512))
        #expect(try await catalog.object(one.objectID)?.state == "derived")
        #expect(try await catalog.failedSuccessors().map(\.object.id) == [one.objectID])
        #expect(try await catalog.isReadyToCutOver())
        try await happen([Happening.quarantined(one), cutOver("g", 256)])
        #expect(try await files("site").isEmpty)
        #expect(try await catalog.object(one.objectID)?.state == "quarantined")
    }

    @Test(
        "cancelled, it leaves the dataset as it was, and its files are to be swept; asked for again, it is made again"
    )
    func cancelled() async throws {
        try await begin()
        let before = try await items()
        try await happen([requested("g", 256)] + Happening.derived("A", 256) + [cancelled("g")])
        #expect(try await items() == before + ["sweeping g"])
        #expect(try await catalog.discardedFiles(of: "g").count == 3)
        #expect(try await files("site") == tiles("a.jpg", "A", 512))
        #expect(try await catalog.generation("g")?.state == .cancelled)
        // While the sweep is under way, what it may remove does not count as there.
        try await happen([requested("h", 256)])
        #expect(try await catalog.discardedFiles(of: "g").isEmpty)
        #expect(try await items().contains("rederiving \(derivation("A", 256))"))
        try await happen([ProposedEvent(GenerationSwept(files: 0, bytes: 0), stream: .generation("g"))])
        try await happen(Happening.derived("A", 256) + Happening.derived("B", 256) + [cutOver("h", 256)])
        #expect(try await files("site") == tiles("a.jpg", "A", 256))
    }

    @Test("files that a dataset version has are not swept with a cancelled generation")
    func sharedFiles() async throws {
        try await begin()
        try await happen([requested("g", 256)] + Happening.derived("A", 256) + Happening.derived("B", 256))
        try await happen([cutOver("g", 256)])
        try await happen([requested("h", 512), cancelled("h")])
        #expect(try await catalog.discardedFiles(of: "h").isEmpty)
        #expect(try await items().allSatisfy { !$0.hasPrefix("sweeping") })
    }

    @Test("a second one waits for the first, whether that is cut over or cancelled", arguments: [true, false])
    func queue(isCancelled: Bool) async throws {
        try await begin()
        try await happen([requested("g", 256), requested("h", 128)])
        #expect(try await catalog.generations().map(\.state) == [.deriving, .queued])
        #expect(try await catalog.recipeToCome() == Happening.recipe(128))
        try await happen(Happening.derived("A", 256) + Happening.derived("B", 256))
        try await happen([isCancelled ? cancelled("g") : cutOver("g", 256)])
        #expect(try await catalog.generation("h")?.state == .deriving)
        let asked = ["A", "B"].map { "rederiving \(derivation($0, 128))" }.sorted()
        #expect(try await items().filter { $0.hasPrefix("rederiving") } == asked)
    }

    @Test("a generation has its versions once each of its partitions was committed after the cut")
    func versions() async throws {
        try await begin()
        #expect(try await catalog.hasVersionsOfLastCutOver(), "there was none")
        try await happen([requested("g", 256)] + Happening.derived("A", 256) + Happening.derived("B", 256))
        try await happen([cutOver("g", 256)])
        #expect(try await !catalog.hasVersionsOfLastCutOver())
        let cut = store.log.headPosition
        try await happen([Happening.commitStarted("n-site", "site", 256, through: cut)])
        try await happen([Happening.committed("n-site", "site")])
        #expect(try await !catalog.hasVersionsOfLastCutOver())
        try await happen([Happening.commitStarted("n-yard", "yard", 256, through: cut)])
        try await happen([Happening.committed("n-yard", "yard")])
        #expect(try await catalog.hasVersionsOfLastCutOver())
    }

    @Test("going back takes what is there: nothing is derived")
    func back() async throws {
        try await begin()
        try await happen([requested("g", 256)] + Happening.derived("A", 256) + Happening.derived("B", 256))
        try await happen([cutOver("g", 256), requested("h", 512)])
        #expect(try await items().filter { $0.hasPrefix("rederiving") }.isEmpty)
        #expect(try await catalog.isReadyToCutOver())
        try await happen([cutOver("h", 512)])
        #expect(try await files("site") == tiles("a.jpg", "A", 512))
    }

    @Test("tiles that are lost keep nothing else from the cut; when they are made again they are those of before")
    func lost() async throws {
        try await begin()
        try await happen([requested("g", 256)] + Happening.derived("A", 256) + Happening.derived("B", 256))
        let before = store.log.headPosition
        try await happen([cutOver("g", 256), requested("h", 512)])
        #expect(try await catalog.derivation(derivation("A", 512))?.succeeding.map(\.id) == [one.objectID])
        try await happen([failed("A", 512, isLost: true)])
        #expect(try await catalog.linkedSuccessors().map(\.id) == [derivation("B", 512)])
        #expect(try await catalog.failedSuccessors().map(\.object.id) == [one.objectID])
        #expect(try await catalog.isReadyToCutOver())
        try await happen([Happening.quarantined(one, stage: "rederiving"), cutOver("h", 512)])
        #expect(try await files("site").isEmpty)
        #expect(try await files("yard") == tiles("b.jpg", "B", 512))
        #expect(try await files("site", at: before) == tiles("a.jpg", "A", 512), "old versions are what they were")
        let candidates = try await catalog.candidates(under: Happening.recipe(512).digest)
        #expect(candidates.first { $0.object == one.objectID }?.target == nil)

        // Its bytes are back: what was lost has to be made again before it stands for the key.
        try await happen([ProposedEvent(ObjectReleased(reason: "object-gone"), stream: .object(one.objectID))])
        #expect(try await items().contains("fetching \(one.objectID)"))
        try await happen([Happening.fetched(one, "A")])
        #expect(try await items().contains("tiling \(derivation("A", 512))"))
        #expect(try await files("site").isEmpty)
        try await happen(Happening.derived("A", 512).suffix(1))
        #expect(try await files("site") == tiles("a.jpg", "A", 512))
        #expect(try await files("site", at: before) == tiles("a.jpg", "A", 512))
    }

    @Test("a generation that needs lost tiles has them made again; that others failed once is no loss")
    func remade() async throws {
        try await begin()
        try await happen([requested("g", 256)] + Happening.derived("A", 256) + Happening.derived("B", 256))
        // What was completed meanwhile did not fail.
        try await happen([failed("A", 256)])
        #expect(try await catalog.failedSuccessors().isEmpty)
        try await happen([cutOver("g", 256), requested("h", 512), failed("A", 512, isLost: true), cancelled("h")])
        try await happen([requested("i", 512)])
        #expect(try await items().filter { $0.hasPrefix("rederiving") } == ["rederiving \(derivation("A", 512))"])
        #expect(try await !catalog.isReadyToCutOver())
        try await happen([failed("A", 512)])
        #expect(try await catalog.failedSuccessors().map(\.reason) == ["encode-failed"])
        try await happen([cancelled("i"), requested("j", 512)] + Happening.derived("A", 512).suffix(1))
        #expect(try await catalog.failedSuccessors().isEmpty)
        #expect(try await catalog.isReadyToCutOver())
        try await happen([cutOver("j", 512)])
        #expect(try await files("site") == tiles("a.jpg", "A", 512))
    }

    @Test("a partition can have a recipe of its own, which its new objects follow")
    func ofOnePartition() async throws {
        try await begin()
        try await happen([requested("g", 256, partitions: ["site"])] + Happening.derived("A", 256))
        #expect(try await catalog.isReadyToCutOver())
        try await happen([cutOver("g", 256)])
        #expect(try await files("site") == tiles("a.jpg", "A", 256))
        #expect(try await files("yard") == tiles("b.jpg", "B", 512))
        let new = [Happening.object("site/n.jpg"), Happening.object("yard/n.jpg")]
        try await happen(new.map(Happening.observed) + new.map { Happening.fetched($0, "N") })
        let tiling = [256, 512].map { "tiling \(derivation("N", $0))" }.sorted()
        #expect(try await items().filter { $0.hasPrefix("tiling") } == tiling)
        #expect(try await catalog.partition("site")?.recipe == Happening.recipe(256).digest)
        #expect(try await catalog.partition("yard")?.recipe == Happening.recipe(512).digest)
        try await happen([Happening.adopted(128)])
        #expect(try await catalog.partition("site")?.recipe == Happening.recipe(128).digest)
    }

    @Test("an incremental one mixes recipes as it goes; cancelled, it takes back what went over")
    func incremental() async throws {
        try await begin()
        let second = Happening.object("site/c.jpg")
        try await happen([Happening.observed(second), Happening.fetched(second, "C")] + Happening.derived("C", 512))
        try await happen([requested("g", 256, prefix: "site/", isIncremental: true)] + Happening.derived("A", 256))
        #expect(try await files("site") == tiles("a.jpg", "A", 256) + tiles("c.jpg", "C", 512))
        #expect(try await !catalog.mixesRecipes("site"), "it was asked for, and holds nothing up")
        try await happen([cancelled("g")])
        #expect(try await files("site") == tiles("a.jpg", "A", 512) + tiles("c.jpg", "C", 512))
        try await happen([requested("h", 256, prefix: "site/c", isIncremental: true)])
        try await happen(Happening.derived("C", 256) + [cutOver("h", 256)])
        #expect(try await files("site") == tiles("a.jpg", "A", 512) + tiles("c.jpg", "C", 256))
        #expect(try await catalog.currentRecipe() == Happening.recipe(512), "a part has no recipe of its own")
    }

    private func requested(
        _ id: String,
        _ size: Int,
        partitions: [String] = [],
        prefix: String? = nil,
        isIncremental: Bool = false
    ) -> ProposedEvent {
        Happening.requested(id, size, partitions: partitions, prefix: prefix, isIncremental: isIncremental)
    }

    private func cutOver(_ id: String, _ size: Int) -> ProposedEvent { Happening.cutOver(id, size) }
    private func cancelled(_ id: String) -> ProposedEvent { Happening.cancelled(id) }

    private func failed(_ content: String, _ size: Int, isLost: Bool = false) -> ProposedEvent {
        ProposedEvent(
            DerivationFailed(
                sourceSHA256: Happening.content(content),
                recipe: Happening.recipe(size).digest,
                reason: "encode-failed",
                message: "m",
                isLost: isLost
            ),
            stream: .derivation(derivation(content, size))
        )
    }

    private func commitAll(_ size: Int) async throws {
        for partition in ["site", "yard"] {
            let through = store.log.headPosition
            try await happen([Happening.commitStarted("c-\(partition)", partition, size, through: through)])
            try await happen([
                Happening.committed("c-\(partition)", partition), Happening.pushed("c-\(partition)", partition),
            ])
        }
        #expect(try await items().isEmpty)
    }

    private func happen(_ events: [ProposedEvent]) async throws {
        try await store.log.append(events)
        try await projector.catchUp()
        #expect(try projector.status().first?.failure == nil)
        try await expectTrueCounts(projector)
        try await expectTrueWaiting(projector)
    }

    private func items() async throws -> [String] {
        try await projector.database.read {
            try String.fetchAll($0, sql: "SELECT stage || ' ' || item FROM work ORDER BY 1")
        }
    }

    private func derivation(_ content: String, _ size: Int) -> String {
        Identity.derivation(source: Happening.content(content), recipe: Happening.recipe(size).digest)
    }

    private func files(_ partition: String, at position: Int = .max) async throws -> [String] {
        try await catalog.files(of: partition, at: position).map { "\($0.path) \($0.md5)" }
    }

    private func tiles(_ path: String, _ content: String, _ size: Int) -> [String] {
        (0..<2).map { column in
            "\(path)/0_\(column).png " + hex(Digest(of: "\(content) \(size) \(column)".utf8).bytes.prefix(16))
        } + ["\(path)/tiles.jsonl " + hex(Happening.content(content).bytes.prefix(16))]
    }
}
