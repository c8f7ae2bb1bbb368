import DVC
import Threads

extension DVCCache {
    /// Whether all of a derivation's files are there.
    func containsAll(_ files: [(md5: String, bytes: Int)]) async throws -> Bool {
        try await Blocking.run { try files.allSatisfy { try self.contains($0.md5, size: $0.bytes) } }
    }
}
