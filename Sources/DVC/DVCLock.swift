import Files
import Glibc

/// DVC's own lock on a repository, `.dvc/tmp/lock`, taken as DVC takes it.
///
/// While it is held, a person's `dvc add`, `push`, `status`, `gc` give up after 3.6 seconds, so hold it only over the
/// writing of the cache, the work tree and the pointer, never over an upload.
enum DVCLock {
    /// Waits for the lock, asking again every 50 ms, until it is ours, `patience` is used up or the task is cancelled.
    ///
    /// `onWait` is told once, with a sentence for a log, when somebody else holds the lock.
    static func acquire(
        repository: String,
        patience: Duration,
        onWait: @Sendable (String) -> Void
    ) async throws -> FileLock {
        try createDirectories("\(repository)/.dvc/tmp", durable: false)
        let path = "\(repository)/.dvc/tmp/lock"
        let deadline = ContinuousClock.now + patience
        var told = false
        while true {
            if let lock = try FileLock.tryLock(path, contents: Array(" \(getpid())\n".utf8)) { return lock }
            let holder = (try? readFile(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let pid = holder.filter(\.isNumber)
            let who = pid.isEmpty ? "another DVC process" : "DVC process \(pid)"
            guard ContinuousClock.now < deadline else {
                throw DVCError(.lockHeld, "\(who) still holds \(path): wait for it to end, then try again")
            }
            if !told { onWait("waiting for \(who) to release \(path)") }
            told = true
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
