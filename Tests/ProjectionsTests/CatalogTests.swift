import EventLog
import Events
import GRDB
import Projections
import Testing

@Suite("What the catalog makes of what happened")
struct CatalogTests {
    let store: TestStore
    let projector: Projector
    let catalog: CatalogReader
    let work: WorkList

    init() throws {
        store = try TestStore()
        projector = try store.projector([Catalog()])
        catalog = CatalogReader(projector.database)
        work = WorkList(projector.database)
    }

    @Test("an object is fetched, tiled and versioned, and each stage's work ends with its receipt")
    func ordinary() async throws {
        let object = Happening.object("site/a.jpg")
        try await happen([Happening.adopted(512), Happening.observed(object)])
        #expect(try await items() == ["fetching \(object.objectID)"])
        try await happen([Happening.fetched(object, "A")])
        #expect(try await items() == ["tiling \(derivation("A", 512))"])
        #expect(try await catalog.partition("site")?.isBusy == true)
        try await happen(Happening.derived("A", 512))
        #expect(try await items() == ["versioning site"])
        #expect(try await catalog.partition("site")?.isBusy == false)
        #expect(try await files() == tiles("a.jpg", "A", 512))
        let head = store.log.headPosition
        try await happen([Happening.commitStarted("c1", "site", 512, through: head)])
        #expect(try await catalog.openCommit(of: "site")?.id == "c1")
        try await happen([Happening.committed("c1", "site")])
        #expect(try await items() == ["pushing c1"])
        #expect(try await catalog.openCommit(of: "site") == nil)
        #expect(try await catalog.partition("site")?.committedThrough == head)
        try await happen([Happening.pushed("c1", "site")])
        #expect(try await items().isEmpty)
    }

    @Test(
        "keys whose tiles would be in each other's way have places apart, the first one its own; others keep theirs",
        arguments: [true, false],
        ["0000_0000_v1.jpg", "12_3.npy", "0_0_v2.png/deeper/x.jpg"]
    )
    func placesApart(isAboveFirst: Bool, name: String) async throws {
        let keys = ["site/a.jpg", "site/a.jpg/\(name)"]
        // Of keys with such names nothing else is in the way.
        let others = ["site/b/\(name)", "other/a.jpg/\(name)", "site/a.jpg/plain.jpg", "site/\(name)"]
        let observed = (isAboveFirst ? keys : keys.reversed()) + others
        try await happen(observed.map { Happening.observed(Happening.object($0)) })
        let escaped = isAboveFirst ? "a.jpg/%3\(name.prefix(1))\(name.dropFirst())" : "%61.jpg/\(name)"
        var paths = [
            "site/a.jpg": isAboveFirst ? "a.jpg" : "%61.jpg", "site/a.jpg/\(name)": escaped,
            "site/b/\(name)": "b/\(name)",
            "other/a.jpg/\(name)": "a.jpg/\(name)", "site/a.jpg/plain.jpg": "a.jpg/plain.jpg", "site/\(name)": name,
        ]
        if !isAboveFirst { paths["site/a.jpg/\(name)"] = "a.jpg/\(name)" }
        #expect(try await self.paths() == paths)
        // A place is for ever, so it has to come out of the log as it was.
        try store.deleteProjections()
        let rebuilt = try store.projector([Catalog()])
        try await rebuilt.catchUp()
        #expect(try await self.paths(in: rebuilt) == paths)
    }

