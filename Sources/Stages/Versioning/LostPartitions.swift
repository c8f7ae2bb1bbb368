package import DVC
package import EventLog
import Events
package import Projections

/// Partitions that have versions of which the dataset's repository knows nothing: it is another than before, or begun anew.
///
/// A pointer that a person took out is none of these: its version is in the history.
package struct LostPartitions: Sendable {
    /// The newest version of each.
    package let versions: [CatalogCommit]
    private let repository: String

    /// Those that have changed meanwhile get a version anyway, and are left out.
    ///
    /// - Parameters:
    ///   - repository: nil where there is none, which lacks everything.
    ///   - made: the ids of the versions in its history, where that has been read; nil to read it.
    package init(
        of catalog: CatalogReader,
        in repository: DatasetRepository?,
        made: Set<String>? = nil
    ) async throws {
        self.repository = repository?.path ?? ""
        var versions = try await catalog.currentVersions()
        if let repository, !versions.isEmpty {
            let made = if let made { made } else { try await Self.made(in: repository) }
            versions.removeAll { made.contains($0.id) }
            // One that a person committed anew has other trailers, or none.
            let pointers = versions.isEmpty ? [] : Set(try await repository.checkedOutPartitions())
            versions.removeAll { pointers.contains($0.partition) }
        }
        self.versions = versions
    }

    private static func made(in repository: DatasetRepository) async throws -> Set<String> {
        let trailers = try await repository.trailersOfWholeHistory().flatMap(\.trailers)
        return Set(trailers.filter { $0.key == VersioningStage.commitTrailer }.map(\.value))
    }

    /// Appends that they are lost: each gets a version again, when the commit policy has it.
    package func record(in log: EventLog) async throws {
        try await log.append(
            versions.map { version in
                let lost = DatasetLost(
                    commitID: version.id,
                    partition: version.partition,
                    manifest: version.manifest,
                    repository: repository
                )
                return ProposedEvent(lost, stream: .dataset(version.partition))
            }
        )
    }
}
