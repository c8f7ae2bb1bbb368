import Intake
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// No change is missed, whatever way a file comes or goes; the kernel is the real one.
@Suite(.timeLimit(.minutes(10)))
struct FolderWatcherTests {
    @Test
    func aWrittenFileIsToldWhenItIsClosed() async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("a")
        var watching = try await Watching(folder)
        let descriptor = try folder.open(Array("a/1.jpg".utf8), O_WRONLY | O_CREAT)
        try folder.append("part of it", to: descriptor)
        let opened = await watching.read(until: .appeared("a/1.jpg"))
        #expect(opened == [.appeared("a/1.jpg")])
        close(descriptor)
        let closed = await watching.read(until: .changed("a/1.jpg"))
        #expect(closed == [.changed("a/1.jpg")])
    }

    @Test
    func aPartIsToldWhenItIsRenamed() async throws {
        let folder = try TemporaryFolder()
        var watching = try await Watching(folder)
        try folder.write("1.jpg.part")
        try folder.write(".hidden.jpg")
        try folder.move("1.jpg.part", to: "1.jpg")
        try folder.write("../2.jpg")
        try folder.move("../2.jpg", to: "2.jpg")
        let seen = await watching.read(until: .changed("2.jpg"))
        #expect(seen == [.changed("1.jpg"), .changed("2.jpg")])
    }

    @Test
    func linksAreTold() async throws {
        let folder = try TemporaryFolder()
        try folder.write("../outside.jpg")
        try #require(mkdir(folder.outside + "/set", 0o755) == 0)
        var watching = try await Watching(folder)
        try #require(Glibc.link(folder.outside + "/outside.jpg", folder.path + "/hard.jpg") == 0)
        try folder.link("soft.jpg", to: "../outside.jpg")
        try folder.link("loop", to: ".")
        try folder.link("set", to: "../set")
        // Until the link is known to be watched, the file may be found by listing.
        try folder.write("../set/1.jpg")
        try folder.write("last")
        let seen = await watching.read(until: .changed("last"))
        #expect(seen.contains(.appeared("hard.jpg")) && seen.contains(.appeared("soft.jpg")))
        #expect(seen.contains(.appeared("set/1.jpg")) || seen.contains(.changed("set/1.jpg")))
        try folder.write("../set/1.jpg", "again")
        let again = await watching.read(until: .changed("set/1.jpg"))
        #expect(again.last == .changed("set/1.jpg"))
    }

    @Test
    func noFileInNewFoldersIsMissed() async throws {
        let folder = try TemporaryFolder()
        var watching = try await Watching(folder)
        var missing: Set<String> = []
        for index in 0..<200 {
            try folder.makeFolder("\(index)/b/c")
            for name in ["\(index)/1.jpg", "\(index)/b/2.jpg", "\(index)/b/c/3.jpg"] {
                try folder.write(name)
                missing.insert(name)
            }
        }
        while !missing.isEmpty, let hint = await watching.hints.next() {
            switch hint {
            case .changed(let key), .appeared(let key): missing.remove(key)
            case .removed, .sweepNeeded: Issue.record("unexpected \(hint)")
            }
        }
        #expect(missing.isEmpty)
    }

    @Test
    func whatGoesIsTold() async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("a/b")
        for name in ["1.jpg", "2.jpg", "a/b/3.jpg"] {
            try folder.write(name)
        }
        var watching = try await Watching(folder)
        folder.delete("1.jpg")
        try folder.move("2.jpg", to: "../2.jpg")
        folder.delete("a")
        let seen = await watching.read(until: .removed("a/b/3.jpg"))
        #expect(seen == [.removed("1.jpg"), .removed("2.jpg"), .removed("a/b/3.jpg")])
        // The same name again is another directory.
        try folder.makeFolder("a/b")
        try folder.write("a/b/4.jpg")
        let again = await watching.hints.next()
        #expect(again == .appeared("a/b/4.jpg") || again == .changed("a/b/4.jpg"))
    }

    @Test
    func aMovedFolderIsToldUnderItsNewNameOnly() async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("old/in")
        try folder.makeFolder("gone")
        try folder.write("old/in/1.jpg")
        var watching = try await Watching(folder)
        try folder.move("gone", to: "../gone")
        try folder.move("old", to: "new")
        let moved = await watching.read(until: .appeared("new/in/1.jpg"))
        #expect(moved.contains(.sweepNeeded(.directoryMoved)))
        try folder.write("../gone/2.jpg")
        try folder.write("new/in/3.jpg")
        let seen = await watching.read(until: .changed("new/in/3.jpg"))
        #expect(
            seen.filter { $0 != .sweepNeeded(.directoryMoved) } == [
                .appeared("new/in/3.jpg"), .changed("new/in/3.jpg"),
            ]
        )
    }

    @Test
    func aNameThatIsNotUTF8IsTold() async throws {
        let folder = try TemporaryFolder()
        var watching = try await Watching(folder)
        try folder.write(Array("1".utf8) + [0xFF])
        _ = await watching.read(until: .changed("1%FF"))
        let finding = try FolderScanner(root: folder.path).look("1%FF")
        #expect(finding?.key == "1%FF")
    }

    @Test
    func beyondTheLimitOnWatchesItAsksForSweeps() async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("a")
        var watching = try await Watching(folder, maximumWatches: 2)
        #expect(!watching.watcher.mustSweep)
        try folder.makeFolder("b")
        _ = await watching.read(until: .sweepNeeded(.watchLimit))
        #expect(watching.watcher.mustSweep)
        // What is watched stays watched.
        try folder.write("a/1.jpg")
        _ = await watching.read(until: .changed("a/1.jpg"))
    }

    @Test
    func aReaderThatIsTooSlowIsToldToSweep() async throws {
        let folder = try TemporaryFolder()
        var watching = try await Watching(folder, hintLimit: 4)
        for index in 0..<100 {
            try folder.write("\(index).jpg")
        }
        let seen = await watching.read(until: .sweepNeeded(.hintsDropped))
        #expect(seen.count < 200)
    }

    @Test
    func aRootThatComesBackIsWatchedAgain() async throws {
        let folder = try TemporaryFolder()
        var watching = try await Watching(folder)
        folder.delete("")
        _ = await watching.read(until: .sweepNeeded(.rootLost))
        try #require(mkdir(folder.path, 0o755) == 0)
        _ = await watching.read(until: .sweepNeeded(.watchingBegan))
        try folder.write("1.jpg")
        _ = await watching.read(until: .changed("1.jpg"))
    }

    @Test
    func aSingleFileIsWatched() async throws {
        let folder = try TemporaryFolder()
        try folder.write("1.jpg")
        var watching = try await Watching(folder, name: "/1.jpg")
        try folder.write("2.jpg")
        try folder.write("1.jpg", "again")
        let seen = await watching.hints.next()
        #expect(seen == .changed("1.jpg"))
    }

    @Test
    func stoppingEndsTheHints() async throws {
        let folder = try TemporaryFolder()
        var watching = try await Watching(folder)
        watching.watcher.stop()
        let end = await watching.hints.next()
        #expect(end == nil)
    }
}
