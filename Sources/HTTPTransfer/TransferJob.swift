/// Names a request to the loop.
struct TransferTicket: Sendable {
    let id: UInt64
    let origin: String
}

/// A request that waits or runs, and where its answer goes.
struct TransferJob: Sendable {
    enum Reply: Sendable {
        /// The whole answer at once.
        case response(CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>)
        /// The head as soon as it is there, then the body bit by bit.
        case stream(CheckedContinuation<Result<ResponseHead, HTTPError>, Never>, BodyChannel)
    }

    let ticket: TransferTicket
    let request: HTTPRequest
    let reply: Reply

    /// Answers a request that never became a transfer.
    func refuse(_ error: HTTPError) {
        switch reply {
        case .response(let continuation): continuation.resume(returning: .failure(error))
        case .stream(let continuation, _): continuation.resume(returning: .failure(error))
        }
    }
}

/// What comes before an answer's body.
struct ResponseHead: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
}
