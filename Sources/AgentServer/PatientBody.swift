import HTTPTypes
import Hummingbird
import NIOCore

extension ResponseBody {
    /// The same body, on a connection that is closed when its reader takes nothing for so long: it would keep its place among
    /// the connections for good.
    func sent(within limit: Duration, on channel: any Channel) -> ResponseBody {
        let body = self
        return ResponseBody(contentLength: contentLength) { writer in
            try await body.write(PatientWriter(base: writer, channel: channel, limit: TimeAmount(limit)))
        }
    }
}

private struct PatientWriter: ResponseBodyWriter {
    /// Bytes that a reader is given so much time for.
    private static let portion = 64 << 10

    var base: any ResponseBodyWriter
    let channel: any Channel
    let limit: TimeAmount

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let portion = rest.readSlice(length: min(rest.readableBytes, Self.portion)), portion.readableBytes > 0 {
            let alarm = alarm()
            defer { alarm.cancel() }
            try await base.write(portion)
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        let alarm = alarm()
        defer { alarm.cancel() }
        try await base.finish(trailingHeaders)
    }

    private func alarm() -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: limit) { [channel] in channel.close(promise: nil) }
    }
}
