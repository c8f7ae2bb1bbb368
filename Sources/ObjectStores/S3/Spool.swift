import Files
import Threads

/// A download's file; writing and digesting happen on a thread that is not of Swift's pool.
actor Spool {
    private nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let path: String
    private let file: SpoolFile

    /// - Parameter path: a name that nothing has.
    init(_ path: String, withMD5: Bool) async throws {
        executor = QueueExecutor(label: "swathlog.spool")
        self.path = path
        file = try SpoolFile(path, withMD5: withMD5)
    }

    func append(_ chunks: [[UInt8]]) throws(FileError) {
        for chunk in chunks { try file.append(chunk) }
    }

    func finish() throws(FileError) -> SpoolFile.Digests {
        try file.finish()
    }

    /// Removes the file; what stays where that fails too is swept at the next start.
    func discard() {
        _ = try? removeFile(path)
    }
}
