import DVC
import Projections
import Threads

extension DVCCache {
    /// Whether all of a derivation's files are there.
    func containsAll(_ files: [DerivedFile]) async throws -> Bool {
        try await Blocking.run { try files.allSatisfy { try self.contains($0.md5, size: $0.bytes) } }
    }

    /// Those of a derivation's files that are not there.
    func lacking(_ files: [DerivedFile]) async throws -> [DerivedFile] {
        try await Blocking.run { try files.filter { try !self.contains($0.md5, size: $0.bytes) } }
    }
}
