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
    /// Whether the log says of all of them already that they were forgotten.
    private let areRecorded: Bool

    /// - Parameters:
    ///   - size: the number of events in the log when it was opened: what it has forgotten anchors more.
    ///   - keys: the log's public keys: what is signed by others is of another log, and no business of this one.
    package init(
        log: EventLog,
        size: Int,
        catalog: CatalogReader,
        repository: DatasetRepository,
        keys: [VerifierKey]
    ) async throws {
        let told = try await Self.recorded(log, catalog)
        let known = Dictionary(try await catalog.commits().map { ($0.id, $0.partition) }) { first, _ in first }
        var all: [LogRestored.ForgottenCommit] = []
        var last: [String: String] = [:]
        for version in try await repository.trailersOfAllCommits().compactMap(GitVersion.init) {
            guard let id = version.id, let head = version.head else { continue }
            if let partition = known[id] { last[partition] = id }
            guard known[id] == nil, head.size > size || told.contains(id),
                version.checkpoint?.isSigned(by: keys) ?? !version.hasSignature
            else { continue }
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
        areRecorded = told.isSuperset(of: all.map(\.commitID))
    }

    /// The versions that the newest LogRestored event tells of.
    private static func recorded(_ log: EventLog, _ catalog: CatalogReader) async throws -> Set<String> {
        let position = try await catalog.lastPosition(of: .logRestored)
        guard position > 0, let event = try await log.event(at: position) else { return [] }
        return Set(try event.decode(LogRestored.self).commits.map(\.commitID))
    }

    /// Records them in the log, unless they stand there already; returns the event's position.
    package func record(in log: EventLog) async throws -> Int? {
        guard !areRecorded else { return nil }
        let restored = LogRestored(events: log.headPosition, commits: commits)
        return try await log.append([ProposedEvent(restored, stream: .agent)]).first?.position
    }
}
