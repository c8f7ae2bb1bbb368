import EventLog
import Events
import Files
import Projections
import Stages

/// What an operator asks a store to record: events that only say that something is wanted.
///
/// A log has one writer. Where an agent runs, the events are put into `requests/` for it, and it appends them under ids
/// that follow from the file's name, so a file that is read twice is recorded once. Where none runs, the command is the
/// writer.
struct OperatorRequest {
    /// An event that is asked for, and the stream that it belongs to.
    struct Wish: Sendable {
        let event: ProposedEvent

        init(_ payload: some EventPayload, stream: StreamName) {
            event = ProposedEvent(payload, stream: stream)
        }
    }

    /// How long a running agent is given to take it.
    private static let patience = Duration.seconds(30)

    let paths: StorePaths

    /// Returns when the events are in the log.
    func submit(_ wishes: [Wish]) async throws {
        guard !wishes.isEmpty else { return }
        do {
            let owner = try OwnerLock.take(paths.owner, host: Agent.host, time: SystemTime())
            defer { owner.release() }
            try await append(wishes)
        } catch let error as EventLogError where error.code == .locked {
            try await leave(wishes)
        }
    }

    private func append(_ wishes: [Wish]) async throws {
        let log = try EventLog.open(path: paths.log, actor: "swathlog/\(Agent.version)")
        let projector = try Projector(path: paths.projections, log: log, views: Views.all)
        try await log.append(wishes.map(\.event))
        try await projector.catchUp()
        try log.close()
    }

    /// Leaves wishes for the agent that runs, and returns when it has appended them.
    func leave(_ wishes: [Wish]) async throws {
        try createDirectories(paths.requests)
        try give(paths.requests, toOwnerOf: paths.root)
        let path = "\(paths.requests)/\(EventID(at: SystemTime().now()))\(RequestDesk.suffix)"
        let lines = wishes.map { wish in
            CanonicalJSON {
                $0.set("stream", wish.event.stream)
                $0.set("type", wish.event.type)
                $0.set("payload", canonical: wish.event.payload)
            }.text + "\n"
        }
        // Where root asks, it asks an agent that is another user's.
        let draft = "\(path).draft"
        try writeNew(Array(lines.joined().utf8), to: draft, mode: 0o600, synchronized: true)
        try give(draft, toOwnerOf: paths.root)
        try moveFile(draft, to: path)
        try synchronizeDirectory(paths.requests)
        let deadline = ContinuousClock.now + Self.patience
        while try fileInfo(path) != nil {
            guard ContinuousClock.now < deadline else {
                throw EventLogError(
                    .locked,
                    "the agent that runs has not taken the request yet: it will, once, when it can; it is \(path)"
                )
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        let refusal = path + RequestDesk.refusedSuffix
        guard try fileInfo(refusal) != nil else { return }
        let why = String(decoding: try readFile(refusal), as: UTF8.self)
        try removeFile(refusal)
        throw EventLogError(.badEvent, "the agent refused the request: \(why)")
    }
}

extension StorePaths {
    /// What operators ask the running agent for.
    var requests: String { "\(root)/requests" }
}
