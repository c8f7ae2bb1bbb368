import Dispatch
import GRDB
import Synchronization

/// Notices commits of a writer in another process.
///
/// SQLite's `data_version` changes for a connection when another one commits. Reading it costs microseconds and touches
/// only the WAL index, so asking ten times a second is free; no file notification covers shared memory.
final class ForeignCommitWatcher: Sendable {
    /// A dispatch source may be cancelled from any thread; its type only lacks the mark.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    init(path: String, head: PositionSignal) throws {
        let connection = try LogSchema.openForWatching(path)
        let seen = SeenVersion()
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "swathlog.log-watcher"))
        timer.schedule(deadline: .now(), repeating: .milliseconds(100), leeway: .milliseconds(20))
        timer.setEventHandler {
            // A failed look is repeated by the next tick; a reader that really cannot read finds out in its own read.
            let position = try? connection.read { database -> Int? in
                let version = try Int.fetchOne(database, sql: "PRAGMA data_version") ?? 0
                return seen.update(to: version) ? try LogSchema.head(database) : nil
            }
            if let position { head.advance(to: position) }
        }
        unsafe self.timer = timer
        timer.resume()
    }

    func stop() {
        unsafe timer.cancel()
    }

    deinit {
        unsafe timer.cancel()
    }
}

/// The newest `data_version` that was seen.
private final class SeenVersion: Sendable {
    private let version = Mutex(-1)

    /// Returns whether the version is another one than before.
    func update(to newest: Int) -> Bool {
        version.withLock { version in
            defer { version = newest }
            return version != newest
        }
    }
}
