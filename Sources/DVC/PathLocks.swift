import Files
import Foundation
import Synchronization

/// Entries of DVC's `.dvc/tmp/rwlock`: which processes read and write which paths of a repository.
///
/// The file is JSON, guarded by a lock on `rwlock.lock`. DVC leaves entries of killed processes, and takes them out when it
/// comes across them; so do we. Source: dvc/rwlock.py.
package final class PathLocks: Sendable {
    private struct Holder: Codable, Equatable {
        var pid: Int
        var cmd: String
    }

    private struct Table: Codable {
        var write: [String: Holder]?
        var read: [String: [Holder]]?
    }

    private let directory: String
    private let paths: [String]
    private let isHeld = Mutex(false)

    /// How long the guard may be busy: whoever has it only changes the file.
    private static let guardPatience = Duration.seconds(5)

    /// - Parameter paths: what is going to be written, absolute.
    package init(repository: String, paths: [String]) {
        directory = "\(repository)/.dvc/tmp"
        self.paths = paths
    }

    deinit { release() }

    private var file: String { "\(directory)/rwlock" }
    private var own: Holder { Holder(pid: Int(getpid()), cmd: "swathlog") }

    /// Enters the paths as written by this process.
    ///
    /// - Returns: nil, or a sentence that says who reads or writes one of them.
    package func acquire() throws -> String? {
        try edit { table in
            var writers = table.write ?? [:]
            var readers = table.read ?? [:]
            for (path, holder) in writers where concerns(path) && holder != own {
                if isAlive(holder) { return sentence(holder, "writes", path) }
                writers[path] = nil
            }
            for (path, holders) in readers where concerns(path) {
                let alive = holders.filter { isAlive($0) && $0 != own }
                if let first = alive.first { return sentence(first, "reads", path) }
                readers[path] = nil
            }
            for path in paths { writers[path] = own }
            table = Table(write: writers, read: readers)
            isHeld.withLock { $0 = true }
            return nil
        }
    }

    /// Takes the entries out again; a second call does nothing.
    package func release() {
        let wasHeld = isHeld.withLock { isHeld in
            defer { isHeld = false }
            return isHeld
        }
        guard wasHeld else { return }
        // What can't be taken out counts no more once this process has ended.
        _ = try? edit { table in
            table.write = table.write?.filter { !(paths.contains($0.key) && $0.value == own) }
            return nil
        }
    }

    private func edit(_ body: (inout Table) -> String?) throws -> String? {
        let deadline = ContinuousClock.now + Self.guardPatience
        var held = try FileLock.tryLock("\(file).lock", contents: Array(" \(getpid())\n".utf8))
        while held == nil, ContinuousClock.now < deadline {
            usleep(5_000)
            held = try FileLock.tryLock("\(file).lock", contents: Array(" \(getpid())\n".utf8))
        }
        guard let held else { return "another DVC process still holds \(file).lock" }
        defer { held.release() }
        var table = Table()
        if try fileInfo(file) != nil {
            do {
                table = try JSONDecoder().decode(Table.self, from: Data(try readFile(file)))
            } catch is DecodingError {
                return
                    "\(file) can't be understood, as when a DVC was killed while it wrote it: remove it if no DVC runs"
            }
        }
        if let refusal = body(&table) { return refusal }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only who has the guard writes it: one that is there was left by a killed process.
        let temporary = "\(directory)/.swathlog-rwlock.tmp"
        if try fileInfo(temporary) != nil { try removeFile(temporary) }
        try writeNew(Array(try encoder.encode(table)), to: temporary, mode: 0o644, synchronized: true)
        try moveFile(temporary, to: file)
        return nil
    }

    /// Whether a path is one of ours, lies in one, or one of ours in it.
    private func concerns(_ path: String) -> Bool {
        paths.contains { $0 == path || $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/") }
    }

    private func isAlive(_ holder: Holder) -> Bool {
        guard let pid = pid_t(exactly: holder.pid), pid > 0 else { return false }
        return kill(pid, 0) == 0 || errno == EPERM
    }

    private func sentence(_ holder: Holder, _ does: String, _ path: String) -> String {
        "process \(holder.pid) (`\(holder.cmd)`) \(does) \(path)"
    }
}
