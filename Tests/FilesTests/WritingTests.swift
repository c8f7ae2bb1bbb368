import Files
import Glibc
import Testing

@Suite
struct WritingTests {
    @Test
    func anAtomicWriteReplacesBytesAndModeAndLeavesNothingElse() throws {
        let scratch = try Scratch()
        try writeAtomically([1, 2, 3], to: scratch("a"), mode: 0o600)
        try writeAtomically([4], to: scratch("a"), mode: 0o444)
        #expect(try readFile(scratch("a")) == [4])
        let info = try #require(try fileInfo(scratch("a")))
        #expect(info.mode == 0o444)
        #expect(info.size == 1)
        #expect(info.kind == .file)
        #expect(info.modified > 1_600_000_000_000_000_000)
        #expect(try listDirectory(scratch.path).map(\.name) == ["a"])
    }

    @Test
    func aFailedAtomicWriteLeavesNoTemporaryFile() throws {
        let scratch = try Scratch()
        try createDirectories(scratch("a/b"))
        let error = #expect(throws: FileError.self) { try writeAtomically([1], to: scratch("a")) }
        #expect(error?.code == .wrongKind || error?.code == .exists)
        #expect(try listDirectory(scratch.path).map(\.name) == ["a"])
    }

    @Test("a copy has the same bytes and the mode, on a disk and in memory, in one piece and in many")
    func copies() throws {
        for place in [nil, "/dev/shm"] {
            let scratch = try Scratch(in: place)
            for (index, size) in [0, 1, 65_535, 65_536, 65_537, 1_000_003].enumerated() {
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
                try writeNew(bytes, to: scratch("from\(index)"), mode: 0o600, synchronized: false)
                for synchronized in [false, true] {
                    let copy = scratch("to\(index)\(synchronized)")
                    try copyNew(scratch("from\(index)"), to: copy, mode: 0o444, synchronized: synchronized)
                    #expect(try readFile(copy) == bytes)
                    #expect(try fileInfo(copy)?.mode == 0o444)
                    let error = #expect(throws: FileError.self) {
                        try copyNew(scratch("from0"), to: copy, mode: 0o444, synchronized: synchronized)
                    }
                    #expect(error?.code == .exists)
                }
            }
            try syncFileSystem(containing: scratch.path)
        }
    }

    @Test("the mode is exact, whatever the umask")
    func modes() throws {
        let scratch = try Scratch()
        for mode: UInt32 in [0o444, 0o600, 0o666, 0o777] {
            try writeNew([1], to: scratch("\(mode)"), mode: mode, synchronized: false)
            #expect(try fileInfo(scratch("\(mode)"))?.mode == mode)
        }
    }

    @Test
    func aFullFileSystemIsReportedAsNoSpace() throws {
        // Every write to /dev/full fails with ENOSPC; a lock writes into the file that it finds.
        let error = #expect(throws: FileError.self) { try FileLock.tryLock("/dev/full", contents: [1]) }
        #expect(error?.code == .noSpace)
        #expect(error?.errno == ENOSPC)
        #expect(error?.message.contains("free some space") == true)
    }

    @Test(arguments: [
        (ENOENT, FileError.Code.notFound), (ENOSPC, .noSpace), (EDQUOT, .noSpace),
        (EACCES, .permissionDenied),
        (EEXIST, .exists), (EISDIR, .wrongKind), (ENAMETOOLONG, .nameTooLong), (EMFILE, .tooManyOpenFiles),
        (EROFS, .readOnly), (EIO, .io),
    ])
    func errorNumbersBecomeCodes(number: CInt, code: FileError.Code) {
        let error = FileError(errno: number, path: "/x", action: "write")
        #expect(error.code == code)
        #expect(error.message.hasPrefix("cannot write /x: "))
    }

    @Test
    func aMissingFileSaysWhichOne() throws {
        let scratch = try Scratch()
        let error = #expect(throws: FileError.self) { try readFile(scratch("none")) }
        #expect(error?.code == .notFound)
        #expect(error?.path == scratch("none"))
        #expect(try fileInfo(scratch("none")) == nil)
    }

    @Test
    func digestsMatchKnownAnswersInAnyPortions() throws {
        let scratch = try Scratch()
        try writeAtomically(Array("abc".utf8), to: scratch("abc"))
        #expect(
            try sha256(ofFile: scratch("abc"))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(try md5(ofFile: scratch("abc")) == "900150983cd24fb0d6963f7d28e17f72")
        // A million times "a" (FIPS 180-4) crosses the read buffer.
        try writeAtomically([UInt8](repeating: 0x61, count: 1_000_000), to: scratch("million"))
        #expect(
            try sha256(ofFile: scratch("million"))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
        #expect(try md5(ofFile: scratch("million")) == "7707d6ae4e027c70eea2a935c2296f21")
    }

    @Test
    func freeSpaceIsAPlausibleNumber() throws {
        #expect(try freeBytes(at: "/tmp") > 0)
        try syncFileSystem(containing: "/tmp")
    }
}
