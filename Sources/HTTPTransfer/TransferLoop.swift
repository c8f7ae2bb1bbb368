import CCurl
import Synchronization
import Threads

/// Drives one libcurl multi handle on a thread of its own.
///
/// Callers put jobs and cancellations into the inbox and wake the thread; everything that touches a transfer happens on
/// the thread. The thread keeps the loop alive until `close()`.
@safe
final class TransferLoop: Sendable {
    private struct Inbox {
        var nextID: UInt64 = 0
        var jobs: [TransferJob] = []
        var cancellations: [TransferTicket] = []
        /// Paused transfers whose readers have room again.
        var resumptions: [TransferTicket] = []
        /// Whether the thread was woken and has not looked yet.
        var woken = false
        /// Cancelled requests that have not returned to their caller; a cancellation may overtake its job.
        var cancelled: Set<UInt64> = []
        var closing = false
        var finished = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let inbox = Mutex(Inbox())
    private let settings: HTTPSettings
    private let wakeup: Wakeup
    // Proof of safety: neither pointer nor reference changes, and after the thread has begun it is the only one to use
    // them. It frees the multi handle when it ends.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer
    private nonisolated(unsafe) let poll: SocketPoll

    private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(settings: HTTPSettings) throws(HTTPError) {
        wakeup = try Wakeup()
        unsafe poll = try SocketPoll(wakeup: wakeup)
        guard Self.libraryIsReady, let multi = unsafe curl_multi_init() else {
            throw HTTPError(CURLE_FAILED_INIT, text: "libcurl does not start; is the machine out of memory?")
        }
        unsafe self.multi = unsafe multi
        self.settings = settings
        // The default follows the number of transfers and would close idle connections after every burst.
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(64, settings.connectionsPerHost))
        unsafe poll.serve(multi)
        guard startOwnThread({ self.run() }) else {
            unsafe curl_multi_cleanup(multi)
            throw HTTPError(
                code: .other,
                message: "the system grants no thread; raise the limit on processes"
            )
        }
    }

    func reserveID() -> UInt64 {
        inbox.withLock { inbox in
            inbox.nextID += 1
            return inbox.nextID
        }
    }

    func submit(_ job: TransferJob) {
        let refusal: HTTPError? = inbox.withLock { inbox in
            if inbox.closing { return .shutDown }
            if inbox.cancelled.contains(job.ticket.id) { return .cancelled }
            inbox.jobs.append(job)
            wake(&inbox)
            return nil
        }
        if let refusal {
            job.refuse(refusal)
        }
    }

    func cancel(_ ticket: TransferTicket) {
        inbox.withLock { inbox in
            guard !inbox.finished else { return }
            inbox.cancelled.insert(ticket.id)
            inbox.cancellations.append(ticket)
            wake(&inbox)
        }
    }

    /// Lets a paused transfer go on.
    func resume(_ ticket: TransferTicket) {
        inbox.withLock { inbox in
            guard !inbox.finished else { return }
            inbox.resumptions.append(ticket)
            wake(&inbox)
        }
    }

    /// Forgets a request once its caller has its answer.
    func forget(_ ticket: TransferTicket) {
        _ = inbox.withLock { $0.cancelled.remove(ticket.id) }
    }

    /// Asks the thread to fail what is under way and to end.
    func close() {
        inbox.withLock { inbox in
            guard !inbox.closing else { return }
            inbox.closing = true
            wake(&inbox)
        }
    }

    func waitUntilFinished() async {
        await withCheckedContinuation { continuation in
            let finished = inbox.withLock { inbox in
                if !inbox.finished {
                    inbox.waiters.append(continuation)
                }
                return inbox.finished
            }
            if finished {
                continuation.resume()
            }
        }
    }

    /// One signal does for all that is put into the inbox before the thread looks.
    private func wake(_ inbox: inout Inbox) {
        guard !inbox.woken else { return }
        inbox.woken = true
        wakeup.signal()
    }

    // MARK: The thread

    private func run() {
        var transfers = unsafe RunningTransfers(multi: multi, poll: poll, settings: settings)
        while true {
            let (jobs, cancellations, resumptions, closing) = inbox.withLock { inbox in
                defer {
                    inbox.jobs = []
                    inbox.cancellations = []
                    inbox.resumptions = []
                    inbox.woken = false
                }
                return (inbox.jobs, inbox.cancellations, inbox.resumptions, inbox.closing)
            }
            for job in jobs {
                transfers.accept(job)
            }
            for ticket in cancellations {
                transfers.cancel(ticket)
            }
            if closing { break }
            for ticket in resumptions {
                transfers.resume(ticket)
            }
            transfers.advance()
        }
        transfers.failAll(.shutDown)
        let waiters = inbox.withLock { inbox in
            inbox.finished = true
            defer { inbox.waiters = [] }
            return inbox.waiters
        }
        unsafe curl_multi_cleanup(multi)
        for waiter in waiters {
            waiter.resume()
        }
    }
}
