import DVC
import Files
import Testing

@Suite
struct CacheTests {
    private let bytes = Array("abc".utf8)
    private let id = "900150983cd24fb0d6963f7d28e17f72"

    @Test
    func anObjectExistsFromCommitOn() throws {
        let scratch = try Scratch()
        let cache = DVCCache(root: scratch("md5"))
        let batch = try cache.batch()
        #expect(try batch.add(bytes: bytes, md5: id))
        #expect(try !batch.add(bytes: bytes, md5: id))
        #expect(try !cache.contains(id, size: 3))
        #expect(batch.pendingCount == 1)
        try batch.commit()
        #expect(try cache.contains(id, size: 3))
        #expect(try !cache.contains(id, size: 4))
        #expect(cache.objectPath(id) == scratch("md5/90/0150983cd24fb0d6963f7d28e17f72"))
        #expect(try fileInfo(cache.objectPath(id))?.mode == 0o444)
        #expect(try listDirectory(cache.root).map(\.name) == ["90"])
        #expect(try !cache.batch().add(bytes: bytes, md5: id))
    }

    @Test
    func aDamagedObjectIsWrittenAgain() throws {
        let scratch = try Scratch()
        let cache = DVCCache(root: scratch("md5"))
        for (content, mode) in [(Array("ab".utf8), UInt32(0o444)), (Array("abc".utf8), 0o644)] {
            try createDirectories(scratch("md5/90"))
            try writeAtomically(content, to: cache.objectPath(id), mode: mode)
            let batch = try cache.batch()
            #expect(try batch.add(bytes: bytes, md5: id))
            try batch.commit()
            #expect(try cache.contains(id, size: 3))
            #expect(try readFile(cache.objectPath(id)) == bytes)
        }
    }

    @Test
    func whatIsNotCommittedLeavesNothing() throws {
        let scratch = try Scratch()
        let cache = DVCCache(root: scratch("md5"))
        do {
            let batch = try cache.batch()
            try batch.add(bytes: bytes, md5: id)
            #expect(try listDirectory(scratch("md5/90")).count == 1)
        }
        #expect(try listDirectory(cache.root).map(\.name) == ["90"])
        #expect(try listDirectory(scratch("md5/90")).isEmpty)
    }

    @Test
    func theSweepTakesOurLeftoversOnly() throws {
        let scratch = try Scratch()
        let cache = DVCCache(root: scratch("md5"))
        try cache.sweep()
        try createDirectories(scratch("md5/90"))
        for name in [".swathlog-abc.tmp", ".aBcDeF.tmp", "90/.swathlog-def.tmp", "90/.aBcDeF.tmp"] {
            try writeAtomically([1], to: scratch("md5/\(name)"))
        }
        try cache.sweep()
        #expect(try listDirectory(cache.root).map(\.name) == [".aBcDeF.tmp", "90"])
        #expect(try listDirectory(scratch("md5/90")).map(\.name) == [".aBcDeF.tmp"])
    }

    @Test
    func aBatchThatIsCutShortIsSwept() throws {
        let scratch = try Scratch()
        let cache = DVCCache(root: scratch("md5"), tag: "mend-")
        let batch = try cache.batch()
        for file in tiles(0..<9) { try batch.add(bytes: file.bytes, md5: md5Text(file.bytes)) }
        // As a kill leaves it: nothing that the batch has in mind is done any more.
        func left() throws -> [DirectoryEntry] {
            try listDirectory(cache.root).flatMap { entry in
                guard entry.kind == .directory, let name = entry.name else { return [entry] }
                return try listDirectory("\(cache.root)/\(name)")
            }
        }
        #expect(try left().count == 10)
        for other in ["", "another-"] {
            try DVCCache(root: cache.root, tag: other).sweep()
            #expect(try left().count == 10)
        }
        try cache.sweep()
        #expect(try left().isEmpty)
        withExtendedLifetime(batch) {}
    }

    @Test
    func manyThreadsFillOneBatch() async throws {
        let scratch = try Scratch()
        let cache = DVCCache(root: scratch("md5"))
        let batch = try cache.batch()
        let files = tiles(0..<200)
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for file in files { try batch.add(bytes: file.bytes, md5: md5Text(file.bytes)) }
                }
            }
            try await group.waitForAll()
        }
        #expect(batch.pendingCount == 200)
        try batch.commit()
        for file in files { #expect(try readFile(cache.objectPath(md5Text(file.bytes))) == file.bytes) }
        #expect(try listDirectory(cache.root).compactMap(\.name).allSatisfy { $0.utf8.count == 2 })
    }
}