    private func paths(in other: Projector? = nil) async throws -> [String: String] {
        try await (other ?? projector).database.read { database in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(database, sql: "SELECT key, path FROM keys").map {
                    ($0["key"], $0["path"])
                }
            )
        }
    }

    @Test("what changes while a commit is under way is committed after it")
    func changeDuringCommit() async throws {
        let (a, b) = (Happening.object("site/a.jpg"), Happening.object("site/b.jpg"))
        try await happen([Happening.adopted(512), Happening.observed(a), Happening.fetched(a, "A")])
        try await happen(Happening.derived("A", 512))
        let head = store.log.headPosition
        try await happen([Happening.commitStarted("c1", "site", 512, through: head)])
        try await happen([Happening.observed(b), Happening.fetched(b, "B")] + Happening.derived("B", 512))
        try await happen([Happening.committed("c1", "site"), Happening.pushed("c1", "site")])
        #expect(try await items() == ["versioning site"])
    }

    @Test("an intent of which tiles are lost is known, and is none any more once another one follows it")
    func intentGivenUp() async throws {
        let (a, b) = (Happening.object("site/a.jpg"), Happening.object("site/b.jpg"))
        try await happen([Happening.adopted(512)])
        for (object, content) in [(a, "A"), (b, "B")] {
            try await happen([Happening.observed(object), Happening.fetched(object, content)])
            try await happen(Happening.derived(content, 512))
        }
        let head = store.log.headPosition
        try await happen([Happening.commitStarted("c1", "site", 512, through: head)])
        let open = try #require(try await catalog.openCommit(of: "site"))
        #expect(try await !catalog.lacksTiles(open))
        let held = [derivation("A", 512), derivation("B", 512)]
        #expect(try await catalog.derivations(in: "site").map(\.id) == held)
        let lost = DerivationFailed(
            sourceSHA256: Happening.content("A"),
            recipe: Happening.recipe(512).digest,
            reason: "object-gone",
            message: "m",
            isLost: true
        )
        let quarantined = ObjectQuarantined(stage: "rederiving", reason: "object-gone", message: "m")
        try await happen([
            ProposedEvent(lost, stream: .derivation(derivation("A", 512))),
            ProposedEvent(quarantined, stream: .object(a.objectID)),
        ])
        #expect(try await catalog.lacksTiles(open))
        #expect(try await catalog.derivations(in: "site").map(\.id) == [derivation("B", 512)])
        #expect(try await catalog.derivations(in: "site", at: head).map(\.id) == held)
        try await happen([Happening.commitStarted("c2", "site", 512, through: store.log.headPosition)])
        let next = try #require(try await catalog.openCommit(of: "site"))
        #expect(next.id == "c2")
        #expect(try await !catalog.lacksTiles(next))
        #expect(try await catalog.isCommitUnderWay())
        try await happen([Happening.committed("c2", "site")])
        #expect(try await catalog.openCommit(of: "site") == nil)
        #expect(try await !catalog.isCommitUnderWay())
    }

    @Test("a replaced version's tiles stay until the new version's are there")
    func replacement() async throws {
        let (old, new) = (Happening.object("site/a.jpg", 1), Happening.object("site/a.jpg", 2))
        try await happen([Happening.adopted(512), Happening.observed(old), Happening.fetched(old, "A")])
        try await happen(Happening.derived("A", 512))
        let before = store.log.headPosition
        try await happen([Happening.observed(new)])
        #expect(try await files() == tiles("a.jpg", "A", 512))
        try await happen([Happening.fetched(new, "B")])
        #expect(try await files() == tiles("a.jpg", "A", 512))
        try await happen(Happening.derived("B", 512))
        #expect(try await files() == tiles("a.jpg", "B", 512))
        #expect(try await files(at: before) == tiles("a.jpg", "A", 512))
        #expect(try await files(at: before - 1) == [])
        #expect(try await catalog.object(old.objectID)?.state == "superseded")
        #expect(
            try await catalog.newest(source: "folder", bucket: "/srv/flights", key: "site/a.jpg")?.id
                == new.objectID
        )
    }

    @Test("a corrupt replacement keeps the old tiles, and they follow the next recipe")
    func corruptReplacement() async throws {
        let (old, new) = (Happening.object("site/a.jpg", 1), Happening.object("site/a.jpg", 2))
        try await happen([Happening.adopted(512), Happening.observed(old), Happening.fetched(old, "A")])
        try await happen(Happening.derived("A", 512))
        try await happen([Happening.observed(new), Happening.fetched(new, "B"), Happening.quarantined(new)])
        #expect(try await files() == tiles("a.jpg", "A", 512))
        #expect(try await items() == ["versioning site"])
        try await happen([Happening.adopted(256)])
        // The other recipe may be able to cut what this one could not.
        let tiling = ["A", "B"].map { "tiling \(derivation($0, 256))" }
        #expect(try await items() == (tiling.sorted() + ["versioning site"]))
        try await happen([Happening.quarantined(new)])
        #expect(try await items() == [tiling[0], "versioning site"])
        try await happen(Happening.derived("A", 256))
        #expect(try await files() == tiles("a.jpg", "A", 256))
    }

    @Test("what the old recipe could not cut is tried under the next one")
    func quarantinedUnderOldRecipe() async throws {
        let object = Happening.object("site/a.jpg", 1)
        try await happen([Happening.adopted(512), Happening.observed(object), Happening.fetched(object, "A")])
        try await happen([Happening.quarantined(object)])
        #expect(try await items() == [])
        try await happen([Happening.adopted(256)])
        try await happen(Happening.derived("A", 256))
        #expect(try await files() == tiles("a.jpg", "A", 256))
        #expect(try await catalog.object(object.objectID)?.state == "derived")
    }

    @Test("an image that leaves quarantine by another recipe has no mark of it, cut anew or taken from what is there")
    func resolvedByRecipe() async throws {
        let (one, twin) = (Happening.object("site/a.jpg"), Happening.object("site/b.jpg"))
        try await happen([Happening.adopted(512)] + [one, twin].map(Happening.observed))
        try await happen([Happening.fetched(one, "A"), Happening.fetched(twin, "B")] + Happening.derived("B", 512))
        for (content, size) in [("A", 256), ("A", 1_024), ("A", 256)] {
            try await happen([Happening.quarantined(one), Happening.dismissed(one)])
            #expect(try await StoreSummary.read(projector.database).objects["dismissed"] == 1)
            try await happen([Happening.adopted(size)])
            try await happen(Happening.derived(content, size) + Happening.derived("B", size))
            #expect(try await catalog.object(one.objectID)?.reason == nil)
            let marks = try await projector.database.read {
                try Int.fetchOne(
                    $0,
                    sql: """
                        SELECT count(*) FROM objects WHERE message NOTNULL OR failed_stage NOTNULL
                        OR dismissed_position NOTNULL OR ended_position NOTNULL OR ended_at NOTNULL
                        """
                )
            }
            #expect(marks == 0)
            #expect(try await StoreSummary.read(projector.database).objects == ["derived": 2])
        }
    }

    @Test("an image that was seen and dismissed counts as what became of it")
    func dismissedAndReplaced() async throws {
        let (old, new) = (Happening.object("site/a.jpg", 1), Happening.object("site/a.jpg", 2))
        try await happen([Happening.adopted(512), Happening.observed(old), Happening.fetched(old, "A")])
        try await happen([Happening.quarantined(old), Happening.dismissed(old), Happening.observed(new)])
        #expect(try await StoreSummary.read(projector.database).objects == ["superseded": 1, "observed": 1])
    }

    @Test("what was read of a content under one name holds under every other that has it, later too")
    func validatedOnce() async throws {
        let (one, twin, later) = (
            Happening.object("site/a.jpg"), Happening.object("site/b.jpg"), Happening.object("yard/c.jpg")
        )
        try await happen([Happening.adopted(512), Happening.observed(one), Happening.fetched(one, "A")])
        // The twin comes while the first is being cut.
        try await happen([Happening.observed(twin), Happening.fetched(twin, "A"), Happening.validated(one)])
        let position = store.log.headPosition
        try await happen(Happening.derived("A", 512))
        try await happen([Happening.observed(later), Happening.fetched(later, "A")])
        for object in [one, twin, later] {
            #expect(try await catalog.object(object.objectID)?.validatedPosition == position, "\(object.key)")
        }
    }

    @Test("tiles that were lost and come with other bytes are new ones: what older versions held stays as it was")
    func otherBytes() async throws {
        let object = Happening.object("site/a.jpg")
        try await happen([Happening.adopted(512), Happening.observed(object), Happening.fetched(object, "A")])
        try await happen(Happening.derived("A", 512))
        let before = store.log.headPosition
        try await happen([Happening.lost("A", 512), Happening.quarantined(object), Happening.released(object)])
        #expect(try await items() == ["tiling \(derivation("A", 512))", "versioning site"])
        try await happen(Happening.derived("A", 512, library: " anew"))
        #expect(try await files(at: before) == tiles("a.jpg", "A", 512))
        #expect(try await files() == tiles("a.jpg", "A", 512, library: " anew"))
        #expect(try await items() == ["versioning site"])
        let starts = try await projector.database.read {
            try Int.fetchAll($0, sql: "SELECT started_position FROM derivations ORDER BY number")
        }
        #expect(starts.count == 2 && starts[0] <= before && starts[1] > before)

        // The same bytes again are the same tiles, whose derivation began when it did.
        try await happen([Happening.lost("A", 512), Happening.quarantined(object), Happening.released(object)])
        let again = Happening.derived("A", 512)
        try await happen([again[0], again[3]])
        #expect(try await files() == tiles("a.jpg", "A", 512, library: " anew"))
        let same = try await projector.database.read {
            try Int.fetchAll($0, sql: "SELECT started_position FROM derivations ORDER BY number")
        }
        #expect(same == starts)
    }

    @Test("of a partition's notifications for an endpoint one is offered at a time, the oldest that waits")
    func oneAfterTheOther() async throws {
        func queued(_ id: String, _ partition: String?) -> ProposedEvent {
            let queued = NotificationQueued(
                id: id,
                endpoint: "e",
                kind: "k",
                subject: "s",
                body: "{}",
                partition: partition
            )
            return ProposedEvent(queued, stream: .notification(id))
        }
        func ended(_ id: String) -> ProposedEvent {
            ProposedEvent(NotificationDelivered(attempt: 1), stream: .notification(id))
        }
        try await happen(["a", "b", "c"].map { queued($0, "site") } + [queued("d", "yard")])
        try await happen(["x", "y"].map { queued($0, nil) })
        let others = ["d", "x", "y"].map { "notifying \($0)" }
        #expect(try await items() == ["notifying a"] + others)
        try await happen([ended("a")])
        #expect(try await items() == ["notifying b"] + others)
        try await happen([ProposedEvent(RedeliveryRequested(after: "delivered"), stream: .notification("a"))])
        #expect(try await items() == ["notifying b"] + others)
        try await happen([ended("b")])
        #expect(try await items() == ["notifying a"] + others)
        try await happen([ended("a")])
        #expect(try await items() == ["notifying c"] + others)
        try await happen([ended("c"), ended("x"), ended("d")])
        #expect(try await items() == ["notifying y"])
    }

    @Test("tiles of a removed file that are kept follow the next recipe, and the file stays removed")
    func keptTilesFollow() async throws {
        let object = Happening.object("site/a.jpg", 1)
        try await happen([Happening.adopted(512), Happening.observed(object), Happening.fetched(object, "A")])
        try await happen(Happening.derived("A", 512))
        try await happen([Happening.removed(object), Happening.adopted(256)])
        #expect(try await catalog.mixesRecipes("site"))
        try await happen(Happening.derived("A", 256))
        #expect(try await files() == tiles("a.jpg", "A", 256))
        #expect(try await catalog.object(object.objectID)?.state == "removed")
        #expect(try await !catalog.mixesRecipes("site"))
    }

    @Test("tiles that the next recipe can't make are withdrawn: no version mixes two recipes")
    func tilesThatCannotFollow() async throws {
        let (one, other) = (Happening.object("site/a.jpg", 1), Happening.object("site/b.jpg", 1))
        try await happen([Happening.adopted(512), Happening.observed(one), Happening.fetched(one, "A")])
        try await happen([Happening.observed(other), Happening.fetched(other, "B")])
        try await happen(Happening.derived("A", 512) + Happening.derived("B", 512))
        try await happen([Happening.adopted(256)])
        try await happen(Happening.derived("B", 256) + [Happening.quarantined(one)])
        #expect(try await files() == tiles("b.jpg", "B", 256))
        #expect(try await !catalog.mixesRecipes("site"))
    }

    @Test("what is observed anew keeps its partition from being committed until it has tiles of the adopted recipe")
    func observedAnew() async throws {
        let (one, other) = (Happening.object("site/a.jpg", 1), Happening.object("site/b.jpg", 1))
        try await happen([Happening.adopted(512), Happening.observed(one), Happening.fetched(one, "A")])
        try await happen([Happening.observed(other), Happening.fetched(other, "B")])
        try await happen(Happening.derived("A", 512) + Happening.derived("B", 512))
        #expect(try await catalog.unmixedPartition("site")?.recipe == Happening.recipe(512).digest)
        try await happen([Happening.adopted(256), Happening.removed(one), Happening.observed(one)])
        try await happen(Happening.derived("B", 256))
        #expect(try await catalog.mixesRecipes("site"))
        #expect(try await catalog.unmixedPartition("site") == nil)
        try await happen([Happening.fetched(one, "A")] + Happening.derived("A", 256))
        #expect(try await !catalog.mixesRecipes("site"))
        #expect(try await files() == tiles("a.jpg", "A", 256) + tiles("b.jpg", "B", 256))
    }

    @Test("a raised limit on pixels lets in what it kept out, and only that")
    func raisedLimit() async throws {
        let (large, corrupt) = (Happening.object("site/a.jpg", 1), Happening.object("site/b.jpg", 1))
        try await happen([Happening.started(maxPixels: 1_000), Happening.adopted(512)])
        try await happen([Happening.observed(large), Happening.fetched(large, "A")])
        try await happen([Happening.observed(corrupt), Happening.fetched(corrupt, "B")])
        try await happen([Happening.quarantined(large, "too-many-pixels"), Happening.quarantined(corrupt)])
        try await happen([Happening.started(maxPixels: 1_000)])
        #expect(try await items() == [])
        try await happen([Happening.started(maxPixels: 2_000)])
        #expect(try await items() == ["tiling \(derivation("A", 512))"])
    }

    @Test("a version that failed after it was superseded does not come back as quarantined")
    func lateQuarantine() async throws {
        let (old, new) = (Happening.object("site/a.jpg", 1), Happening.object("site/a.jpg", 2))
        try await happen([Happening.adopted(512), Happening.observed(old), Happening.fetched(old, "A")])
        try await happen([Happening.observed(new), Happening.quarantined(old)])
        #expect(try await catalog.object(old.objectID)?.state == "superseded")
        #expect(try await items() == ["fetching \(new.objectID)"])
    }

    @Test("uploading a quarantined object again puts it back to work")
    func release() async throws {
        let object = Happening.object("site/a.jpg")
        try await happen([Happening.adopted(512), Happening.observed(object), Happening.quarantined(object)])
        #expect(try await items().isEmpty)
        try await happen([Happening.observed(object)])
        #expect(try await items() == ["fetching \(object.objectID)"])
    }

    @Test("a removed key's tiles stay or go as the source was set", arguments: ["keep", "withdraw"])
    func removal(onRemove: String) async throws {
        let object = Happening.object("site/a.jpg")
        try await happen([Happening.adopted(512), Happening.observed(object), Happening.fetched(object, "A")])
        try await happen(Happening.derived("A", 512))
        let before = store.log.headPosition
        try await happen([Happening.removed(object, onRemove)])
        let kept = tiles("a.jpg", "A", 512)
        #expect(try await files() == (onRemove == "keep" ? kept : []))
        #expect(try await files(at: before) == kept)
        try await happen([Happening.observed(object), Happening.fetched(object, "A")])
        #expect(try await files() == kept)
        #expect(try await items() == ["versioning site"])
    }

    @Test("an object that is removed on its way leaves no work behind")
    func removalOnTheWay() async throws {
        let object = Happening.object("site/a.jpg")
        try await happen([
            Happening.adopted(512), Happening.observed(object), Happening.removed(object, "keep"),
        ])
        #expect(try await items().isEmpty)
        try await happen([
            Happening.observed(object), Happening.fetched(object, "A"), Happening.removed(object, "keep"),
        ])
        #expect(try await items().isEmpty)
    }

    @Test("word that an older version is gone does not withdraw the newer one")
    func lateRemoval() async throws {
        let (old, new) = (Happening.object("site/a.jpg", 1), Happening.object("site/a.jpg", 2))
        try await happen([Happening.adopted(512), Happening.observed(old), Happening.fetched(old, "A")])
        try await happen(
            Happening.derived("A", 512) + [Happening.observed(new), Happening.fetched(new, "B")]
        )
        try await happen(Happening.derived("B", 512) + [Happening.removed(old, "withdraw")])
        #expect(try await files() == tiles("a.jpg", "B", 512))
    }

    @Test("a key that is withdrawn while its newest version waits stays withdrawn under the next recipe")
    func withdrawnStaysSo() async throws {
        let (old, new) = (Happening.object("site/a.jpg", 1), Happening.object("site/a.jpg", 2))
        try await happen([Happening.adopted(512), Happening.observed(old), Happening.fetched(old, "A")])
        try await happen(
            Happening.derived("A", 512) + [Happening.observed(new), Happening.removed(new, "withdraw")]
        )
        try await happen([Happening.adopted(256)])
        #expect(try await items() == ["versioning site"])
        #expect(try await files().isEmpty)
    }

    @Test("content that several keys share is tiled once, and stands in the dataset for each")
    func duplicates() async throws {
        let objects = (0..<3).map { Happening.object("site/\($0).jpg") }
        try await happen([Happening.adopted(512)] + objects.map(Happening.observed))
        try await happen(objects.prefix(2).map { Happening.fetched($0, "A") })
        #expect(try await items().filter { $0.hasPrefix("tiling") } == ["tiling \(derivation("A", 512))"])
        #expect(
            try await catalog.derivation(derivation("A", 512))?.waiting.map(\.id)
                == objects.prefix(2).map(\.objectID)
        )
        try await happen(Happening.derived("A", 512))
        try await happen([Happening.fetched(objects[2], "A")])
        #expect(try await items() == ["versioning site"])
        #expect(try await files() == (0..<3).flatMap { tiles("\($0).jpg", "A", 512) })
    }

    @Test("a key whose new version holds the same content stands for the newer one, with the same tiles")
    func sameContentAgain() async throws {
        let (old, new) = (Happening.object("site/a.jpg", 1), Happening.object("site/a.jpg", 2))
        try await happen([Happening.adopted(512), Happening.observed(old), Happening.fetched(old, "A")])
        try await happen(Happening.derived("A", 512) + [Happening.adopted(256)])
        try await happen(
            [Happening.observed(new), Happening.fetched(new, "A")] + Happening.derived("A", 256)
        )
        #expect(try await files() == tiles("a.jpg", "A", 256))
        #expect(try await catalog.object(old.objectID)?.state == "superseded")
        #expect(try await catalog.object(new.objectID)?.state == "derived")
    }

    @Test("another recipe derives all anew; going back takes what is there, without work")
    func recipes() async throws {
        let objects = [Happening.object("site/a.jpg"), Happening.object("site/b.jpg")]
        try await happen([Happening.adopted(512)] + objects.map(Happening.observed))
        try await happen([Happening.fetched(objects[0], "A"), Happening.fetched(objects[1], "B")])
        try await happen(Happening.derived("A", 512) + Happening.derived("B", 512))
        let first = store.log.headPosition
        try await happen([Happening.adopted(256)])
        let expected = ["A", "B"].map { "tiling \(derivation($0, 256))" }.sorted()
        #expect(try await items().filter { $0.hasPrefix("tiling") } == expected)
        #expect(try await catalog.currentRecipe() == Happening.recipe(256))
        try await happen(Happening.derived("A", 256))
        #expect(try await files() == tiles("a.jpg", "A", 256) + tiles("b.jpg", "B", 512))
        try await happen(Happening.derived("B", 256))
        let second = store.log.headPosition
        try await happen([Happening.adopted(512)])
        #expect(try await items() == ["versioning site"])
        #expect(try await files() == tiles("a.jpg", "A", 512) + tiles("b.jpg", "B", 512))
        #expect(try await files(at: first) == tiles("a.jpg", "A", 512) + tiles("b.jpg", "B", 512))
        #expect(try await files(at: second) == tiles("a.jpg", "A", 256) + tiles("b.jpg", "B", 256))
    }

    @Test("a derivation under a recipe that was given up meanwhile does not enter the dataset")
    func staleDerivation() async throws {
        let object = Happening.object("site/a.jpg")
        try await happen([Happening.adopted(512), Happening.observed(object), Happening.fetched(object, "A")])
        try await happen([Happening.adopted(256)] + Happening.derived("A", 512))
        #expect(try await files().isEmpty)
        #expect(try await items() == ["tiling \(derivation("A", 256))"])
    }

    @Test("two sources that ask for the same partition get one each, whatever the keys are called")
    func partitions() async throws {
        var objects = ["/one", "/two", "/three"].map { Happening.object("site/a.jpg", bucket: $0) }
        let taken = hex(Digest(of: "folder\0/two\0site".utf8).bytes.prefix(4))
        objects.insert(Happening.object("site-\(taken)/a.jpg", bucket: "/one"), at: 1)
        try await happen([Happening.adopted(512)] + objects.map(Happening.observed))
        let names = try await projector.database.read {
            try String.fetchAll($0, sql: "SELECT partition FROM keys")
        }
        #expect(Set(names).count == 4)
        #expect(names.contains("site"))
    }

    @Test("failures are counted, postponed and forgotten with the work; a pause ends with the next success")
    func failures() async throws {
        let object = Happening.object("site/a.jpg")
        let later = Timestamp(microseconds: 1_000)
        try await happen([
            Happening.adopted(512), Happening.observed(object), failed(object.objectID, later),
            failed(nil, later),
        ])
        let item = try #require(try await work.failing(limit: 10).first)
        #expect(item.attempts == 2 && item.reason == "unreachable" && item.notBefore == later)
        let now = Timestamp(microseconds: 999)
        #expect(try await work.due("fetching", now: now, limit: 9, excluding: []).isEmpty)
        #expect(try await work.nextDue("fetching", after: now) == later)
        #expect(try await work.due("fetching", now: later, limit: 9, excluding: []).count == 1)
        #expect(try await work.due("fetching", now: later, limit: 9, excluding: [object.objectID]).isEmpty)
        #expect(try await work.counts().map(\.failing) == [1])
        #expect(try await pauses() == ["fetching"])
        try await happen([Happening.fetched(object, "A")])
        #expect(try await work.failing(limit: 10).isEmpty)
        #expect(try await pauses().isEmpty)
    }

    @Test("a receipt that comes twice changes nothing and stops nothing")
    func repeats() async throws {
        let object = Happening.object("site/a.jpg")
        let queued = ProposedEvent(
            NotificationQueued(id: "n", endpoint: "e", kind: "k", subject: "c1", body: "{}"),
            stream: .notification("n")
        )
        let delivered = ProposedEvent(NotificationDelivered(attempt: 1), stream: .notification("n"))
        let events =
            [Happening.adopted(512), Happening.observed(object), Happening.fetched(object, "A")]
            + Happening.derived("A", 512) + Happening.derived("A", 512)
            + [
                Happening.commitStarted("c1", "site", 512, through: 5),
                Happening.commitStarted("c1", "site", 512, through: 5),
            ]
            + [
                Happening.committed("c1", "site"), Happening.committed("c1", "site"),
                Happening.committed("c9", "site"),
            ]
            + [Happening.pushed("c1", "site"), queued, delivered, queued]
        try await happen(events)
        #expect(try await files() == tiles("a.jpg", "A", 512))
        #expect(try await catalog.commits().map(\.id) == ["c1"])
        #expect(try await catalog.notification("n")?.state == "delivered")
        #expect(try await items().allSatisfy { !$0.hasPrefix("notifying") })
    }

    private func happen(_ events: [ProposedEvent]) async throws {
        try await store.log.append(events)
        try await projector.catchUp()
        #expect(try projector.status().first?.failure == nil)
        try await expectTrueWaiting(projector)
    }

    private func items() async throws -> [String] {
        try await projector.database.read {
            try String.fetchAll($0, sql: "SELECT stage || ' ' || item FROM work ORDER BY 1")
        }
    }

    private func pauses() async throws -> [String] {
        try await projector.database.read { try String.fetchAll($0, sql: "SELECT stage FROM pauses") }
    }

    private func failed(_ item: String?, _ next: Timestamp) -> ProposedEvent {
        ProposedEvent(
            StageFailed(
                stage: "fetching",
                item: item,
                attempt: 2,
                reason: "unreachable",
                message: "m",
                nextAttemptAt: next
            ),
            stream: .agent
        )
    }

    private func derivation(_ content: String, _ size: Int) -> String {
        Identity.derivation(source: Happening.content(content), recipe: Happening.recipe(size).digest)
    }

    private func files(at position: Int = .max) async throws -> [String] {
        try await catalog.files(of: "site", at: position).map { file in
            "\(file.path) \(file.md5) \(file.sha256?.description ?? "")"
        }
    }

    private func tiles(_ path: String, _ content: String, _ size: Int, library: String = "") -> [String] {
        (0..<2).map { column in
            let bytes = Digest(of: "\(content) \(size) \(column)\(library)".utf8)
            return "\(path)/0_\(column).png \(hex(bytes.bytes.prefix(16))) \(bytes)"
        } + ["\(path)/tiles.jsonl \(hex(Happening.content(content).bytes.prefix(16))) \(Happening.content(content))"]
    }
}
