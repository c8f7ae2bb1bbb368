import Files
import Projections
import Synchronization
import Threads

/// Appends each notification to a file, a line of JSON each, on disk before it counts as delivered.
///
/// A file that would grow beyond `limit` is named `PATH.1`, that one `PATH.2`, and so on; the oldest of `kept` goes. Where
/// an agent was killed in the middle of a line, the next line begins on its own.
struct FileSender: Sendable {
    /// Older files beside the one that is written.
    static let kept = 9

    /// Bytes.
    private let limit: Int
    /// One line at a time.
    private let turn = Turn()

    private final class Turn: Sendable {
        let mutex = Mutex(())
    }

    init(limit: Int) {
        self.limit = limit
    }

    func send(_ notification: CatalogNotification, to path: String) async -> SendOutcome {
        do {
            let line = Array(notification.body.utf8) + [UInt8(ascii: "\n")]
            try await Blocking.run { try self.turn.mutex.withLock { _ in try self.append(line, to: path) } }
            return SendOutcome(isSuccess: true)
        } catch {
            return SendOutcome(error: "\(error)")
        }
    }

    private func append(_ line: [UInt8], to path: String) throws {
        if let size = try fileInfo(path)?.size, size > 0, size + line.count > limit { try rotate(path) }
        try appendLine(line, to: path)
    }

    private func rotate(_ path: String) throws {
        try removeFile("\(path).\(Self.kept)")
        for number in stride(from: Self.kept - 1, through: 1, by: -1)
        where try fileInfo("\(path).\(number)") != nil {
            try moveFile("\(path).\(number)", to: "\(path).\(number + 1)")
        }
        try moveFile(path, to: "\(path).1")
        try synchronizeDirectory(parent(of: path))
    }
}
