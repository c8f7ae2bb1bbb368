import Files
import Glibc
import Testing

@Suite
struct FileLockTests {
    @Test
    func oneHolderAtATimeInThisProcessToo() throws {
        let scratch = try Scratch()
        let first = try #require(try FileLock.tryLock(scratch("lock"), contents: Array("one\n".utf8)))
        #expect(try FileLock.tryLock(scratch("lock"), contents: Array("two\n".utf8)) == nil)
        #expect(try readFile(scratch("lock")) == Array("one\n".utf8))
        first.release()
        first.release()
        let second = try FileLock.tryLock(scratch("lock"), contents: Array("2\n".utf8))
        #expect(second != nil)
        #expect(try readFile(scratch("lock")) == Array("2\n".utf8))
    }

    @Test
    func theLockEndsWithItsObject() throws {
        let scratch = try Scratch()
        do {
            let held = try FileLock.tryLock(scratch("lock"), contents: [])
            #expect(held != nil)
        }
        #expect(try FileLock.tryLock(scratch("lock"), contents: []) != nil)
    }

    @Test
    func theLockIsNotInheritedByChildren() throws {
        let scratch = try Scratch()
        let held = try #require(try FileLock.tryLock(scratch("lock"), contents: []))
        // A child that outlives a killed parent would keep an inherited flock.
        var child: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("cat"), nil]
        defer { free(arguments[0]) }
        var pipes: [CInt] = [0, 0]
        try #require(pipe(&pipes) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipes[0], 0)
        posix_spawn_file_actions_addclose(&actions, pipes[1])
        try #require(posix_spawnp(&child, "cat", &actions, nil, arguments, nil) == 0)
        let open = try listDirectory("/proc/\(child)/fd").compactMap(\.name).map {
            try realPath("/proc/\(child)/fd/\($0)")
        }
        #expect(!open.isEmpty)
        #expect(!open.contains(try realPath(held.path)))
        close(pipes[0])
        close(pipes[1])
        var status: CInt = 0
        waitpid(child, &status, 0)
    }
}
