import Intake
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A scan meets everything below its root once, in a fixed order, and says why where it cannot observe.
@Suite
struct FolderScannerTests {
    private func findings(_ folder: TemporaryFolder) throws -> [Finding] {
        var found: [Finding] = []
        try FolderScanner(root: folder.path).scan { found.append($0) }
        return found
    }

    private func keys(_ folder: TemporaryFolder) throws -> [String] {
        try findings(folder).map(\.key)
    }

    private func code(_ finding: Finding?) -> Finding.Code? {
        if case .unreadable(_, _, let code)? = finding { code } else { nil }
    }

    @Test
    func everyKindOfNameIsAKey() throws {
        let folder = try TemporaryFolder()
        let names = [
            "-rf", " leading and trailing ", "line\nbreak.jpg", "%41.jpg", "a\\b\"c'.jpg", "Straße 😀.JPG",
            String(repeating: "n", count: 255), String(repeating: "é", count: 127), "no-extension",
            "e\u{301}.jpg",
            "\u{e9}.jpg",
        ]
        for name in names {
            try folder.write(name)
        }
        let found = try keys(folder)
        #expect(found.count == names.count)
        #expect(Set(found.map(ExactKey.init)) == Set(names.map(ExactKey.init)))
        let bytes = found.map { Array($0.utf8) }
        #expect(bytes == bytes.sorted { $0.lexicographicallyPrecedes($1) })
        for name in names {
            let finding = try #require(try FolderScanner(root: folder.path).look(name))
            #expect(ExactKey(finding.key) == ExactKey(name))
        }
    }

    @Test
    func aNameThatIsNotUTF8IsEscapedWithoutLoss() throws {
        let folder = try TemporaryFolder()
        let name = Array("100%_ü_".utf8) + [0xFF, 0xC3] + Array(".jpg".utf8)
        try folder.write(name)
        let key = "100%25_ü_%FF%C3.jpg"
        guard case .file(let file)? = try findings(folder).first else {
            Issue.record("the file was not found")
            return
        }
        #expect(file.key == key && file.nonUTF8Name && file.problem == .nameNotUTF8)
        let scanner = FolderScanner(root: folder.path)
        #expect(try scanner.look(key) == .file(file))
        // A file that is really called so takes precedence, and is not the same file.
        try folder.write(key)
        let other = try scanner.look(key)
        #expect(other != .file(file) && other?.key == key)
        #expect(try findings(folder).count == 2)
    }

