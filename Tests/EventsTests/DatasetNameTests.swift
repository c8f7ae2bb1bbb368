import Events
import TestSupport
import Testing

@Suite("Keys find their place in the dataset")
struct DatasetNameTests {
    @Test("ordinary keys keep their names")
    func ordinary() {
        let place = DatasetPlace(bucket: "/srv/flights", key: "north-field/2026-03-01/DJI 0001.JPG")
        #expect(place.component == "north-field")
        #expect(place.partition == "north-field")
        #expect(place.path == "2026-03-01/DJI 0001.JPG")
        let single = DatasetPlace(bucket: "/srv/flights", key: "DJI_0001.JPG")
        #expect([single.component, single.partition, single.path] == [".", "flights", "DJI_0001.JPG"])
    }

    @Test(
        "what DVC, git or a file system can't hold is escaped",
        arguments: [
            ("..", "%2E."), (".", "%2E"), ("", "%"), ("%", "%25"), ("a//b", "a/%/b"),
            ("../../etc", "%2E./%2E./etc"),
            (".git/config", "%2Egit/config"), (".GIT", "%2EGIT"), (".dvcignore", "%2Edvcignore"),
            ("a\u{7}b", "a%07b"),
            ("%2Egit", "%252Egit"), ("100%", "100%"), ("50% off", "50% off"), ("50%AB", "50%25AB"), ("50%ab", "50%ab"),
            ("a/", "a/%"),
            ("b.jpg/0_12.png", "b.jpg/%30_12.png"), ("b.jpg/tiles.jsonl", "b.jpg/%74iles.jsonl"),
            ("0_12.png", "0_12.png"),
            ("x/1_.png", "x/1_.png"), ("x/_1.png", "x/_1.png"), ("...", "..."),
        ]
    )
    func escapes(key: String, path: String) {
        #expect(DatasetName.path(for: key) == path)
    }

    @Test(
        "the name that is made for a tile is recognised as one, and no other",
        arguments: [0, 1, 12],
        ["png", "jpg", "npy"]
    )
    func tileNames(variant: Int, fileExtension: String) {
        let name = TileName(row: 3, column: 12_345, variant: variant, fileExtension: fileExtension)
        #expect(name.text == "0003_12345\(variant > 0 ? "_v\(variant)" : "").\(fileExtension)")
        #expect(TileName(name.text) == name)
    }

    @Test(
        "what is no tile's name",
        arguments: [
            "", ".", "1.png", "1_2", "1_2.tif", "_2.png", "1_.png", "1_2_3.png", "1_2_v.png", "1_2_v3_4.png", "a_2.png",
            "1_2.png.npy", "1_2.", "1_2.PNG", "-1_2.png", "1_2_V3.png",
        ]
    )
    func noTileNames(name: String) {
        #expect(TileName(name) == nil)
    }

    @Test("an escaped path is no other key's")
    func escaped() {
        #expect(DatasetName.escaped("a.jpg/0_0_v1.jpg/b", at: 1) == "a.jpg/%30_0_v1.jpg/b")
        #expect(DatasetName.escaped("é.jpg", at: 0) == "%C3%A9.jpg")
        #expect(DatasetName.path(for: "a.jpg/%30_0_v1.jpg/b") == "a.jpg/%2530_0_v1.jpg/b")
        #expect(DatasetName.escaped("%2E.", at: 0) == nil)
        #expect(DatasetName.escaped(String(repeating: "a", count: 255), at: 0) == nil)
    }

    @Test(
        "a template names partitions by other folders",
        arguments: [
            ("{1}-{2}", "north/2026-03-01/x.jpg", "north-2026-03-01"),
            ("{2}", "north/2026/x.jpg", DatasetName.partition(for: "2026")),
            ("{1}-{2}", "north/x.jpg", "north-"), ("{1}", "north/2026/x.jpg", "north"),
            ("{2}", "north/x.jpg", "flights"),
            ("all-{bucket}", "north/x.jpg", "all-flights"), ("{1}{9}", "x.jpg", "flights"),
        ]
    )
    func template(text: String, key: String, partition: String) throws {
        let template = try #require(PartitionTemplate(text))
        let place = DatasetPlace(bucket: "/srv/flights", key: key, template: template)
        #expect(place.partition == partition)
        // The standard's path is inside its folder; another's is the whole key's, since two keys may make one name.
        #expect(place.path == (text == "{1}" ? String(key.dropFirst(6)) : key))
    }

