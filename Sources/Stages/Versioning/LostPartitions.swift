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
    /// - Parameter repository: nil where there is none, which lacks everything.
    package init(of catalog: CatalogReader, in repository: DatasetRepository?) async throws {
        self.repository = repository?.path ?? ""
        let pointers = Set(try await repository?.checkedOutPartitions() ?? [])
        var versions = try await catalog.currentVersions().filter { !pointers.contains($0.partition) }
        if let repository, !versions.isEmpty {
            let history = try await repository.trailersOfWholeHistory()
            let known = Set(
                history.flatMap(\.trailers).filter { $0.key == VersioningStage.commitTrailer }.map(\.value)
            )
            versions.removeAll { known.contains($0.id) }
        }
        self.versions = versions
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
