import Intake
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// A file is taken when it is whole, and not before; time is told to the machine.
@Suite
struct SettlingTests {
    private let start = Moment.now()

    private func moment(_ seconds: Double) -> Moment {
        Moment(
            wallNanoseconds: start.wallNanoseconds + Int64(seconds * 1e9),
            steady: start.steady + .seconds(seconds)
        )
    }

    private func file(
        _ key: String = "a.jpg",
        size: Int = 10,
        modified: Double = 0,
        inode: UInt64 = 1
    ) -> ObservedFile {
        ObservedFile(
            key: key,
            size: size,
            modifiedNanoseconds: start.wallNanoseconds + Int64(modified * 1e9),
            inode: inode
        )
    }

    @Test
    func aClosedFileIsSettled() {
        var settling = Settling()
        let first = settling.look(file(), now: moment(0))
        let closed = settling.look(file(size: 20), now: moment(0.1), closed: true)
        #expect(!first && closed)
        #expect(settling.pendingCount == 0 && settling.nextLook(now: moment(0.1)) == nil)
    }

    @Test
    func moreFilesThanAreRememberedAreLeftToAnotherSweep() {
        var settling = Settling(limit: 2)
        for name in ["a", "b", "c"] { _ = settling.look(file(name), now: moment(0)) }
        #expect(settling.pendingCount == 2)
        let early = settling.takeOverflow()
        settling.forget("a")
        let (late, again) = (settling.takeOverflow(), settling.takeOverflow())
        #expect(!early && late && !again)
    }

    @Test
    func anOldFileIsSettledAtFirstSight() {
        var settling = Settling()
        let old = settling.look(file(modified: -2), now: moment(0))
        let young = settling.look(file("b.jpg", modified: -1.9), now: moment(0))
        #expect(old && !young)
    }

    @Test
    func aFileThatStaysTheSameSettlesAfterTheQuietTime() {
        var settling = Settling(quiet: .seconds(5))
        let looks = [0, 4.9, 5].map { settling.look(file(), now: moment($0)) }
        #expect(looks == [false, false, true])
    }

    @Test(arguments: [Double.greatestFiniteMagnitude, 3600])
    func aTimeInTheFutureIsTolerated(ahead: Double) {
        var settling = Settling()
        let modified = ahead == 3600 ? start.wallNanoseconds + 3_600_000_000_000 : Int64.max
        let strange = ObservedFile(key: "a", size: 1, modifiedNanoseconds: modified, inode: 1)
        let looks = [0, 2].map { settling.look(strange, now: moment($0)) }
        #expect(looks == [false, true])
    }

    @Test
    func aTimeBeforeAllTimesIsOld() {
        var settling = Settling()
        let ancient = ObservedFile(key: "a", size: 1, modifiedNanoseconds: .min, inode: 1)
        let settled = settling.look(ancient, now: moment(0))
        #expect(settled)
    }

    @Test
    func aChangedFileStartsOverAndItsAgeNoLongerCounts() {
        for changed in [file(size: 11), file(modified: -60), file(inode: 2)] {
            var settling = Settling()
            let looks = [
                settling.look(file(), now: moment(0)),
                settling.look(changed, now: moment(3)),
                settling.look(changed, now: moment(4.9)),
                settling.look(changed, now: moment(5)),
            ]
            #expect(looks == [false, false, false, true])
        }
    }

    @Test
    func theNextLookIsTheOneThatFallsDueFirst() {
        var settling = Settling()
        _ = settling.look(file("a"), now: moment(0))
        _ = settling.look(file("b"), now: moment(1))
        #expect(settling.nextLook(now: moment(1)) == moment(2).steady)
        #expect(settling.nextLook(now: moment(9)) == moment(9).steady)
        #expect(settling.due(now: moment(1.9)) == [])
        #expect(settling.due(now: moment(2)) == ["a"])
        #expect(settling.due(now: moment(3)) == ["a", "b"])
        // "a" grows, so "b" is next.
        _ = settling.look(file("a", size: 99), now: moment(2))
        #expect(settling.due(now: moment(3)) == ["b"])
        #expect(settling.nextLook(now: moment(2)) == moment(3).steady)
        settling.forget("b")
        #expect(settling.nextLook(now: moment(3)) == moment(4).steady)
        settling.forget("a")
        #expect(settling.nextLook(now: moment(3)) == nil && settling.due(now: moment(9)) == [])
    }

    @Test
    func namesThatLookTheSameAreNotTheSameFile() {
        var settling = Settling()
        _ = settling.look(file("\u{e9}.jpg", inode: 1), now: moment(0))
        _ = settling.look(file("e\u{301}.jpg", inode: 2), now: moment(1))
        let settled = settling.look(file("\u{e9}.jpg", inode: 1), now: moment(2))
        #expect(settled && settling.pendingCount == 1)
    }

    @Test
    func manyFilesSettleInOrderAndLeaveNothingBehind() {
        var settling = Settling()
        let keys = (0..<5000).map { "\($0).jpg" }
        for (index, key) in keys.enumerated() {
            _ = settling.look(file(key, modified: 5), now: moment(Double(index) / 1000))
        }
        let allAreDue = settling.due(now: moment(7)) == keys
        #expect(allAreDue)
        for key in keys {
            let settled = settling.look(file(key, modified: 5), now: moment(7))
            #expect(settled)
        }
        #expect(settling.pendingCount == 0 && settling.nextLook(now: moment(7)) == nil)
    }

    @Test
    func aWriterThatKeepsItsFileOpenIsWaitedFor() throws {
        let folder = try TemporaryFolder()
        let scanner = FolderScanner(root: folder.path)
        let descriptor = try folder.open(Array("a.jpg".utf8), O_WRONLY | O_CREAT | O_APPEND)
        defer { close(descriptor) }
        var settling = Settling()
        func look(_ seconds: Double) throws -> Bool {
            guard case .file(let file)? = try scanner.look("a.jpg") else { return false }
            return settling.look(file, now: moment(seconds))
        }
        for seconds in [0.0, 3, 6, 9] {
            try folder.append("more", to: descriptor)
            let settled = try look(seconds)
            #expect(!settled)
        }
        let early = try look(10)
        let late = try look(11)
        #expect(!early && late)
    }
}
