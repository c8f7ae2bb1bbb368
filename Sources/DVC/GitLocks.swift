import Files
import Glibc

/// Removes lock files that a killed git left in a repository.
///
/// git's lock files carry no owner: a file that exists is a lock that is held. One left by a killed git would stop
/// every later publication, so it is removed, but only when no live git can be its owner: the agent's own lock keeps
/// other agents out, and /proc shows every process whose working directory is in this repository or that has the lock
/// file open. git always works from inside the repository, and so does a git started by a killed agent that still runs.
/// A git whose directory we may not look at counts as an owner.
struct GitLocks {
    let repository: String

    /// Waits until no lock is in the way, asking again every 50 ms, until `patience` is used up.
    func clear(patience: Duration) async throws {
        let deadline = ContinuousClock.now + patience
        while true {
            let found = try locks()
            if found.isEmpty { return }
            if !hasLiveOwner(Set(found.compactMap { resolved($0.path) })) {
                // A new inode is a new lock, taken since we looked.
                for (path, info) in found where try fileInfo(path) == info {
                    try removeFile(path)
                }
                return
            }
            guard ContinuousClock.now < deadline else {
                throw DVCError(
                    .gitBusy,
                    "another git works in \(repository) and holds \(found[0].path): wait for it to end, then try again"
                )
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func locks() throws -> [(path: String, info: FileInfo)] {
        let directory = "\(repository)/.git"
        var paths: [String] = []
        for folder in [directory, "\(directory)/refs/heads"] where try fileInfo(folder)?.kind == .directory {
            // gc.pid.lock and the locks of parallel ref work in deeper folders do not stop a commit.
            paths += try listDirectory(folder).compactMap(\.name).filter { $0.hasSuffix(".lock") }.map {
                "\(folder)/\($0)"
            }
        }
        return try paths.compactMap { path in try fileInfo(path).map { (path, $0) } }
    }

    private func hasLiveOwner(_ locks: Set<String>) -> Bool {
        guard let processes = try? listDirectory("/proc") else { return true }
        let root = resolved(repository) ?? repository
        for process in processes.compactMap(\.name) where process.allSatisfy(\.isNumber) {
            let folder = "/proc/\(process)"
            // Programs that write git's files without git (DVC is one) keep the lock open.
            let open = (try? listDirectory("\(folder)/fd")) ?? []
            if open.compactMap(\.name).contains(where: {
                resolved("\(folder)/fd/\($0)").map(locks.contains) ?? false
            }) {
                return true
            }
            guard let name = try? readFile("\(folder)/comm"), name.starts(with: "git".utf8) else { continue }
            let directory: String
            do {
                // None: it has ended, and perhaps its parent has yet to notice.
                guard let found = try realPath("\(folder)/cwd") else { continue }
                directory = found
            } catch {
                if error.errno == ESRCH { continue }
                // It belongs to a user that we may not look at.
                return true
            }
            if directory == root || directory.hasPrefix(root + "/") { return true }
        }
        return false
    }

    private func resolved(_ path: String) -> String? {
        (try? realPath(path)) ?? nil
    }
}
