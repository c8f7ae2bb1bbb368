import EventLog
package import Events

/// What a restored log has forgotten, as far as somebody has accepted that.
package struct AcceptedRestores {
    /// One acceptance that the log tells of.
    package struct Acceptance: Sendable, Equatable {
        package let position: Int
        /// The position of the LogRestored event.
        package let restored: Int
        package let by: String
        package let at: Timestamp
    }

    private(set) var recorded: [Acceptance] = []
    private var commits: [String: [LogRestored.ForgottenCommit]] = [:]

    /// Reads the acceptances of the log.
    ///
    /// - Parameter position: of a LogRestored event that is accepted without being recorded.
    /// - Throws: `id-not-found` where there is no such event.
    init(in log: EventLog, with position: Int?) async throws {
        if let position {
            guard let restored = try await Self.restored(log, position) else {
                throw LineageError(.notFound, "the event at position \(position) is no LogRestored")
            }
            accept(restored)
        }
        let filter = EventFilter(types: [EventType.restoreAccepted.rawValue], stream: StreamName.agent.text)
        var next: Int? = 0
        while let start = next {
            // What can't be read is told by the tree, and accepts nothing.
            guard let page = try? await log.page(filter, from: start, limit: 1_000) else { break }
            for event in page.events {
                guard let accepted = try? event.decode(RestoreAccepted.self), accepted.restored < event.position,
                    let restored = try? await Self.restored(log, accepted.restored)
                else { continue }
                accept(restored)
                recorded.append(
                    Acceptance(
                        position: event.position,
                        restored: accepted.restored,
                        by: accepted.by,
                        at: event.recordedAt
                    )
                )
            }
            next = page.next
        }
        try Task.checkCancellation()
    }

    private static func restored(_ log: EventLog, _ position: Int) async throws -> LogRestored? {
        guard let event = try await log.event(at: position), event.type == EventType.logRestored.rawValue else {
            return nil
        }
        return try event.decode(LogRestored.self)
    }

    private mutating func accept(_ restored: LogRestored) {
        for commit in restored.commits { commits[commit.commitID, default: []].append(commit) }
    }

    /// Whether a version is one of those, and says of itself what it said then.
    func cover(_ version: GitVersion) -> Bool {
        guard let id = version.id, let head = version.head else { return false }
        return commits[id]?.contains { $0.logSize == head.size && $0.recipe == version.recipe ?? "" } ?? false
    }
}
