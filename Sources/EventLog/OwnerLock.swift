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
        guard let lock = try FileLock.tryLock(path, contents: me.bytes) else {
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
        guard try fileInfo(path) != nil else { return nil }
        let contents = try readFile(path)
        if let free = try FileLock.tryLock(path, contents: contents) {
            free.release()
            return nil
        }
        return holder(path)
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
