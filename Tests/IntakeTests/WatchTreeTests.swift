import Intake
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What an event means, without a kernel that has to be brought to send it.
@Suite
struct WatchTreeTests {
    private func path(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func event(_ watch: Int32, _ mask: Int, _ name: String = "") -> InotifyEvent {
        InotifyEvent(watch: watch, mask: UInt32(mask), name: Array(name.utf8))
    }

    private func tree() -> WatchTree {
        var tree = WatchTree()
        _ = tree.add([], watch: 1)
        _ = tree.add(path("a"), watch: 2)
        _ = tree.add(path("a/b"), watch: 3)
        _ = tree.add(path("ab"), watch: 4)
        return tree
    }

    @Test
    func anOverflowBeginsAnew() {
        var tree = tree()
        #expect(tree.interpret(event(-1, Int(IN_Q_OVERFLOW))) == [.restart(.queueOverflow)])
    }

    @Test
    func aLostRootBeginsAnew() {
        var tree = tree()
        #expect(tree.interpret(event(1, Int(IN_MOVE_SELF))) == [.restart(.rootLost)])
        #expect(tree.interpret(event(1, Int(IN_DELETE_SELF))) == [.restart(.rootLost)])
        #expect(tree.interpret(event(1, Int(IN_IGNORED))) == [.restart(.rootLost)])
    }

    @Test
    func aMovedDirectoryTakesItsWatchesWithIt() {
        var tree = tree()
        let moved = tree.interpret(event(1, Int(IN_MOVED_FROM) | Int(IN_ISDIR), "a"))
        #expect(moved == [.unwatch([2, 3]), .hint(.sweepNeeded(.directoryMoved))])
        #expect(tree.interpret(event(3, Int(IN_CLOSE_WRITE), "1.jpg")) == [])
        #expect(tree.interpret(event(4, Int(IN_CLOSE_WRITE), "1.jpg")) == [.hint(.changed("ab/1.jpg"))])
        #expect(tree.watchCount == 2)
    }

    @Test
    func oneWatchMayStandForTwoPaths() {
        var tree = tree()
        #expect(tree.add(path("link"), watch: 3) == .added)
        #expect(tree.add(path("link"), watch: 3) == .known)
        let written = tree.interpret(event(3, Int(IN_CLOSE_WRITE), "1.jpg"))
        #expect(written == [.hint(.changed("a/b/1.jpg")), .hint(.changed("link/1.jpg"))])
        let unlinked = tree.interpret(event(1, Int(IN_DELETE), "link"))
        #expect(unlinked == [.unwatch([]), .hint(.sweepNeeded(.directoryMoved))])
        #expect(tree.interpret(event(3, Int(IN_DELETE), "1.jpg")) == [.hint(.removed("a/b/1.jpg"))])
    }

    @Test
    func aLinkToADirectoryAboveIsALoop() {
        var tree = tree()
        #expect(tree.add(path("a/b/up"), watch: 2) == .loop)
        #expect(tree.add(path("a/b/root"), watch: 1) == .loop)
        #expect(tree.add(path("ab/a"), watch: 2) == .added)
    }

    @Test
    func aReplacedDirectoryKeepsItsNewWatch() {
        var tree = tree()
        #expect(tree.add(path("ab"), watch: 9) == .added)
        #expect(tree.interpret(event(4, Int(IN_IGNORED))) == [])
        #expect(
            tree.interpret(event(9, Int(IN_MOVED_TO), "1.jpg")) == [.inspect(path("ab/1.jpg"), closed: true)]
        )
    }

    @Test
    func aSingleFileIsAllThatMatters() {
        var tree = WatchTree(onlyName: path("1.part"))
        _ = tree.add([], watch: 1)
        #expect(tree.interpret(event(1, Int(IN_CLOSE_WRITE), "1.part")) == [.hint(.changed("1.part"))])
        #expect(tree.interpret(event(1, Int(IN_CLOSE_WRITE), "2.jpg")) == [])
        #expect(tree.interpret(event(1, Int(IN_CREATE) | Int(IN_ISDIR), "a")) == [])
    }

    @Test
    func aTornBufferYieldsItsWholeEvents() {
        let one: [UInt8] = [1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0x61, 0x62, 0, 0]
        let expected = InotifyEvent(watch: 1, mask: 8, name: path("ab"))
        #expect(InotifyEvent.parse((one + one)[...]) == [expected, expected])
        #expect(InotifyEvent.parse((one + one.dropLast())[...]) == [expected])
    }
}
