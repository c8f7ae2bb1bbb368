#if canImport(Glibc)
import Glibc
#endif

/// Owns one inotify instance; closing it gives all its watches back.
struct Inotify: ~Copyable {
    let descriptor: Int32

    init() throws(SystemFailure) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw .last }
    }

    deinit {
        close(descriptor)
    }

    /// Watches a directory; one that is already watched has the same number again.
    func watch(_ path: [UInt8]) throws(SystemFailure) -> Int32 {
        let watch = unsafe withPath(path) { unsafe inotify_add_watch(descriptor, $0, InotifyEvent.wanted) }
        guard watch >= 0 else { throw .last }
        return watch
    }

    func unwatch(_ watch: Int32) {
        // It fails where the directory was deleted meanwhile, and then there is nothing to give back.
        _ = inotify_rm_watch(descriptor, watch)
    }

    /// Reads what is there without waiting.
    func events(_ buffer: inout [UInt8]) -> [InotifyEvent] {
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return count > 0 ? InotifyEvent.parse(buffer[..<count]) : []
    }
}