    @Test(
        "what is no template is refused",
        arguments: ["", "all", "{", "{}", "{0}", "{1", "1}", "{-1}", "{x}", "{1}\n", "{100}"]
    )
    func noTemplate(text: String) {
        #expect(PartitionTemplate(text) == nil)
    }

    @Test("partitions of two templates are never the same, whatever the folders are called")
    func templatesApart() throws {
        let old = DatasetPlace(bucket: "b", key: "north/north/x.jpg")
        let new = DatasetPlace(bucket: "b", key: "north/x.jpg", template: try #require(PartitionTemplate("{1}{2}")))
        #expect(old.path == new.path)
        #expect(old.component != new.component)
    }

    @Test("a combining mark after a slash does not hide a way out of the directory")
    func combiningMarks() {
        let path = DatasetName.path(for: "a/../\u{301}x/..\u{301}")
        #expect(Array(path.utf8) == Array("a/%2E./\u{301}x/..\u{301}".utf8))
        #expect(DatasetPlace(bucket: "b", key: "../\u{301}x").partition != "..")
        #expect(DatasetPlace(bucket: "b", key: "site/\u{301}x").component == "site")
    }

    @Test("keys that a store keeps apart have different places")
    func injective() {
        var random = SeededGenerator(seed: 4)
        let pieces = [
            "a", "b", "/", "/", "%", "%2e", "%25", ".", "..", ".git", "\u{1}", "\u{7F}", "\n", "é",
            "e\u{301}", "\u{301}",
            "0_0.png", "tiles.jsonl", "~", "-", " ", String(repeating: "x", count: 130),
            String(repeating: "ü", count: 70),
            "DVC", "\\", ":",
        ]
        var keys: Set<[UInt8]> = []
        for _ in 0..<20_000 {
            let key = (0..<Int.random(in: 1...7, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            keys.insert(Array(key.utf8))
        }
        var places: Set<[[UInt8]]> = []
        for key in keys {
            let place = DatasetPlace(bucket: "bucket", key: String(decoding: key, as: UTF8.self))
            places.insert([Array(place.component.utf8), Array(place.path.utf8)])
            checkParts(of: place)
        }
        #expect(keys.count > 10_000)
        #expect(places.count == keys.count)
    }

    private func checkParts(of place: DatasetPlace) {
        let forbidden: Set<String> = ["", ".", "..", ".git", ".dvc", ".hg", ".dvcignore", ".gitignore"]
        for component in place.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            #expect(component.count <= 255)
            #expect(!forbidden.contains(String(Substring(component)).lowercased()))
            #expect(component.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\n") })
        }
        checkPartition(place.partition)
    }

    private func checkPartition(_ name: String) {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
        #expect(name.count <= 100 && name.allSatisfy(allowed.contains) && name.first?.isLetter == true)
        #expect(!name.hasSuffix(".dvc"))
    }

    @Test("a long component is cut at a character, and no other key can be named like the cut one")
    func longComponents() {
        for base in ["x", "ü", "\u{1F600}", "\u{7}", "%20"] {
            for length in [80, 250, 252, 255, 256, 300] {
                let name = String(repeating: base, count: length)
                let path = DatasetName.path(for: name)
                #expect(path.utf8.count <= 255)
                #expect(!path.unicodeScalars.contains("\u{FFFD}"))
                #expect(path.utf8.count < 252 || path == name || DatasetName.path(for: path) != path)
            }
        }
    }

    @Test(
        "partitions that YAML or DVC would misread get a name of their own",
        arguments: [
            "", ".", "..", "true", "No", "Null", "dvc", "dvc.yaml", "x.dvc", "2026-03-01", "north field",
            "größe", "-a", "root",
        ]
    )
    func partitions(component: String) {
        let name = DatasetName.partition(for: component)
        checkPartition(name)
        #expect(name != component && name == DatasetName.partition(for: component))
        #expect(name.suffix(9).first == "-")
    }

    @Test("different components ask for different partitions, as far as eight digits tell")
    func distinctPartitions() {
        let components = [
            "a b", "a_b", "a/b", "ab", "a\u{301}", "á", String(repeating: "n", count: 100),
            String(repeating: "n", count: 101),
        ]
        #expect(Set(components.map(DatasetName.partition(for:))).count == components.count)
    }
}
