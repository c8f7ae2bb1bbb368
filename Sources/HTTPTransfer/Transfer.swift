import CCurl

/// A request that waits or runs, with the continuation that gets its answer.
struct TransferJob: Sendable {
    typealias Answer = Result<HTTPResponse, HTTPError>

    let id: UInt64
    let origin: String
    let request: HTTPRequest
    let continuation: CheckedContinuation<Answer, Never>
}

/// One running transfer; it is made, used and freed on the loop's thread.
final class Transfer {
    let job: TransferJob
    private(set) var handle: EasyHandle
    private var collector: ResponseCollector

    init(_ job: TransferJob, settings: HTTPSettings) throws(HTTPError) {
        self.job = job
        handle = try EasyHandle()
        collector = ResponseCollector(bodyLimit: settings.bodyLimit)
        try apply(settings)
        try apply(job.request)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try handle.check(unsafe ccurl_set_header_receiver(handle.pointer, receiveHeader, context))
        try handle.check(unsafe ccurl_set_body_receiver(handle.pointer, receiveBody, context))
    }

    /// Answers the caller; to be called once, after the handle has left the multi handle.
    func finish(_ result: CURLcode) {
        if collector.headersTooLarge {
            job.continuation.resume(
                returning: .failure(
                    HTTPError(
                        code: .tooLarge,
                        curlCode: Int32(bitPattern: result.rawValue),
                        message: "the answer's headers exceed \(ResponseCollector.headerLimit) bytes"
                    )
                )
            )
            return
        }
        // Ending a transfer at the body limit looks like a failed write to libcurl.
        guard result == CURLE_OK || (result == CURLE_WRITE_ERROR && collector.bodyTruncated) else {
            job.continuation.resume(returning: .failure(handle.error(result)))
            return
        }
        let response = HTTPResponse(
            status: handle.status,
            headers: collector.headers,
            body: collector.body,
            bodyTruncated: collector.bodyTruncated,
            seconds: handle.seconds
        )
        job.continuation.resume(returning: .success(response))
    }

    func fail(_ error: HTTPError) {
        job.continuation.resume(returning: .failure(error))
    }

    private func apply(_ settings: HTTPSettings) throws(HTTPError) {
        try handle.check(unsafe ccurl_allow_only_http(handle.pointer))
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        // Without it libcurl may use SIGALRM, which a program with threads cannot have.
        try handle.set(CURLOPT_NOSIGNAL, 1)
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connectTimeout))
        try handle.set(CURLOPT_TIMEOUT_MS, milliseconds(settings.totalTimeout))
        try handle.set(CURLOPT_USERAGENT, settings.userAgent)
        if let bundle = settings.caBundle {
            try handle.set(CURLOPT_CAINFO, bundle)
        }
        if !settings.usesEnvironmentProxy {
            try handle.set(CURLOPT_PROXY, "")
        }
    }

    private func apply(_ request: HTTPRequest) throws(HTTPError) {
        try handle.set(CURLOPT_URL, request.url)
        if request.method == "HEAD" {
            try handle.set(CURLOPT_NOBODY, 1)
        } else {
            if !request.body.isEmpty || request.method == "POST" || request.method == "PUT" {
                try handle.setBody(request.body)
            }
            try handle.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        // libcurl would say that the body is a form, and would wait a second for "100 Continue" before a large one.
        let names = Set(request.headers.map { $0.0.lowercased() })
        for name in ["Content-Type", "Expect"] where !names.contains(name.lowercased()) {
            try handle.addHeaderLine("\(name):")
        }
        for (name, value) in request.headers {
            try handle.addHeaderLine(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
    }

    fileprivate func takeHeader(_ bytes: borrowing Span<UInt8>) -> Bool {
        collector.receiveHeader(bytes)
    }

    fileprivate func takeBody(_ bytes: borrowing Span<UInt8>) -> Bool {
        collector.receiveBody(bytes)
    }
}

/// libcurl's limit is a C long; zero would mean "no limit", so the shortest time is one millisecond.
private func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    guard seconds < 1_000_000_000 else { return 1_000_000_000_000 }
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
}

// libcurl calls these from curl_multi_perform, on the loop's thread, while the loop holds the transfer.

private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe receive(bytes, size * count, context) { $0.takeHeader($1) }
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe receive(bytes, size * count, context) { $0.takeBody($1) }
}

private func receive(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?,
    _ take: (Transfer, borrowing Span<UInt8>) -> Bool
) -> Int {
    guard let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
    let wanted = unsafe buffer.withMemoryRebound(to: UInt8.self) { unsafe take(transfer, $0.span) }
    // Any other number than the one offered tells libcurl to end the transfer; 0 of 0 bytes does not occur.
    return wanted ? count : 0
}
