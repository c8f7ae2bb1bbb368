package import Events
import Files

#if canImport(Glibc)
import Glibc
#endif

/// The right to write one store: held by one process at a time, and given back by the kernel when it dies.
///
/// A row in the log could not do this: it outlives a killed owner, and then somebody has to guess whether it is stale.
/// A lock on a file is exactly as alive as its owner. The file says who that is.
package final class OwnerLock: Sendable {
    /// So many refusals, 10 ms apart, and it is an owner who holds it.
    private static let refusals = 30

    private let lock: FileLock

    private init(_ lock: FileLock) {
        self.lock = lock
    }

    /// Takes the lock at `path`.
    ///
    /// - Throws: `store-locked`, naming the holder's pid and host.
    package static func take(_ path: String, host: String, time: any TimeSource) throws -> OwnerLock {
        let me = CanonicalJSON {
            $0.set("host", host)
            $0.set("pid", Int(getpid()))
            $0.set("since", time.now().description)
        }
        // Who only asks holds the lock for a moment as well: one refusal says nothing.
        var lock = try FileLock.tryLock(path, contents: me.bytes)
        for _ in 0..<refusals where lock == nil {
            usleep(10_000)
            lock = try FileLock.tryLock(path, contents: me.bytes)
        }
        guard let lock else {
            let holder = holder(path)
            let who = holder.map { "process \($0.pid) on \($0.host), since \($0.since)" } ?? "another process"
            throw EventLogError(
                .locked,
                "the store is being written by \(who): stop that one first, or name another store with --store"
            )
        }
        return OwnerLock(lock)
    }

    package struct Holder: Sendable, Equatable {
        package let pid: Int
        package let host: String
        package let since: String
    }

    /// Who holds the lock at `path` now; nil when nobody does.
    package static func currentHolder(_ path: String) throws -> Holder? {
        try FileLock.isHeld(path) ? holder(path) : nil
    }

    package func release() {
        lock.release()
    }

    private static func holder(_ path: String) -> Holder? {
        guard let text = try? readFile(path), let json = try? JSONObject(text), let pid = try? json.int("pid"),
            let host = try? json.string("host"), let since = try? json.string("since")
        else { return nil }
        return Holder(pid: pid, host: host, since: since)
    }
}
