import Files
import Glibc
import Testing

@Suite
struct PlacingTests {
    @Test(arguments: [LinkKind.hardlink, .symlink, .copy])
    func everyKindGivesTheBytesAndReplacesWhatWasThere(kind: LinkKind) throws {
        let scratch = try Scratch()
        try writeAtomically([1, 2, 3], to: scratch("source"), mode: 0o444)
        try writeAtomically([9], to: scratch("destination"))
        #expect(try place(scratch("source"), at: scratch("destination"), order: [kind]) == kind)
        #expect(try readFile(scratch("destination")) == [1, 2, 3])
        let (source, placed) = (
            try #require(try fileInfo(scratch("source"))), try #require(try fileInfo(scratch("destination")))
        )
        #expect((source.inode == placed.inode) == (kind == .hardlink))
        #expect((placed.kind == .symlink) == (kind == .symlink))
        // A second time, onto itself, and still no temporary name is left.
        #expect(try place(scratch("source"), at: scratch("destination"), order: [kind]) == kind)
        #expect(try listDirectory(scratch.path).map(\.name) == ["destination", "source"])
    }

    @Test
    func aReflinkIsTakenOrTheNextKindIs() throws {
        let scratch = try Scratch()
        try writeAtomically([1, 2, 3], to: scratch("source"), mode: 0o444)
        let kind = try place(scratch("source"), at: scratch("destination"))
        #expect(kind == .reflink || kind == .hardlink)
        #expect(try readFile(scratch("destination")) == [1, 2, 3])
    }

    @Test
    func linksAcrossFileSystemsFallBack() throws {
        let scratch = try Scratch()
        let other = "/dev/shm/swathlog-\(UInt64.random(in: .min ... .max))"
        try createDirectories(other)
        defer { try? removeTree(other) }
        let here = try #require(try fileInfo(scratch.path)?.device)
        try #require(
            try fileInfo(other)?.device != here,
            "/dev/shm and the temporary directory must be two file systems"
        )
        try writeAtomically([UInt8](repeating: 7, count: 200_000), to: scratch("source"), mode: 0o444)
        var placer = LinkPlacer(order: [.reflink, .hardlink, .copy])
        #expect(try placer.place(scratch("source"), at: "\(other)/a") == .copy)
        #expect(placer.order == [.copy])
        #expect(try sha256(ofFile: "\(other)/a") == sha256(ofFile: scratch("source")))
        let error = #expect(throws: FileError.self) {
            try place(scratch("source"), at: "\(other)/b", order: [.hardlink])
        }
        #expect(error?.code == .cannotLink)
        #expect(try listDirectory(other).map(\.name) == ["a"])
    }

    @Test(arguments: LinkKind.allCases)
    func aMissingSourceIsNotFound(kind: LinkKind) throws {
        let scratch = try Scratch()
        let error = #expect(throws: FileError.self) {
            try place(scratch("none"), at: scratch("a"), order: [kind, .copy])
        }
        #expect(error?.code == .notFound)
        #expect(try listDirectory(scratch.path).isEmpty)
    }

    @Test
    func aDirectoryInTheWayIsKept() throws {
        let scratch = try Scratch()
        try writeAtomically([1], to: scratch("source"))
        try createDirectories(scratch("a/b"))
        #expect(throws: FileError.self) { try place(scratch("source"), at: scratch("a"), order: [.hardlink]) }
        #expect(try listDirectory(scratch.path).map(\.name) == ["a", "source"])
    }
}
