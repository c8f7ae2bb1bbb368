package import EventLog
import Events
package import Projections

/// Versions that a remote lacks which was named only after they were made: each partition's newest, unless the next one is to
/// come and brings all of it.
package struct LatePushes: Sendable {
    package let versions: [CatalogCommit]
    package let remote: String

    package init(of catalog: CatalogReader, to remote: String) async throws {
        versions = try await catalog.currentVersions().filter { $0.remote != remote }
        self.remote = remote
    }

    /// Appends that they are to be pushed there.
    package func request(in log: EventLog) async throws {
        try await log.append(
            versions.map { version in
                let requested = PushRequested(commitID: version.id, partition: version.partition, remote: remote)
                return ProposedEvent(requested, stream: .dataset(version.partition))
            }
        )
    }
}
