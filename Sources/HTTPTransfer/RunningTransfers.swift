import CCurl

/// The transfers of one multi handle, running and waiting; confined to the loop's thread.
@safe
struct RunningTransfers: ~Copyable {
    private let multi: UnsafeMutableRawPointer
    private let poll: SocketPoll
    private let settings: HTTPSettings
    private var admission: Admission<TransferJob>
    private var running: [UInt64: Transfer] = [:]
    /// The requests by the address of their easy handle.
    private var ids: [UInt: UInt64] = [:]
    private let touched = TouchedTransfers()
    /// When to look next for transfers in which nothing moves.
    private var nextLook: ContinuousClock.Instant?

    init(multi: UnsafeMutableRawPointer, poll: SocketPoll, settings: HTTPSettings) {
        unsafe self.multi = unsafe multi
        self.poll = poll
        self.settings = settings
        admission = Admission(limit: settings.connectionsPerHost)
    }

    mutating func accept(_ job: TransferJob) {
        if let job = admission.offer(job, id: job.ticket.id, origin: job.ticket.origin) {
            start(job)
        }
    }

    mutating func cancel(_ ticket: TransferTicket) {
        if running[ticket.id] != nil {
            end(ticket.id) { $0.fail(.cancelled) }
        } else if let job = admission.withdraw(id: ticket.id, origin: ticket.origin) {
            job.refuse(.cancelled)
        }
    }

    mutating func resume(_ ticket: TransferTicket) {
        guard let result = running[ticket.id]?.resume(), result != CURLE_OK else { return }
        end(ticket.id) { $0.finish(result) }
    }

    mutating func failAll(_ error: HTTPError) {
        for job in admission.drain() {
            job.refuse(error)
        }
        for id in Array(running.keys) {
            remove(id)?.fail(error)
        }
    }

    /// Waits for the network, a timer or a wakeup, moves what can move and answers what is done.
    mutating func advance() {
        touched.deliver()
        var sound = true
        poll.wait(until: nextLook) { socket, happened in
            sound = act(socket, happened) && sound
        }
        if poll.takeExpiry() {
            sound = act(CURL_SOCKET_TIMEOUT, 0) && sound
        }
        guard sound else {
            failAll(HTTPError(code: .other, message: "libcurl's event loop failed; repeat the request"))
            return
        }
        answerWhatIsDone()
        endWhatIsIdle()
    }

    private func act(_ socket: Int32, _ events: Int32) -> Bool {
        var count: Int32 = 0
        return unsafe curl_multi_socket_action(multi, socket, events, &count) == CURLM_OK
    }

    private mutating func answerWhatIsDone() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle,
                let id = ids[UInt(bitPattern: easy)]
            else { continue }
            // Read before the handle is removed: that frees the message.
            let result = unsafe ccurl_message_result(message)
            end(id) { $0.finish(result) }
        }
    }

    private mutating func endWhatIsIdle() {
        guard let look = nextLook, look <= .now else { return }
        for (id, transfer) in running where transfer.isIdle() {
            end(id) { $0.failAsIdle() }
        }
        nextLook = nil
        for transfer in running.values {
            planLook(at: transfer)
        }
    }

    /// A quarter of the time allowed: exact enough, and the thread seldom wakes for it.
    private mutating func planLook(at transfer: Transfer) {
        let look = ContinuousClock.now + transfer.idleLimit / 4
        nextLook = min(nextLook ?? look, look)
    }

    /// Takes a transfer out, answers its caller and lets the next one of its origin begin.
    private mutating func end(_ id: UInt64, _ answer: (Transfer) -> Void) {
        guard let transfer = remove(id) else { return }
        answer(transfer)
        if let next = admission.release(origin: transfer.job.ticket.origin) {
            start(next)
        }
    }

    private mutating func start(_ job: TransferJob) {
        var next: TransferJob? = job
        // A loop, not recursion: thousands of jobs that cannot be sent may follow each other.
        while let job = next {
            do {
                try launch(job)
                return
            } catch {
                job.refuse(error)
                next = admission.release(origin: job.ticket.origin)
            }
        }
    }

    private mutating func launch(_ job: TransferJob) throws(HTTPError) {
        let transfer = try Transfer(job, settings: settings, touched: touched)
        let easy = unsafe transfer.handle.pointer
        guard unsafe curl_multi_add_handle(multi, easy) == CURLM_OK else {
            throw HTTPError(
                code: .other,
                message: "libcurl takes no further transfer; is the machine out of memory?"
            )
        }
        running[job.ticket.id] = transfer
        ids[UInt(bitPattern: easy)] = job.ticket.id
        planLook(at: transfer)
    }

    /// Takes a transfer out of libcurl; one that is still under way loses its connection.
    private mutating func remove(_ id: UInt64) -> Transfer? {
        guard let transfer = running.removeValue(forKey: id) else { return nil }
        let easy = unsafe transfer.handle.pointer
        ids[UInt(bitPattern: easy)] = nil
        unsafe curl_multi_remove_handle(multi, easy)
        return transfer
    }
}

/// The transfers that received something since the last delivery; confined to the loop's thread.
final class TouchedTransfers {
    private var transfers: [Transfer] = []

    func append(_ transfer: Transfer) {
        transfers.append(transfer)
    }

    func deliver() {
        for transfer in transfers {
            transfer.deliver()
        }
        transfers.removeAll(keepingCapacity: true)
    }
}
