import CCurl

/// The transfers of one multi handle, running and waiting; confined to the loop's thread.
@safe
struct RunningTransfers: ~Copyable {
    private let multi: UnsafeMutableRawPointer
    private let settings: HTTPSettings
    private var admission: Admission<TransferJob>
    private var running: [UInt64: Transfer] = [:]
    /// The requests by the address of their easy handle.
    private var ids: [UInt: UInt64] = [:]

    init(multi: UnsafeMutableRawPointer, settings: HTTPSettings) {
        unsafe self.multi = unsafe multi
        self.settings = settings
        admission = Admission(limit: settings.connectionsPerHost)
    }

    mutating func accept(_ job: TransferJob) {
        if let job = admission.offer(job, id: job.id, origin: job.origin) {
            start(job)
        }
    }

    mutating func cancel(_ id: UInt64, origin: String) {
        if let transfer = remove(id) {
            transfer.fail(.cancelled)
            releaseSlot(of: origin)
        } else if let job = admission.withdraw(id: id, origin: origin) {
            job.continuation.resume(returning: .failure(.cancelled))
        }
    }

    mutating func failAll(_ error: HTTPError) {
        for job in admission.drain() {
            job.continuation.resume(returning: .failure(error))
        }
        for id in Array(running.keys) {
            remove(id)?.fail(error)
        }
    }

    /// Moves what can move, answers what is done, then waits for the network, a timer or a wakeup.
    mutating func advance() {
        var count: Int32 = 0
        guard unsafe curl_multi_perform(multi, &count) == CURLM_OK else {
            failAll(HTTPError(code: .other, message: "libcurl's event loop failed; repeat the request"))
            return
        }
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle,
                let id = ids[UInt(bitPattern: easy)]
            else { continue }
            // Read before the handle is removed: that frees the message.
            let result = unsafe ccurl_message_result(message)
            if let transfer = remove(id) {
                transfer.finish(result)
                releaseSlot(of: transfer.job.origin)
            }
        }
        // A slot that was just released may have started a transfer; libcurl then sets a timer that ends this at once.
        unsafe curl_multi_poll(multi, nil, 0, 60_000, nil)
    }

    private mutating func start(_ job: TransferJob) {
        var next: TransferJob? = job
        // A loop, not recursion: thousands of jobs that cannot be sent may follow each other.
        while let job = next {
            do {
                try launch(job)
                return
            } catch {
                job.continuation.resume(returning: .failure(error))
                next = admission.release(origin: job.origin)
            }
        }
    }

    private mutating func launch(_ job: TransferJob) throws(HTTPError) {
        let transfer = try Transfer(job, settings: settings)
        let easy = unsafe transfer.handle.pointer
        guard unsafe curl_multi_add_handle(multi, easy) == CURLM_OK else {
            throw HTTPError(
                code: .other,
                message: "libcurl takes no further transfer; is the machine out of memory?"
            )
        }
        running[job.id] = transfer
        ids[UInt(bitPattern: easy)] = job.id
    }

    private mutating func releaseSlot(of origin: String) {
        if let next = admission.release(origin: origin) {
            start(next)
        }
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
