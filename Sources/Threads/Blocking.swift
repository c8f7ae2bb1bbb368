import Dispatch

/// Runs work that blocks or computes for long, so that none of it holds a thread of the cooperative pool.
package enum Blocking {
    private static let queue = DispatchQueue(label: "swathlog.blocking", qos: .utility, attributes: .concurrent)

    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
