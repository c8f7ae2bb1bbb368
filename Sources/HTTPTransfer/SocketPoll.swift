import CCurl

#if canImport(Glibc)
import Glibc
#endif

/// Waits for the sockets of one multi handle, for its timer and for wakeups; confined to the loop's thread.
@safe
final class SocketPoll {
    private let descriptor: Int32
    private let wakeup: Wakeup
    /// The sockets that are watched; one that libcurl has closed may come back with the same number.
    private var watched: Set<Int32> = []
    private var events = [ccurl_event](repeating: ccurl_event(), count: 64)
    /// When libcurl wants to be called without an event.
    var deadline: ContinuousClock.Instant?

    init(wakeup: Wakeup) throws(HTTPError) {
        descriptor = ccurl_events_open()
        self.wakeup = wakeup
        guard descriptor >= 0, ccurl_events_watch(descriptor, wakeup.descriptor, CURL_POLL_IN) else {
            throw HTTPError(
                code: .other,
                message: "the system grants no epoll descriptor; raise the limit on open files"
            )
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Makes a multi handle tell its sockets and its timer; the handle must be freed before this.
    func serve(_ multi: UnsafeMutableRawPointer) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_multi_set_socket_watcher(multi, watchSocket, context)
        unsafe ccurl_multi_set_timer(multi, setTimer, context)
    }

    /// Begins, changes or ends the watching of a socket; false where the kernel refuses.
    func watch(_ socket: Int32, for what: Int32) -> Bool {
        if what == CURL_POLL_REMOVE {
            watched.remove(socket)
            ccurl_events_forget(descriptor, socket)
            return true
        }
        watched.insert(socket)
        return ccurl_events_watch(descriptor, socket, what)
    }

    /// Returns after the next event, a wakeup or the deadline, and calls `ready` for each socket.
    func wait(until other: ContinuousClock.Instant?, _ ready: (_ socket: Int32, _ happened: Int32) -> Void) {
        let count = unsafe ccurl_events_wait(descriptor, &events, milliseconds(until: other))
        for event in events.prefix(Int(count)) {
            if event.socket == wakeup.descriptor {
                wakeup.clear()
            } else if watched.contains(event.socket) {
                // An event before this one may have closed it.
                ready(event.socket, event.happened)
            }
        }
    }

    /// Whether libcurl's timer has run out; it is then off until libcurl sets it again.
    func takeExpiry() -> Bool {
        guard let due = deadline, due <= .now else { return false }
        deadline = nil
        return true
    }

    private func milliseconds(until other: ContinuousClock.Instant?) -> Int32 {
        guard let due = [deadline, other].compactMap({ $0 }).min() else { return -1 }
        let left = ContinuousClock.now.duration(to: due)
        guard left > .zero else { return 0 }
        guard left < .seconds(3600) else { return 3_600_000 }
        // Rounded up: to wake before the deadline would only mean to wait once more.
        let (seconds, attoseconds) = left.components
        return Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

// libcurl calls these on the loop's thread, from within the calls that the loop makes.

private func watchSocket(
    _ easy: UnsafeMutableRawPointer?,
    _ socket: curl_socket_t,
    _ what: Int32,
    _ context: UnsafeMutableRawPointer?,
    _ own: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context else { return -1 }
    let poll = unsafe Unmanaged<SocketPoll>.fromOpaque(context).takeUnretainedValue()
    return poll.watch(socket, for: what) ? 0 : -1
}

private func setTimer(
    _ multi: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context else { return -1 }
    let poll = unsafe Unmanaged<SocketPoll>.fromOpaque(context).takeUnretainedValue()
    poll.deadline = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    return 0
}

/// Ends the loop's wait from any thread.
final class Wakeup: Sendable {
    fileprivate let descriptor: Int32

    init() throws(HTTPError) {
        descriptor = ccurl_wakeup_open()
        guard descriptor >= 0 else {
            throw HTTPError(code: .other, message: "the system grants no eventfd; raise the limit on open files")
        }
    }

    deinit {
        close(descriptor)
    }

    func signal() {
        ccurl_wakeup_signal(descriptor)
    }

    fileprivate func clear() {
        ccurl_wakeup_clear(descriptor)
    }
}
