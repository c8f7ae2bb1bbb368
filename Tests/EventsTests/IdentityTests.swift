import Events
import TestSupport
import Testing

@Suite("Ids, names and moments")
struct IdentityTests {
    @Test("a fresh id is a UUID of version 7: 48 bits of milliseconds, version, variant")
    func version7() {
        let id = EventID(at: Timestamp(microseconds: 0x0123_4567_89AB * 1_000 + 999))
        #expect(Array(id.bytes[0..<6]) == [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB])
        #expect(id.bytes[6] >> 4 == 7)
        #expect(id.bytes[8] >> 6 == 0b10)
        #expect(id.description.hasPrefix("01234567-89ab-7"))
        #expect(id.description.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(EventID(bytes: id.bytes) == id)
        #expect(EventID(bytes: Array(id.bytes.dropLast())) == nil)
    }

    @Test("fresh ids differ, and sort by the millisecond that made them")
    func order() {
        let time = Timestamp(microseconds: 1_772_357_400_000_000)
        let ids = (0..<1_000).map { EventID(at: time + .milliseconds($0)) }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        #expect(Set((0..<1_000).map { _ in EventID(at: time) }).count == 1_000)
    }

    @Test("the fresh ids of one append sort as they were made, also where their random bits are used up")
    func orderOfAppend() {
        var noise = SeededGenerator(seed: 1)
        let time = Timestamp(microseconds: 1_772_357_400_000_000)
        var ids = [EventID(at: time, after: nil, using: &noise)]
        for _ in 0..<1_000 { ids.append(EventID(at: time, after: ids.last, using: &noise)) }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        #expect(
            ids.allSatisfy { $0.bytes[6] >> 4 == 7 && $0.bytes[8] >> 6 == 0b10 && $0.bytes[..<6] == ids[0].bytes[..<6] }
        )
        #expect(ids.allSatisfy { EventID(bytes: $0.bytes)?.number == $0.number })

        let last = EventID(high: UInt64(time.microseconds / 1_000) << 16 | 0x7FFF, low: 0xBFFF_FFFF_FFFF_FFFF)
        let after = EventID(at: time, after: last, using: &noise)
        #expect(after != last && after.bytes[6] >> 4 == 7 && after.bytes[8] >> 6 == 0b10)
        let later = EventID(at: time + .milliseconds(1), after: last, using: &noise)
        #expect(last.bytes.lexicographicallyPrecedes(later.bytes))
    }

    @Test("a derived id follows from its parts alone, and is of version 8")
    func derived() {
        #expect(EventID(derivedFrom: "removed", "x").description == "2b797b4e-1752-823f-8be3-e0f709c03152")
        #expect(EventID(derivedFrom: "ab", "c") != EventID(derivedFrom: "a", "bc"))
    }

    @Test("ids of objects, derivations and notifications are what they were in the first release")
    func literals() {
        let recipe = PayloadSamples.recipe.digest
        #expect(
            Identity.object(source: "folder", bucket: "/srv/flights", key: "a/b.jpg", version: "17", size: 42)
                == "8f7818989dfa326af51ff0d5a5f27375"
        )
        #expect(
            Identity.derivation(source: PayloadSamples.photograph, recipe: recipe)
                == "b056a019575b95e54321a1745397a85e"
        )
        #expect(
            Identity.notification(of: "c1", endpoint: "training")
                == "msg_42e8c1f173adc24a6ec14bc09d1b1a49"
        )
    }

    @Test("a recipe's digest is what it was in the first release, and every setting changes it")
    func recipes() throws {
        let jpeg = PayloadSamples.recipe
        #expect(jpeg.digest.description == "530575c7721790b98083ed27cff5477837a5e49d448f3334370c4b9c3ac70707")
        var recipes = [jpeg]
        for change: (inout Recipe) -> Void in [
            { $0.engineRevision = 2 }, { $0.settings["tile_size"] = "256" }, { $0.settings["tile_overlap"] = "0" },
            { $0.settings["jpeg_quality"] = "91" },
            { ($0.settings["tile_format"], $0.settings["jpeg_quality"]) = ("png", nil) },
        ] {
            var changed = jpeg
            change(&changed)
            recipes.append(changed)
        }
        #expect(Set(recipes.map(\.digest)).count == recipes.count)
        #expect(
            recipes[5].digest.description
                == "76365bca069be7efa3b6600f717feb07904582095f422ed6ae6b4204fe29fe66"
        )
        for recipe in recipes { #expect(try Recipe(from: try JSONObject(recipe.json.bytes)) == recipe) }
    }

    @Test("streams are named after what they are the history of")
    func streams() {
        let names: [StreamName] = [
            .object("a"), .derivation("b"), .dataset("c"), .notification("d"), .recipe, .agent,
        ]
        #expect(
            names.map(\.text) == [
                "object/a", "derivation/b", "dataset/c", "notification/d", "recipe", "agent",
            ]
        )
        #expect(names.map { StreamName.id(of: $0.text) } == ["a", "b", "c", "d", "recipe", "agent"])
    }

    @Test("hexadecimal goes both ways, and nothing else is read")
    func hexadecimal() {
        let all = (0...255).map { UInt8($0) }
        #expect(bytes(hex: hex(all)) == all)
        #expect(hex([0x00, 0xAF]) == "00af")
        #expect(bytes(hex: "00AF") == [0x00, 0xAF])
        for bad in ["0", "0g", " 0", "é"] { #expect(bytes(hex: bad) == nil) }
        #expect(Digest(hex: "00") == nil)
        #expect(
            Digest(of: "abc".utf8).description
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(Digest(ofPieces: [0x61], [], [0x62, 0x63]) == Digest(of: "abc".utf8))
    }

    @Test(
        "moments print as the dates that a calendar has",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (-86_400_000_000, "1969-12-31T00:00:00.000000Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000000Z"),
            (1_709_251_199_999_999, "2024-02-29T23:59:59.999999Z"),
            (2_147_483_647_000_000, "2038-01-19T03:14:07.000000Z"),
            (2_147_483_648_000_000, "2038-01-19T03:14:08.000000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (-2_203_977_600_000_000, "1900-02-28T00:00:00.000000Z"),
            (1_772_357_400_000_001, "2026-03-01T09:30:00.000001Z"),
        ] as [(Int64, String)]
    )
    func dates(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
    }

    @Test("the moments at both ends print without a crash, and durations add up")
    func extremes() {
        #expect(Timestamp(microseconds: .max).description.hasSuffix("Z"))
        #expect(Timestamp(microseconds: .min).description.hasSuffix("Z"))
        let start = Timestamp(microseconds: 5)
        #expect(start + .milliseconds(2) == Timestamp(microseconds: 2_005))
        #expect(start + .milliseconds(2) - start == .milliseconds(2))
        #expect(Timestamp(microseconds: 1) < Timestamp(microseconds: 2))
        #expect(Duration.seconds(1.5).seconds == 1.5)
    }
}
