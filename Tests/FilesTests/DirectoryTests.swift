import Files
import Glibc
import Testing

@Suite
struct DirectoryTests {
    @Test
    func directoriesAreMadeOnceAndAgain() throws {
        let scratch = try Scratch()
        try createDirectories(scratch("a/b/c"))
        try createDirectories(scratch("a/b/c"))
        try createDirectories(scratch("a/b/d/"))
        #expect(try listDirectory(scratch("a/b")).map(\.name) == ["c", "d"])
        #expect(try listDirectory(scratch("a/b")).map(\.kind) == [.directory, .directory])
    }

    @Test
    func aFileInTheWayOfADirectoryIsAnError() throws {
        let scratch = try Scratch()
        try writeAtomically([], to: scratch("a"))
        #expect(throws: FileError.self) { try createDirectories(scratch("a")) }
        #expect(throws: FileError.self) { try createDirectories(scratch("a/b")) }
    }

    @Test
    func namesThatAreNotUTF8AreListedWithTheirBytes() throws {
        let scratch = try Scratch()
        let bytes = Array("\(scratch.path)/".utf8) + [0xFF, 0x61, 0]
        let made = bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { creat($0.baseAddress!, 0o600) }
        }
        try #require(made >= 0)
        close(made)
        try writeAtomically([], to: scratch("é"))
        let entries = try listDirectory(scratch.path)
        #expect(entries.map(\.name) == ["é", nil])
        #expect(entries.last?.bytes == [0xFF, 0x61])
        try removeTree(scratch.path)
        #expect(try fileInfo(scratch.path) == nil)
    }

    @Test
    func removingATreeFollowsNoLink() throws {
        let scratch = try Scratch()
        try createDirectories(scratch("keep"))
        try writeAtomically([1], to: scratch("keep/file"))
        try createDirectories(scratch("tree/deep/deeper"))
        try writeAtomically([1], to: scratch("tree/deep/deeper/file"))
        try #require(symlink(scratch("keep"), scratch("tree/deep/link")) == 0)
        try removeTree(scratch("tree"))
        try removeTree(scratch("tree"))
        #expect(try fileInfo(scratch("tree")) == nil)
        #expect(try readFile(scratch("keep/file")) == [1])
        #expect(try removeFile(scratch("keep/file")))
        #expect(try removeFile(scratch("keep/file")) == false)
        #expect(try removeDirectoryIfEmpty(scratch("keep")))
    }

    @Test(arguments: [("a/b", "a"), ("/a", "/"), ("a", "."), ("/a/b/c", "/a/b")])
    func parentsOfPaths(path: String, expected: String) {
        #expect(parent(of: path) == expected)
    }
}
