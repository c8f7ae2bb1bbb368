import Synchronization

/// Carries one answer's body from the loop's thread to its reader, and holds no more than a limit.
final class BodyChannel: Sendable {
    enum Offer {
        case taken
        /// The reader is behind: nothing was taken, and the loop will be told to resume.
        case full
        /// Nobody reads this any more.
        case unwanted
    }

    private typealias Waiter = CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>

    private struct State {
        var chunks: [[UInt8]] = []
        var held = 0
        var paused = false
        var end: Result<Void, HTTPError>?
        var waiter: Waiter?
    }

    /// Smaller chunks are joined while they wait, so that a trickle does not become a million of them.
    private static let smallChunk = 64 << 10

    private let state = Mutex(State())
    private let limit: Int
    private let loop: TransferLoop
    private let ticket: TransferTicket

    init(limit: Int, loop: TransferLoop, ticket: TransferTicket) {
        self.limit = max(1, limit)
        self.loop = loop
        self.ticket = ticket
    }

    // MARK: The loop's side

    /// Asks for room for bytes that are not yet here beside others that were granted and not delivered.
    func offer(_ count: Int, undelivered: Int) -> Offer {
        state.withLock { state in
            guard state.end == nil else { return .unwanted }
            let held = state.held + undelivered
            // One offer is always taken: a limit below its size would never let it in.
            guard held == 0 || held + count <= limit else {
                state.paused = true
                return .full
            }
            return .taken
        }
    }

    func deliver(_ bytes: [UInt8]) {
        let (waiter, resumes): (Waiter?, Bool) = state.withLock { state in
            guard state.end == nil else { return (nil, false) }
            if let waiter = state.waiter.take() { return (waiter, mayResume(&state)) }
            state.held += bytes.count
            if let last = state.chunks.indices.last, state.chunks[last].count + bytes.count <= Self.smallChunk {
                state.chunks[last] += bytes
            } else {
                state.chunks.append(bytes)
            }
            return (nil, false)
        }
        waiter?.resume(returning: .success(bytes))
        if resumes {
            loop.resume(ticket)
        }
    }

    func finish(_ result: Result<Void, HTTPError>) {
        let waiter: Waiter? = state.withLock { state in
            guard state.end == nil else { return nil }
            state.end = result
            return state.waiter.take()
        }
        waiter?.resume(returning: result.map { nil })
    }

    // MARK: The reader's side

    func next() async throws(HTTPError) -> [UInt8]? {
        if !Task.isCancelled, let ready = take() {
            return try ready.get()
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let ready = take(orWait: continuation) {
                    continuation.resume(returning: ready)
                }
            }
        } onCancel: {
            cancel()
        }
        return try answer.get()
    }

    /// Ends the transfer; what was held is gone.
    func cancel() {
        let (wasRunning, waiter): (Bool, Waiter?) = state.withLock { state in
            let wasRunning = state.end == nil
            state.chunks = []
            state.held = 0
            state.end = .failure(.cancelled)
            return (wasRunning, state.waiter.take())
        }
        waiter?.resume(returning: .failure(.cancelled))
        if wasRunning {
            loop.cancel(ticket)
            loop.forget(ticket)
        }
    }

    private func take(orWait waiter: Waiter? = nil) -> Result<[UInt8]?, HTTPError>? {
        let (ready, resumes): (Result<[UInt8]?, HTTPError>?, Bool) = state.withLock { state in
            guard state.waiter == nil else {
                let message = "a body is read by one task at a time; read it in one place"
                return (.failure(HTTPError(code: .other, message: message)), false)
            }
            guard let chunk = state.chunks.first else {
                if state.end == nil {
                    state.waiter = waiter
                }
                return (state.end?.map { nil }, false)
            }
            state.chunks.removeFirst()
            state.held -= chunk.count
            return (.success(chunk), mayResume(&state))
        }
        if resumes {
            loop.resume(ticket)
        }
        return ready
    }

    /// Whether a paused transfer goes on now: at half of the limit, so that the next bytes come before the last are read.
    private func mayResume(_ state: inout State) -> Bool {
        guard state.paused, state.held <= limit / 2, state.end == nil else { return false }
        state.paused = false
        return true
    }
}
