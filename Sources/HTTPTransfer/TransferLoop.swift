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
        var cancellations: [(id: UInt64, origin: String)] = []
        /// Cancelled requests that have not returned to their caller; a cancellation may overtake its job.
        var cancelled: Set<UInt64> = []
        var closing = false
        var finished = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let inbox = Mutex(Inbox())
    private let settings: HTTPSettings
    // Proof of safety: the pointer never changes; other threads only pass it to curl_multi_wakeup, which libcurl
    // documents as callable from any thread, under the inbox's lock and never after `finished`, which the loop's thread
    // sets under the same lock before it frees the handle.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

    private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(settings: HTTPSettings) throws(HTTPError) {
        guard Self.libraryIsReady, let multi = unsafe curl_multi_init() else {
            throw HTTPError(CURLE_FAILED_INIT, text: "libcurl does not start; is the machine out of memory?")
        }
        unsafe self.multi = unsafe multi
        self.settings = settings
        // The default follows the number of transfers and would close idle connections after every burst.
        unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(64, settings.connectionsPerHost))
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
            if inbox.cancelled.contains(job.id) { return .cancelled }
            inbox.jobs.append(job)
            wake()
            return nil
        }
        if let refusal {
            job.continuation.resume(returning: .failure(refusal))
        }
    }

    func cancel(_ id: UInt64, origin: String) {
        inbox.withLock { inbox in
            guard !inbox.finished else { return }
            inbox.cancelled.insert(id)
            inbox.cancellations.append((id, origin))
            wake()
        }
    }

    /// Forgets a request once its caller has its answer.
    func forget(_ id: UInt64) {
        _ = inbox.withLock { $0.cancelled.remove(id) }
    }

    /// Asks the thread to fail what is under way and to end.
    func close() {
        inbox.withLock { inbox in
            guard !inbox.closing else { return }
            inbox.closing = true
            wake()
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

    /// To be called with the inbox locked.
    private func wake() {
        unsafe curl_multi_wakeup(multi)
    }

    // MARK: The thread

    private func run() {
        var transfers = unsafe RunningTransfers(multi: multi, settings: settings)
        while true {
            let (jobs, cancellations, closing) = inbox.withLock { inbox in
                defer {
                    inbox.jobs = []
                    inbox.cancellations = []
                }
                return (inbox.jobs, inbox.cancellations, inbox.closing)
            }
            for job in jobs {
                transfers.accept(job)
            }
            for (id, origin) in cancellations {
                transfers.cancel(id, origin: origin)
            }
            if closing { break }
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
