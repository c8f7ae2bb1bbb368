import Hummingbird
import NIOCore

/// Reads the body of a request, in so many bytes and so much time.
struct BodyReader: Sendable {
    let sizeLimit: Int
    let timeLimit: Duration

    func read(_ request: Request) async throws -> [UInt8] {
        let length = request.headers[.contentLength].flatMap { Int($0) }
        guard length ?? 0 <= sizeLimit else { throw tooLarge }
        let body = request.body
        do {
            guard let buffer = try await within(timeLimit, { try await body.collect(upTo: sizeLimit) }) else {
                throw Problem(.requestTooSlow, "the request did not arrive within \(timeLimit.components.seconds) s")
            }
            // A connection that ends early may look like the end of a body.
            guard length == nil || length == buffer.readableBytes else { throw incomplete }
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch let problem as Problem {
            throw problem
        } catch {
            throw incomplete
        }
    }

    private var tooLarge: Problem {
        Problem(.bodyTooLarge, "a body may have \(sizeLimit) bytes: send fewer records at a time")
    }

    private var incomplete: Problem { Problem(.bodyIncomplete, "the body ended before its end") }
}

/// Runs an operation, and cancels it when the time is up; nil then.
func within<Value: Sendable>(
    _ limit: Duration,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
