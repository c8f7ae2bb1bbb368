import Files
import Glibc
import Synchronization

/// DVC's own locks on a repository, taken as DVC takes them: `.dvc/tmp/lock` for the whole, and entries of `.dvc/tmp/rwlock`
/// for paths.
///
/// While the whole is held, a person's `dvc add`, `push`, `status`, `gc` give up after 3.6 seconds, so hold it only over the
/// writing of the cache, the work tree and the pointer, never over an upload. `dvc repro` lets go of the whole while a
/// stage's command runs, and holds the paths that the command reads and writes.
final class DVCLock: Sendable {
    private let repository: String
    private let whole: FileLock
    private let paths: Mutex<[PathLocks]>

    private init(repository: String, whole: FileLock, paths: PathLocks?) {
        self.repository = repository
        self.whole = whole
        self.paths = Mutex(paths.map { [$0] } ?? [])
    }

    /// Waits for the locks, asking again every 50 ms, until they are ours, `patience` is used up or the task is cancelled.
    ///
    /// - Parameters:
    ///   - paths: files and directories that are going to be written, absolute.
    ///   - onWait: told, with a sentence for a log, when somebody else holds what is wanted.
    static func acquire(
        repository: String,
        writing paths: [String] = [],
        patience: Duration,
        onWait: @Sendable (String) -> Void
    ) async throws -> DVCLock {
        try createDirectories("\(repository)/.dvc/tmp", durable: false)
        let deadline = ContinuousClock.now + patience
        var told = ""
        while true {
            let holder: String
            switch try attempt(repository, paths) {
            case .taken(let lock): return lock
            case .held(let by): holder = by
            }
            guard ContinuousClock.now < deadline else {
                throw held(holder)
            }
            if told != holder { onWait("waiting: \(holder)") }
            told = holder
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Takes more paths while the whole is held, or throws `lockHeld`: a wait with the whole in hand could last for ever.
    func claim(_ more: [String]) throws {
        if more.isEmpty { return }
        let locks = PathLocks(repository: repository, paths: more)
        if let holder = try locks.acquire() { throw Self.held(holder) }
        paths.withLock { $0.append(locks) }
    }

    /// Gives everything back; a second call does nothing.
    func release() {
        for locks in paths.withLock({ $0 }) { locks.release() }
        whole.release()
    }

    private static func held(_ holder: String) -> DVCError {
        DVCError(.lockHeld, "\(holder): wait for it to end, then try again")
    }

    private enum Attempt {
        case taken(DVCLock)
        /// A sentence that says by whom.
        case held(String)
    }

    private static func attempt(_ repository: String, _ paths: [String]) throws -> Attempt {
        let path = "\(repository)/.dvc/tmp/lock"
        guard let whole = try FileLock.tryLock(path, contents: Array(" \(getpid())\n".utf8)) else {
            let holder = (try? readFile(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let pid = holder.filter(\.isNumber)
            return .held("\(pid.isEmpty ? "another DVC process" : "DVC process \(pid)") still holds \(path)")
        }
        if paths.isEmpty { return .taken(DVCLock(repository: repository, whole: whole, paths: nil)) }
        do {
            let locks = PathLocks(repository: repository, paths: paths)
            if let holder = try locks.acquire() {
                // DVC wants the whole again when its command has ended: do not wait with it in hand.
                whole.release()
                return .held(holder)
            }
            return .taken(DVCLock(repository: repository, whole: whole, paths: locks))
        } catch {
            whole.release()
            throw error
        }
    }
}
