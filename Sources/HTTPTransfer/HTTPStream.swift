/// An answer whose body is still coming.
///
/// Dropping it with its body, or cancelling the task that reads the body, ends the transfer.
package struct HTTPStream: HTTPAnswer {
    package let status: Int
    /// The final answer's headers in the order they came, names as the peer wrote them.
    package let headers: [(name: String, value: String)]
    package let body: HTTPBody
}

/// The bytes of an answer in chunks as they come, to be read once and by one task at a time.
///
/// The transfer pauses while the reader is behind. Where it breaks, the chunks that came are followed by the error.
package struct HTTPBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = HTTPError

    fileprivate let reader: BodyReader

    init(_ channel: BodyChannel, of client: HTTPClient) {
        reader = BodyReader(channel, of: client)
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(reader: reader)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let reader: BodyReader

        package mutating func next() async throws(HTTPError) -> [UInt8]? {
            try await reader.channel.next()
        }

        package mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
            try await reader.channel.next()
        }
    }
}

/// Ends the transfer when nobody can read it any more, and keeps its client until then.
private final class BodyReader: Sendable {
    let channel: BodyChannel
    private let client: HTTPClient

    init(_ channel: BodyChannel, of client: HTTPClient) {
        self.channel = channel
        self.client = client
    }

    deinit {
        channel.cancel()
    }
}
