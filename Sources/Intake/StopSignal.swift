import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// A pair of sockets that ends another thread's wait when this side is closed.
///
/// Sockets, because a pipe cannot be kept from a child process that is started at the same moment without a GNU call
/// that Swift does not see, and a child that holds this side would keep the signal from coming.
final class StopSignal: Sendable {
    /// Becomes readable by `send()`; it lives as long as this object.
    let descriptor: Int32
    private let writeEnd: Mutex<Int32>

    init() throws(SystemFailure) {
        let kind = Int32(bitPattern: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .last }
        descriptor = ends[0]
        writeEnd = Mutex(ends[1])
    }

    deinit {
        send()
        close(descriptor)
    }

    /// May be called from any thread and more than once.
    func send() {
        writeEnd.withLock { end in
            if end >= 0 {
                close(end)
            }
            end = -1
        }
    }
}
