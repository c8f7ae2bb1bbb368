import HTTPTypes
import Hummingbird
import NIOCore

/// How the store is, once or as it changes.
struct StatusRoutes: Sendable {
    let status: StatusBoard
    let streams: EventStreams

    var operations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/status",
                id: "getStatus",
                tag: "status",
                summary: "What is in the store, what waits for which stage and for how long, and how fast it goes.",
                form: .json(.named("Status"))
            ) { _ in
                Response(
                    status: .ok,
                    headers: [.contentType: "application/json"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: try await status.current()))
                )
            },
            Operation(
                method: .get,
                path: "/v1/status/stream",
                id: "streamStatus",
                tag: "status",
                summary: "The status, once a second.",
                form: .events("The status in JSON."),
                problems: [.tooManyStreams]
            ) { _ in try streams.statuses() },
        ]
    }
}
