/// Gives the answer of one transfer to its caller, whole or bit by bit; confined to the loop's thread.
struct AnswerReceiver {
    private enum State {
        case gathering(CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>)
        case awaitingHead(CheckedContinuation<Result<ResponseHead, HTTPError>, Never>, BodyChannel)
        case streaming(BodyChannel)
        case ended
    }

    private var state: State
    private var collector: ResponseCollector
    /// Bytes for the stream that came since the last delivery.
    private var undelivered: [UInt8] = []
    private let followsRedirects: Bool

    /// Chunks of this size are delivered at once, smaller ones when there is nothing more to receive for now.
    private static let chunkSize = 256 << 10

    init(_ reply: TransferJob.Reply, bodyLimit: Int, followsRedirects: Bool) {
        switch reply {
        case .response(let continuation): state = .gathering(continuation)
        case .stream(let continuation, let channel): state = .awaitingHead(continuation, channel)
        }
        collector = ResponseCollector(bodyLimit: bodyLimit)
        self.followsRedirects = followsRedirects
    }

    /// Takes one header line with its line end; false ends the transfer.
    mutating func receiveHeader(_ line: borrowing Span<UInt8>) -> Bool {
        guard collector.receiveHeader(line) else { return false }
        // A redirect that libcurl follows is no answer; where it is one after all, its head comes with its end.
        if collector.headIsComplete, !(followsRedirects && (300..<400).contains(collector.status)) {
            sendHead()
        }
        return true
    }

    /// Takes body bytes, unless there is no room for them.
    mutating func receiveBody(_ bytes: borrowing Span<UInt8>) -> BodyChannel.Offer {
        sendHead()
        switch state {
        case .gathering:
            return collector.receiveBody(bytes) ? .taken : .unwanted
        case .streaming(let channel):
            let offer = channel.offer(bytes.count, undelivered: undelivered.count)
            guard offer == .taken else { return offer }
            if undelivered.isEmpty {
                undelivered.reserveCapacity(max(bytes.count, min(Self.chunkSize, collector.announcedLength)))
            }
            unsafe bytes.withUnsafeBufferPointer { unsafe undelivered.append(contentsOf: $0) }
            if undelivered.count >= Self.chunkSize {
                deliver()
            }
            return .taken
        case .awaitingHead, .ended:
            return .unwanted
        }
    }

    /// Passes on what came since the last delivery.
    mutating func deliver() {
        guard case .streaming(let channel) = state, !undelivered.isEmpty else { return }
        channel.deliver(undelivered)
        undelivered = []
    }

    /// Reports the end of the transfer, once.
    mutating func finish(_ failure: HTTPError?, status: Int, seconds: Double) {
        if failure == nil { sendHead() }
        deliver()
        switch state {
        case .gathering(let continuation):
            let response = HTTPResponse(
                status: status,
                headers: collector.headers,
                body: collector.body,
                bodyTruncated: collector.bodyTruncated,
                seconds: seconds
            )
            continuation.resume(returning: failure.map { .failure($0) } ?? .success(response))
        case .awaitingHead(let continuation, _):
            continuation.resume(
                returning: .failure(failure ?? HTTPError(code: .other, message: "the answer had no head"))
            )
        case .streaming(let channel):
            channel.finish(failure.map { .failure($0) } ?? .success(()))
        case .ended:
            break
        }
        state = .ended
    }

    var headersTooLarge: Bool { collector.headersTooLarge }
    var bodyTruncated: Bool { collector.bodyTruncated }

    private mutating func sendHead() {
        guard case .awaitingHead(let continuation, let channel) = state, collector.headIsComplete else { return }
        state = .streaming(channel)
        let head = ResponseHead(status: collector.status, headers: collector.headers)
        continuation.resume(returning: .success(head))
    }
}
