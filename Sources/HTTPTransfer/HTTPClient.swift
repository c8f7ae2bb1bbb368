/// Sends HTTP requests as async calls and reuses connections between them.
///
/// One thread serves all requests of a client, however many there are; none holds a thread of Swift's pool. Redirects
/// are not followed unless the settings or the request say so: a signed request must not go where its signature was not
/// made for, and a webhook not to an address that nobody configured. Only `http` and `https` URLs are accepted.
package final class HTTPClient: Sendable {
    private let loop: TransferLoop
    private let streamBuffer: Int

    /// Starts the client's thread.
    package init(settings: HTTPSettings = HTTPSettings()) throws(HTTPError) {
        loop = try TransferLoop(settings: settings)
        streamBuffer = settings.streamBuffer
    }

    deinit {
        loop.close()
    }

    /// Sends a request and returns the whole answer, whatever its status.
    ///
    /// Cancelling the task ends the transfer at once and closes its connection.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let ticket = try ticket(for: request)
        return try await run(request, ticket) { .response($0) }
    }

    /// Sends a request and returns when the head of the final answer is there, whatever its status.
    ///
    /// The body comes with the speed of its reader. Until it has ended, or the stream is dropped, the transfer keeps one
    /// of the `connectionsPerHost`.
    package func open(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
        let ticket = try ticket(for: request)
        let channel = BodyChannel(limit: streamBuffer, loop: loop, ticket: ticket)
        let head = try await run(request, ticket) { .stream($0, channel) }
        return HTTPStream(status: head.status, headers: head.headers, body: HTTPBody(channel, of: self))
    }

    private func ticket(for request: HTTPRequest) throws(HTTPError) -> TransferTicket {
        try request.validate()
        return TransferTicket(id: loop.reserveID(), origin: try origin(of: request.url))
    }

    private func run<Answer: Sendable>(
        _ request: HTTPRequest,
        _ ticket: TransferTicket,
        _ reply: (CheckedContinuation<Result<Answer, HTTPError>, Never>) -> TransferJob.Reply
    ) async throws(HTTPError) -> Answer {
        defer {
            loop.forget(ticket)
            // A caller may hold the client by this call alone.
            withExtendedLifetime(self) {}
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(TransferJob(ticket: ticket, request: request, reply: reply(continuation)))
            }
        } onCancel: {
            loop.cancel(ticket)
        }
        return try answer.get()
    }

    /// Fails what is under way with `cancelled`, closes all connections and returns when the thread has ended.
    package func shutdown() async {
        loop.close()
        await loop.waitUntilFinished()
    }
}
