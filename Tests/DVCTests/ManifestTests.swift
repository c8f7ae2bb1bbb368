import DVC
import Events
import Files
import TestSupport
import Testing

@Suite
struct ManifestTests {
    private let empty = "d41d8cd98f00b204e9800998ecf8427e"

    @Test
    func theBytesAreThoseOfPythonsJSON() throws {
        var writer = ManifestWriter()
        for path in ["\u{1}", "a\nb", "a\\b", "q\"", "sub.txt", "sub/a", "\u{7F}", "é", "\u{1F600}"] {
            try writer.append(ManifestEntry(relpath: path, md5: empty, size: 3))
        }
        let manifest = writer.finish()
        let expected =
            [
                "\\u0001", "a\\nb", "a\\\\b", "q\\\"", "sub.txt", "sub/a", "\\u007f", "\\u00e9",
                "\\ud83d\\ude00",
            ]
            .map { #"{"md5": "\#(empty)", "relpath": "\#($0)"}"# }.joined(separator: ", ")
        #expect(String(decoding: manifest.bytes, as: UTF8.self) == "[\(expected)]")
        #expect(manifest.count == 9)
        #expect(manifest.totalSize == 27)
        #expect(manifest.id == md5Text(manifest.bytes) + ".dir")
    }

    @Test
    func anEmptyManifestIsAnEmptyList() {
        let manifest = ManifestWriter().finish()
        #expect(manifest.bytes == Array("[]".utf8))
        #expect(manifest.id == "d751713988987e9331980363e24189ce.dir")
    }

    @Test(arguments: [("b", "a"), ("a", "a"), ("sub/a", "sub.txt"), ("é", "e\u{301}")])
    func unsortedOrDoubledPathsAreRefused(first: String, second: String) throws {
        var writer = ManifestWriter()
        try writer.append(ManifestEntry(relpath: first, md5: empty, size: 0))
        let error = #expect(throws: DVCError.self) {
            try writer.append(ManifestEntry(relpath: second, md5: empty, size: 0))
        }
        #expect(error?.code == .outOfOrder)
    }

    @Test
    func canonicallyEqualNamesAreTwoFiles() throws {
        // Swift compares "é" and "e" + accent as equal; DVC and the disk do not.
        var writer = ManifestWriter()
        try writer.append(ManifestEntry(relpath: "e\u{301}", md5: empty, size: 0))
        try writer.append(ManifestEntry(relpath: "\u{E9}", md5: empty, size: 0))
        let entries = try ManifestReader.entries(of: writer.finish().bytes)
        #expect(entries.map { Array($0.relpath.utf8) } == [Array("e\u{301}".utf8), Array("\u{E9}".utf8)])
        #expect(entries[0] != entries[1])
    }

    @Test(arguments: ["", "/a", "a/", "a//b", "..", "a/../b", ".", "a/./b", "a\0b"])
    func pathsThatLeaveTheirDirectoryAreRefused(path: String) {
        var writer = ManifestWriter()
        let error = #expect(throws: DVCError.self) {
            try writer.append(ManifestEntry(relpath: path, md5: empty, size: 0))
        }
        #expect(error?.code == .badPath)
    }

    @Test
    func entriesReadBackWithoutSizes() throws {
        let files = tiles(0..<50) + [("ünï\u{1F600}\n\"\\\u{8}\u{C}\r\t", [1])]
        let entries = try ManifestReader.entries(of: manifest(files).bytes)
        let expected = files.sorted { $0.path.precedesInBytes($1.path) }
            .map { ManifestEntry(relpath: $0.path, md5: md5Text($0.bytes), size: nil) }
        #expect(entries == expected)
    }

    @Test(arguments: [
        "", "[", "[]x", "{}", "[{}]", #"[{"md5": "x", "relpath": "a"}]"#, #"[{"md5": 1}]"#,
        #"[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "../a"}]"#,
        #"[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "\ud800"}]"#,
        #"[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "\udcff"}]"#,
        #"[{"md5": "d41d8cd98f00b204e9800998ecf8427e", "relpath": "a\"#,
    ])
    func malformedManifestsAreErrors(text: String) {
        #expect(throws: DVCError.self) { try ManifestReader.entries(of: Array(text.utf8)) }
    }

    @Test
    func damagedManifestsNeverCrashTheReader() throws {
        let bytes = try manifest(tiles(0..<5) + [("é\n", [1])]).bytes
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                    in: 0...255,
                    using: &generator
                )
            }
            damaged.removeLast(Int.random(in: 0...2, using: &generator))
            do throws(DVCError) {
                for entry in try ManifestReader.entries(of: damaged) {
                    #expect(!entry.relpath.hasPrefix("/") && entry.md5.utf8.count == 32)
                }
            } catch {
                #expect([.badManifest, .badPath, .outOfOrder].contains(error.code))
            }
        }
    }
}
