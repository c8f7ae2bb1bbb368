import EventLog
import Events
import Projections
import Stages

/// The partitions whose changes become a version only once somebody says `swathlog commit`.
enum UncommittedByHand {
    /// Whether the agent that has the store commits by hand alone (`commit_policy: hand`).
    static func isPolicy(ofAgentIn log: EventLog) async throws -> Bool {
        let started = try await log.last(of: .agentStarted, in: .agent)?.decode(AgentStarted.self)
        return started?.commitPolicy == CommitPolicy.Mode.hand.rawValue
    }

    /// Those for which nobody has asked yet, in the order of their names.
    ///
    /// - Parameter position: of the newest change that counts.
    static func partitions(_ catalog: CatalogReader, changedBy position: Int = .max) async throws -> [String] {
        var names: [String] = []
        for name in try await catalog.uncommittedPartitions() {
            guard let partition = try await catalog.partition(name), partition.requestedPosition == nil,
                try await catalog.openCommit(of: name) == nil,
                let item = try await catalog.work.item("versioning", name), item.position <= position
            else { continue }
            names.append(name)
        }
        return names
    }
}
