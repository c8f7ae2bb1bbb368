#if canImport(Glibc)
import Glibc
#endif

extension Tool {
    /// Keeps a program running while `body` does its work, and ends it then, whatever came of that.
    package func whileRunning<Value>(
        _ arguments: [String],
        _ body: (RunningTool) async throws -> Value
    ) async throws -> Value {
        let running = try start(arguments)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(running))
        } catch {
            result = .failure(error)
        }
        if running.isRunning { running.signal(SIGKILL) }
        _ = try await running.outcome()
        return try result.get()
    }
}
