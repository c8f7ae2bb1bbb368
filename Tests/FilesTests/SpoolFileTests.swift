import Files
import Testing

@Suite
struct SpoolFileTests {
    @Test
    func piecesAreDigestedAsTheyAreWritten() throws {
        let scratch = try Scratch()
        let spool = try SpoolFile(scratch("a"), withMD5: true)
        try spool.append([1, 2])
        try spool.append([])
        try spool.append([3])
        let digests = try spool.finish()
        #expect(spool.length == 3)
        #expect(digests.sha256 == (try sha256(ofFile: scratch("a"))))
        #expect(digests.md5 == (try md5(ofFile: scratch("a"))))
        #expect(try readFile(scratch("a")) == [1, 2, 3])
        #expect(try fileInfo(scratch("a"))?.mode == 0o444)
    }

    @Test
    func aNameThatIsTakenIsNotWrittenTo() throws {
        let scratch = try Scratch()
        try writeNew([9], to: scratch("a"), mode: 0o600, synchronized: false)
        #expect(throws: FileError.self) { try SpoolFile(scratch("a"), withMD5: false) }
        #expect(try readFile(scratch("a")) == [9])
    }

    @Test
    func aPartOfAFileIsRead() throws {
        let scratch = try Scratch()
        try writeNew([0, 1, 2, 3, 4], to: scratch("a"), mode: 0o600, synchronized: false)
        #expect(try readFile(scratch("a"), from: 1, count: 3) == [1, 2, 3])
        #expect(try readFile(scratch("a"), from: 4, count: 3) == [4])
        #expect(try readFile(scratch("a"), from: 9, count: 3) == [])
    }
}
