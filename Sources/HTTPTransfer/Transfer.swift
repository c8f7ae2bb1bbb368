import CCurl

/// One running transfer; it is made, used and freed on the loop's thread.
final class Transfer {
    let job: TransferJob
    private(set) var handle: EasyHandle
    private var receiver: AnswerReceiver
    private var idle: IdleWatch
    private var bytesSent: Int64 = 0
    private var file: RequestFile?
    private let touched: TouchedTransfers
    private var isTouched = false
    private var isConnected = false

    init(_ job: TransferJob, settings: HTTPSettings, touched: TouchedTransfers) throws(HTTPError) {
        self.job = job
        self.touched = touched
        handle = try EasyHandle()
        let redirects = job.request.redirects(settings)
        receiver = AnswerReceiver(job.reply, bodyLimit: settings.bodyLimit, followsRedirects: redirects > 0)
        idle = IdleWatch(limit: job.request.timeouts.idle ?? settings.idleTimeout)
        if case .file(let path, let offset, let length) = job.request.body {
            file = try RequestFile(path: path, offset: offset, length: length)
        }
        try handle.apply(settings, to: job)
        try handle.apply(job.request)
        try receive(into: handle)
    }

    /// Answers the caller; to be called once, after the handle has left the multi handle.
    func finish(_ result: CURLcode) {
        if receiver.headersTooLarge {
            let message = "the answer's headers exceed \(ResponseCollector.headerLimit) bytes"
            fail(HTTPError(code: .tooLarge, curlCode: Int32(bitPattern: result.rawValue), message: message))
        } else if result == CURLE_OK || (result == CURLE_WRITE_ERROR && receiver.bodyTruncated) {
            // Ending a transfer at the body limit looks like a failed write to libcurl.
            receiver.finish(nil, status: handle.status, seconds: handle.seconds)
        } else {
            fail(file?.failure ?? handle.error(result))
        }
    }

    func fail(_ error: HTTPError) {
        var error = error
        if error.curlCode != 0 { error.hadConnection = isConnected }
        receiver.finish(error, status: 0, seconds: 0)
    }

    /// Lets the transfer go on after its reader had been behind.
    func resume() -> CURLcode {
        idle.start()
        return handle.resume()
    }

    /// Passes on what came since the last delivery.
    func deliver() {
        isTouched = false
        receiver.deliver()
    }

    // MARK: Idleness

    var idleLimit: Duration { idle.limit }

    /// Whether no byte has moved for as long as is allowed.
    func isIdle() -> Bool {
        guard let deadline = idle.deadline, deadline <= .now else { return false }
        // A slow upload moves bytes long before libcurl asks for more of them; what is received is seen at once.
        let sent = handle.bytesSent
        guard sent == bytesSent else {
            bytesSent = sent
            idle.byteMoved()
            return false
        }
        return true
    }

    func failAsIdle() {
        let limit = idle.limit
        fail(HTTPError(CURLE_OPERATION_TIMEDOUT, text: "no byte came or went for \(limit); the transfer timed out"))
    }

    // MARK: What libcurl tells and asks

    private func receive(into handle: borrowing EasyHandle) throws(HTTPError) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try handle.check(unsafe ccurl_set_header_receiver(handle.pointer, receiveHeader, context))
        try handle.check(unsafe ccurl_set_body_receiver(handle.pointer, receiveBody, context))
        try handle.check(unsafe ccurl_set_connected_receiver(handle.pointer, receiveConnected, context))
        if file != nil {
            try handle.check(unsafe ccurl_set_body_sender(handle.pointer, sendBody, moveBody, context))
        }
    }

    fileprivate func connected() {
        isConnected = true
        idle.start()
    }

    fileprivate func takeHeader(_ bytes: borrowing Span<UInt8>) -> Bool {
        idle.byteMoved()
        return receiver.receiveHeader(bytes)
    }

    fileprivate func takeBody(_ bytes: borrowing Span<UInt8>) -> BodyChannel.Offer {
        idle.byteMoved()
        let offer = receiver.receiveBody(bytes)
        switch offer {
        case .taken where !isTouched:
            isTouched = true
            touched.append(self)
        case .full:
            idle.stop()
        case .taken, .unwanted:
            break
        }
        return offer
    }

    fileprivate func giveBody(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        idle.byteMoved()
        return file?.read(into: buffer)
    }

    fileprivate func seekBody(to place: Int) -> Bool {
        file?.seek(to: place) ?? false
    }
}

// libcurl calls these on the loop's thread, from within its calls, while the loop holds the transfer.

private func receiveConnected(
    _ context: UnsafeMutableRawPointer?,
    _ peer: UnsafeMutablePointer<CChar>?,
    _ own: UnsafeMutablePointer<CChar>?,
    _ peerPort: Int32,
    _ ownPort: Int32
) -> Int32 {
    guard let transfer = unsafe transfer(context) else { return CURL_PREREQFUNC_ABORT }
    transfer.connected()
    return CURL_PREREQFUNC_OK
}

private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe transfer(context) else { return 0 }
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : size * count)
    let wanted = unsafe buffer.withMemoryRebound(to: UInt8.self) { unsafe transfer.takeHeader($0.span) }
    // Any other number than the one offered tells libcurl to end the transfer; 0 of 0 bytes does not occur.
    return wanted ? size * count : 0
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe transfer(context) else { return 0 }
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : size * count)
    switch unsafe buffer.withMemoryRebound(to: UInt8.self, { unsafe transfer.takeBody($0.span) }) {
    case .taken: return size * count
    case .full: return Int(CURL_WRITEFUNC_PAUSE)
    case .unwanted: return 0
    }
}

private func sendBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let buffer = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: bytes == nil ? 0 : size * count)
    return unsafe transfer(context)?.giveBody(buffer) ?? Int(CURL_READFUNC_ABORT)
}

/// libcurl only ever goes to places counted from the beginning.
private func moveBody(_ context: UnsafeMutableRawPointer?, _ place: curl_off_t, _ origin: Int32) -> Int32 {
    guard origin == SEEK_SET, unsafe transfer(context)?.seekBody(to: Int(place)) == true else {
        return CURL_SEEKFUNC_FAIL
    }
    return CURL_SEEKFUNC_OK
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}
