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
    /// The ids of all versions that git has, whoever has made them.
    package let made: Set<String>
    /// The names of other logs that have made versions of this dataset.
    package let otherLogs: [String]
    /// Whether the log says of all of them already that they were forgotten.
    private let areRecorded: Bool

    /// - Parameters:
    ///   - size: the number of events in the log when it was opened: what it has forgotten anchors more.
    ///   - keys: the public keys of the dataset, which may be those of several logs.
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
        let versions = try await repository.trailersOfWholeHistory().compactMap(GitVersion.init)
        made = Set(versions.compactMap(\.id))
        let signers = LogSigners(
            checkpoints: try await log.checkpointTexts(),
            keys: keys,
            own: keys.filter { $0 == log.publicKey },
            versions: versions,
            known: Set(known.keys)
        )
        otherLogs = Set(versions.filter(signers.isOfOther).compactMap(\.signer)).sorted()
        for version in versions {
            guard let id = version.id, let head = version.head else { continue }
            if let partition = known[id] { last[partition] = id }
            // What another log has made, or nobody has signed, is no business of this one.
            guard known[id] == nil, head.size > size || told.contains(id), !signers.isOfOther(version),
                version.checkpoint?.isSigned(by: keys) ?? false
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
