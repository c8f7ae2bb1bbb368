import EventLog
import Events
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Answers that go on: server-sent events (HTML, section 9.2).
///
/// A stream reads the log itself, from where it is, at the pace of who listens: a slow listener costs no memory, and one that
/// comes back with `Last-Event-ID` misses nothing.
final class EventStreams: Sendable {
    /// How long nothing may be said, so that neither side takes the other for dead.
    private static let silence = Duration.seconds(10)

    private let store: ServedStore
    private let status: StatusBoard
    private let state: AgentServer.State
    private let places: Places

    init(store: ServedStore, status: StatusBoard, state: AgentServer.State, limit: Int) {
        self.store = store
        self.status = status
        self.state = state
        places = Places(limit, full: .tooManyStreams, "\(limit) streams are open already: close one")
    }

    /// Events after the position that the request names, then those to come.
    ///
    /// - Throws: `position-unknown` where the log does not reach that position: who was there read another log, such as the
    ///   one that a backup has replaced.
    func events(_ call: Call) throws -> Response {
        let log = store.log
        let filter = RecordRoutes.filter(call)
        let head = log.headPosition
        let start = call.number("Last-Event-ID") ?? call.number("after") ?? head
        guard start <= head else {
            throw Problem(
                .positionUnknown,
                "the log ends at position \(head), before \(start): it is not the log that you have read; begin anew"
            )
        }
        return try stream { [state] write in
            var position = start
            while !state.isStopping.load(ordering: .relaxed) {
                let head = log.headPosition
                let page = try await log.page(filter, from: position, limit: 500)
                var text = ""
                for event in page.events { text += "id: \(event.position)\ndata: \(event.json.text)\n\n" }
                if !text.isEmpty { try await write(text) }
                if let next = page.next {
                    position = next
                    continue
                }
                // Up to there the log was looked at, and what the filter leaves out is nothing to wait for.
                position = max(position, page.events.last?.position ?? 0, head)
                try await self.wait(for: log, past: position, write)
            }
        }
    }

    /// The status, once a second: ages and rates change without an event.
    func statuses() throws -> Response {
        try stream { [state, status] write in
            while !state.isStopping.load(ordering: .relaxed) {
                let text = try await status.current()
                try await write("data: \(String(decoding: text, as: UTF8.self))\n\n")
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func wait(
        for log: EventLog,
        past position: Int,
        _ write: (String) async throws -> Void
    ) async throws {
        var silent = ContinuousClock.now
        while log.headPosition <= position, !state.isStopping.load(ordering: .relaxed) {
            _ = try await within(.seconds(1)) { try await log.waitForEvents(after: position) }
            if ContinuousClock.now - silent > Self.silence {
                try await write(": still here\n\n")
                silent = .now
            }
        }
    }

    /// - Throws: `too-many-streams`.
    private func stream(
        _ body: @escaping @Sendable ((String) async throws -> Void) async throws -> Void
    ) throws -> Response {
        let ticket = try places.take()
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // Held until the stream ends, however it does.
                defer { withExtendedLifetime(ticket) {} }
                try await writer.write(ByteBuffer(string: ": swathlog\n\n"))
                var open = writer
                try await body { text in try await open.write(ByteBuffer(string: text)) }
                try await writer.finish(nil)
            }
        )
    }
}
