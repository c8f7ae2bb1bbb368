/// Sends HTTP requests as async calls and reuses connections between them.
///
/// One thread serves all requests of a client, however many there are; none holds a thread of Swift's pool. Redirects
/// are not followed: a signed request must not go where its signature was not made for, and a webhook not to an address
/// that nobody configured. Only `http` and `https` URLs are accepted.
package final class HTTPClient: Sendable {
    private let loop: TransferLoop

    /// Starts the client's thread.
    package init(settings: HTTPSettings = HTTPSettings()) throws(HTTPError) {
        loop = try TransferLoop(settings: settings)
    }

    deinit {
        loop.close()
    }

    /// Sends a request and returns the answer, whatever its status.
    ///
    /// Cancelling the task ends the transfer at once and closes its connection.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        try request.validate()
        let origin = try origin(of: request.url)
        let id = loop.reserveID()
        defer {
            loop.forget(id)
            // A caller may hold the client by this call alone.
            withExtendedLifetime(self) {}
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(TransferJob(id: id, origin: origin, request: request, continuation: continuation))
            }
        } onCancel: {
            loop.cancel(id, origin: origin)
        }
        return try answer.get()
    }

    /// Fails what is under way with `cancelled`, closes all connections and returns when the thread has ended.
    package func shutdown() async {
        loop.close()
        await loop.waitUntilFinished()
    }
}