    @Test
    func aFileIsObservedAsItIs() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("flight 1/b")
        try folder.write("flight 1/b/1.jpg", "12345")
        try folder.stamp("flight 1/b/1.jpg", seconds: 1_700_000_000)
        var status = stat()
        try #require(stat("\(folder.path)/flight 1/b/1.jpg", &status) == 0)
        let expected = ObservedFile(
            key: "flight 1/b/1.jpg",
            size: 5,
            modifiedNanoseconds: 1_700_000_000_000_000_007,
            inode: UInt64(status.st_ino)
        )
        #expect(try findings(folder) == [.file(expected)])
        let scanner = FolderScanner(root: folder.path + "//")
        #expect(try scanner.look("flight 1/b/1.jpg") == .file(expected))
        #expect(scanner.path(of: "flight 1/b/1.jpg").hasSuffix("root//flight 1/b/1.jpg"))
    }

    @Test
    func hiddenNamesAndPartsAreLeftAlone() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder(".git")
        try folder.makeFolder("set.tmp")
        let left = [".git/a.jpg", ".b.jpg", "c.part", "d.TMP", "e.crdownload", "f.filepart", "g~", "h.swp"]
        for name in left + ["set.tmp/k.jpg", "part.jpg", "l.part.jpg"] {
            try folder.write(name)
        }
        #expect(try keys(folder) == ["l.part.jpg", "part.jpg", "set.tmp/k.jpg"])
        for name in left + ["../outside.jpg", "/etc/passwd", "set.tmp//k.jpg", "set.tmp/", "", "set.tmp"] {
            #expect(try FolderScanner(root: folder.path).look(name) == nil)
        }
    }

    @Test
    func linksAreFollowedAndLoopsReportedOnce() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("a/b")
        try folder.write("a/b/1.jpg")
        try folder.link("a/b/up", to: "..")
        try folder.link("a/b/here", to: ".")
        try folder.link("self", to: "self")
        try folder.link("nowhere", to: "not/there")
        try folder.link("other", to: "a/b")
        try folder.link("one.jpg", to: "a/b/1.jpg")
        let found = try findings(folder)
        #expect(
            found.map(\.key) == [
                "a/b/1.jpg", "a/b/here", "a/b/up", "nowhere", "one.jpg", "other/1.jpg", "other/here",
                "other/up/b",
                "self",
            ]
        )
        let codes = Dictionary(grouping: found) { $0.key }.mapValues { code($0.first) }
        #expect(codes["a/b/here"] == .symlinkLoop)
        #expect(codes["a/b/up"] == .symlinkLoop)
        #expect(codes["self"] == .symlinkLoop)
        #expect(codes["nowhere"] == .danglingSymlink)
        #expect(codes["one.jpg"] == .some(nil))
        #expect(codes["other/up/b"] == .symlinkLoop)
    }

    @Test
    func whatIsNoFileIsReported() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo("\(folder.path)/pipe.jpg", 0o644) == 0)
        #expect(code(try findings(folder).first) == .notAFile)
    }

    @Test
    func whatMayNotBeReadIsReported() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("locked")
        try folder.write("locked/1.jpg")
        try folder.write("secret.jpg")
        try folder.write("open.jpg")
        try #require(chmod("\(folder.path)/locked", 0) == 0 && chmod("\(folder.path)/secret.jpg", 0) == 0)
        let found = try asNobody { try findings(folder) }
        #expect(found.map(\.key) == ["locked", "open.jpg", "secret.jpg"])
        #expect(found.map(code) == [.permissionDenied, nil, .permissionDenied])
        try #require(chmod(folder.path, 0) == 0)
        let error = #expect(throws: IntakeError.self) { try asNobody { try findings(folder) } }
        #expect(error?.code == .rootUnreadable)
    }

    @Test
    func whatVanishesDuringAScanIsNoFinding() throws {
        let folder = try TemporaryFolder()
        for name in ["1.jpg", "2.jpg", "3.jpg"] {
            try folder.write(name)
        }
        try folder.makeFolder("4")
        try folder.write("4/a.jpg")
        var found: [String] = []
        try FolderScanner(root: folder.path).scan { finding in
            found.append(finding.key)
            folder.delete("2.jpg")
            folder.delete("4")
        }
        #expect(found == ["1.jpg", "3.jpg"])
    }

    @Test
    func anErrorOfTheVisitorEndsTheScan() throws {
        struct Stop: Error {}
        let folder = try TemporaryFolder()
        try folder.write("1.jpg")
        try folder.write("2.jpg")
        var visits = 0
        #expect(throws: Stop.self) {
            try FolderScanner(root: folder.path).scan { _ in
                visits += 1
                throw Stop()
            }
        }
        #expect(visits == 1)
    }

    @Test
    func aMissingRootIsAnErrorAndNotAnEmptyFolder() throws {
        let scanner = FolderScanner(root: "/nonexistent/swathlog")
        let scan = #expect(throws: IntakeError.self) { try scanner.scan { _ in } }
        #expect(scan?.code == .rootMissing)
        #expect(scan?.message.contains("/nonexistent/swathlog") == true)
        let look = #expect(throws: IntakeError.self) { try scanner.look("a.jpg") }
        #expect(look?.code == .rootMissing)
        let watch = #expect(throws: IntakeError.self) { try FolderWatcher(root: "/nonexistent/swathlog") }
        #expect(watch?.code == .rootMissing)
        let device = #expect(throws: IntakeError.self) { try FolderScanner(root: "/dev/null").scan { _ in } }
        #expect(device?.code == .rootNotAFolder)
    }

    @Test
    func aSingleFileIsASourceOfItsOwn() throws {
        let folder = try TemporaryFolder()
        try folder.write("1.jpg", "123")
        try folder.write("2.jpg")
        let scanner = FolderScanner(root: folder.path + "/1.jpg")
        var found: [Finding] = []
        try scanner.scan { found.append($0) }
        #expect(found.map(\.key) == ["1.jpg"])
        #expect(try scanner.look("1.jpg") == found.first)
        #expect(try scanner.look("2.jpg") == nil)
        #expect(scanner.path(of: "1.jpg") == folder.path + "/1.jpg")
    }

    @Test
    func deepTreesAreWalkedToTheirEnd() throws {
        let folder = try TemporaryFolder()
        let deep = (0..<60).map { "\($0)" }.joined(separator: "/")
        try folder.makeFolder(deep)
        try folder.write(deep + "/1.jpg")
        #expect(try keys(folder) == [deep + "/1.jpg"])
    }
}
