import Files
import GRDB

extension EventLog {
    /// Writes a copy of the log as it is at one instant, while the agent may go on writing.
    ///
    /// It is one file, complete and on disk when this returns; a file that was at `path` is replaced then and not before.
    ///
    /// - Returns: the head of the copy.
    /// - Throws: `log-damaged`, `disk-full`, `FileError`.
    package func backup(to path: String) throws -> TreeHead {
        let copy = temporaryName(in: parent(of: path))
        do {
            let head = try LogSchema.translating(path) {
                var configuration = Configuration()
                configuration.busyMode = .timeout(10)
                let target = try DatabaseQueue(path: copy, configuration: configuration)
                try database.backup(to: target)
                // The copy needs no files beside it, and no right to make any.
                try target.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
                let tree = try target.read { try LogSchema.tree(size: LogSchema.head($0), in: $0) }
                try target.close()
                return TreeHead(size: tree.size, root: tree.root)
            }
            try syncFileSystem(containing: copy)
            try moveFile(copy, to: path)
            try synchronizeDirectory(parent(of: path))
            return head
        } catch {
            for name in ["", "-wal", "-shm", "-journal"] { _ = try? removeFile(copy + name) }
            throw error
        }
    }
}
