import DVC
import Events
import TestSupport
import Testing

@Suite
struct DatasetNameTests {
    @Test(arguments: ["flight", "Flight_2024-05.01", "a", String(repeating: "a", count: 100)])
    func validNamesStay(name: String) {
        #expect(DatasetName.partition(for: name) == name)
    }

    @Test(arguments: [
        "", "true", "NULL", "yes", "On", "root", "-dash", "2024", "a b", "日本", ".git", "..", "x.dvc", "a/b",
        "a\nb", "n",
        "dvc.yaml", String(repeating: "a", count: 101), String(repeating: "é", count: 300), "flight-0123abcd",
    ])
    func otherNamesBecomeValidOnes(name: String) throws {
        let partition = DatasetName.partition(for: name)
        #expect(DatasetName.isPartition(partition))
        #expect(partition != name)
        #expect(partition.wholeMatch(of: /([A-Za-z][A-Za-z0-9._-]*)-[0-9a-f]{8}/) != nil)
        #expect(DatasetName.partition(for: name) == partition)
    }

    @Test
    func differentNamesGetDifferentPartitions() {
        let names = [
            "a b", "a_b", "a-b", "a:b", "a/b", "é", "e\u{301}", "", "root", "true", "True", "1", "p1",
        ]
        let partitions = Set(names.map(DatasetName.partition(for:)))
        #expect(partitions.count == names.count)
        // Nobody can name an object so that it lands in another one's partition.
        let forged = DatasetName.partition(for: "a b")
        #expect(DatasetName.partition(for: forged) != forged)
    }

    @Test(arguments: [
        ("flight/DJI_1.JPG", "flight/DJI_1.JPG"), ("", "%"), ("/", "%/%"), ("a//b", "a/%/b"), (".", "%2E"),
        ("..", "%2E."),
        ("a/../b", "a/%2E./b"), (".git", "%2Egit"), (".GIT", "%2EGIT"), (".dvc", "%2Edvc"),
        ("x.dvc", "x%2Edvc"),
        ("é.DVC", "é%2EDVC"), (".dvcignore", "%2Edvcignore"), (".gitignore", "%2Egitignore"),
        ("dvc.yaml", "%64vc.yaml"),
        ("%", "%25"), ("100%", "100%"), ("%2E", "%252E"), ("%2e", "%2e"), ("%zz", "%zz"), ("%~", "%25~"),
        ("a\nb", "a%0Ab"),
        ("a\0b", "a%00b"), ("-dash", "-dash"), (" a ", " a "), ("日本/é", "日本/é"),
    ])
    func keysBecomePaths(key: String, path: String) {
        #expect(DatasetName.path(for: key) == path)
    }

    @Test
    func fullComponentsStayAndLongerOnesAreCut() {
        let full = String(repeating: "é", count: 127) + "x"
        #expect(DatasetName.path(for: full) == full)
        let long = DatasetName.path(for: full + "y")
        #expect(long.utf8.count <= 255)
        #expect(long.contains("%~"))
        #expect(long != DatasetName.path(for: full + "z"))
        #expect(DatasetName.path(for: long) != long)
    }

    @Test
    func randomKeysNeverShareAPath() {
        let alphabet: [Character] = ["%", "2", "E", "5", "e", ".", "/", "\n", "~", "g"]
        var generator = SeededGenerator(seed: 3)
        var keys: [String: String] = [:]
        for _ in 0..<200_000 {
            let key = String(
                (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator)!
                }
            )
            let path = DatasetName.path(for: key)
            #expect(keys.updateValue(key, forKey: path) ?? key == key, "\(path)")
            var writer = ManifestWriter()
            #expect(throws: Never.self) {
                try writer.append(
                    ManifestEntry(relpath: path, md5: "d41d8cd98f00b204e9800998ecf8427e", size: 0)
                )
            }
        }
    }
}
