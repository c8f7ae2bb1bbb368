package import DVC
package import EventLog
package import Events
package import Projections

/// Finds dataset versions that git has and the log does not: those since the backup that the log was restored from.
package struct ForgottenVersions: Sendable {
    /// All of them, oldest first.
    package let commits: [LogRestored.ForgottenCommit]
    /// Those that are the last change of their partition: what they hold may be what is made next.
    package let newest: [LogRestored.ForgottenCommit]

    /// - Parameter keys: the log's public keys: what is signed by others is of another log, and no business of this one.
    package init(repository: DatasetRepository, catalog: CatalogReader, keys: [VerifierKey]) async throws {
        let known = Set(try await catalog.commits().map(\.id))
        var all: [LogRestored.ForgottenCommit] = []
        var last: [String: String] = [:]
        for version in try await repository.trailersOfAllCommits().compactMap(GitVersion.init) {
            guard let id = version.id, let head = version.head,
                version.checkpoint?.isSigned(by: keys) ?? !version.hasSignature
            else { continue }
            guard !known.contains(id) else {
                // A version after a forgotten one: that is not the last of its partition.
                if let partition = try await catalog.commit(id)?.partition { last[partition] = id }
                continue
            }
            for partition in try await repository.partitionsChanged(by: version.commit) {
                guard let pointer = try await repository.pointer(of: partition, at: version.commit) else { continue }
                last[partition] = id
                all.append(
                    LogRestored.ForgottenCommit(
                        commitID: id,
                        gitCommit: version.commit,
                        partition: partition,
                        manifest: pointer.manifest,
                        recipe: version.recipe ?? "",
                        logSize: head.size
                    )
                )
            }
        }
        commits = all
        newest = all.filter { last[$0.partition] == $0.commitID }
    }

    /// Records them in the log, unless they stand there already; returns the event's position.
    package func record(in log: EventLog, catalog: CatalogReader) async throws -> Int? {
        guard !commits.isEmpty else { return nil }
        let last = try await catalog.lastPosition(of: .logRestored)
        if last > 0, let event = try await log.event(at: last) {
            let told = Set(try event.decode(LogRestored.self).commits.map(\.commitID))
            if told.isSuperset(of: commits.map(\.commitID)) { return nil }
        }
        let restored = LogRestored(events: log.headPosition, commits: commits)
        return try await log.append([ProposedEvent(restored, stream: .agent)]).first?.position
    }
}
