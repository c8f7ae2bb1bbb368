import DVC
import Files
import TestSupport
import Testing

/// Hundreds of random trees: what dvc calls them is what this program calls them.
@Suite(.timeLimit(.minutes(10)))
struct ManifestPropertyTests {
    private static let names = [
        "a", "A", "b.png", "sub", "sub.txt", "sub-a", "0_0.png", "10_2.png", "é", "e\u{301}", "日本", "写真 1.jpg",
        "\u{1F681}",
        "\u{1F600}.x", " lead", "trail ", "q\"'", "back\\slash", "%2E", "*[x]?", "#", "tab\there", "new\nline", "~",
        "-x",
        "\u{7F}", "\u{1}", "\u{FFFD}", "\u{E000}", "\u{10FFFD}", "DJI_0001.JPG", "true", "null", "ß", "İ", ".hidden",
        String(repeating: "x", count: 240), String(repeating: "é", count: 120),
    ]

    /// A tree in which no name is both a file and a directory.
    private static func tree(_ count: Int, _ generator: inout SeededGenerator) -> Tree {
        var files: [[UInt8]: (path: String, bytes: [UInt8])] = [:]
        var directories: Set<[UInt8]> = []
        while files.count < count {
            let depth = Int.random(in: 1...(count > 100 ? 4 : 3), using: &generator)
            var parts = (0..<depth).map { _ in names.randomElement(using: &generator) ?? "a" }
            // There are more files than names.
            if count > 20 || Bool.random(using: &generator) { parts[depth - 1] += String(generator.next() % 9_999) }
            let path = parts.joined(separator: "/")
            let parents = (1..<depth).map { Array(parts.prefix($0).joined(separator: "/").utf8) }
            guard !directories.contains(Array(path.utf8)), parents.allSatisfy({ files[$0] == nil }) else { continue }
            directories.formUnion(parents)
            let size = [0, 1, 3, 40].randomElement(using: &generator) ?? 0
            files[Array(path.utf8)] = (path, (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        return Array(files.values)
    }

    @Test("dvc add gives a tree the same name, size and number of files")
    func sameAsDVCAdd() async throws {
        let scratch = try Scratch()
        var generator = SeededGenerator(seed: 2_026)
        try await Peer.git(["init", "--quiet"], in: scratch.path)
        try await Peer.dvc(["init", "--quiet"], in: scratch.path)
        var expected: [String: Manifest] = [:]
        for index in 0..<300 {
            let count = index == 0 ? 5_000 : index < 4 ? 400 : Int.random(in: 1...12, using: &generator)
            let tree = Self.tree(count, &generator)
            try write(tree, below: scratch("t\(index)"))
            expected["t\(index)"] = try manifest(tree)
        }
        // One process adds them all, as `dvc add t0 t1 …` does.
        let script = """
            import sys
            from dvc.repo import Repo
            Repo(".").add(sys.argv[1:])
            """
        try await Peer.python(script, expected.keys.sorted(), in: scratch.path)
        for (name, manifest) in expected {
            let text = String(decoding: try readFile(scratch("\(name).dvc")), as: UTF8.self)
            let pointer = try Pointer(parsing: text)
            #expect(pointer == Pointer(manifest, path: name))
            #expect(text == pointer.text)
        }
        // And its bytes, where it is largest.
        let largest = try #require(expected["t0"])
        let path = DVCCache(root: scratch(".dvc/cache/files/md5")).objectPath(largest.id)
        #expect(try readFile(path) == largest.bytes)
    }

    @Test("a manifest that is patched is the one that is made anew, whatever was added, changed and removed")
    func patches() throws {
        let scratch = try Scratch()
        let cache = DVCCache(root: scratch("cache"))
        var generator = SeededGenerator(seed: 7)
        func entries(_ tree: Tree) -> [ManifestEntry] {
            tree.sorted { $0.path.precedesInBytes($1.path) }.map {
                ManifestEntry(relpath: $0.path, md5: md5Text($0.bytes), size: $0.bytes.count)
            }
        }
        for _ in 0..<300 {
            let before = Self.tree(Int.random(in: 1...40, using: &generator), &generator)
            let old = try manifest(before)
            let batch = try cache.batch()
            try batch.add(bytes: old.bytes, md5: old.id)
            try batch.commit()
            let touched = before.filter { _ in Int.random(in: 0...3, using: &generator) == 0 }
            let kept = before.filter { file in !touched.contains { $0.path.utf8.elementsEqual(file.path.utf8) } }
            let changed = touched.filter { _ in Bool.random(using: &generator) }.map { ($0.path, $0.bytes + [1]) }
            let fresh = (0..<Int.random(in: 0...5, using: &generator)).map {
                ("new/\($0)-\(generator.next() % 3)", [UInt8($0)])
            }
            let patch = try #require(
                try ManifestPatch(id: old.id, count: old.count, totalSize: old.totalSize, in: cache)
            )
            let patched = try patch.applied(removing: entries(touched), adding: entries(changed + fresh))
            #expect(try patched == manifest(kept + changed + fresh))
            // What is not there cannot be taken out.
            let stranger = ManifestEntry(relpath: "zz", md5: md5Text([]), size: 0)
            #expect(try patch.applied(removing: entries(touched) + [stranger], adding: []) == nil)
        }
        #expect(try ManifestPatch(id: md5Text([]) + ".dir", count: 1, totalSize: 1, in: cache) == nil)
    }
}
