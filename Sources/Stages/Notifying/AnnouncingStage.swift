package import EventLog
package import Events
package import Projections

/// Queues a notification for every endpoint that wants an event: with its place in the endpoint's sequence, and its body
/// fixed.
///
/// The work list names event and endpoint; that an endpoint wants it was decided when the event was folded. One at a time,
/// so that sequences have neither holes nor doubles.
package struct AnnouncingStage: Stage {
    package let name = "announcing"
    package let parallelism = 1
    package let retry = RetryPolicy(base: .seconds(1), cap: .seconds(60))
    private let log: EventLog
    private let catalog: CatalogReader
    private let work: WorkList
    private let time: any TimeSource
    private let writer: NotificationWriter
    /// Notifications that are queued in one append.
    private static let batch = 256

    /// - Parameter repository: absolute path of the dataset's repository, as notifications name it.
    package init(
        log: EventLog,
        catalog: CatalogReader,
        work: WorkList,
        repository: String,
        time: any TimeSource
    ) {
        self.log = log
        self.catalog = catalog
        self.work = work
        self.time = time
        writer = NotificationWriter(log: log, catalog: catalog, repository: repository)
    }

    /// Queues what an item asks for, and in the same append what those behind it do.
    package func perform(_ item: WorkItem) async throws -> Int {
        let items = try await work.due(name, now: time.now(), limit: Self.batch, after: item, excluding: [])
        do {
            return try await queue([item] + items)
        } catch  where !items.isEmpty {
            // One of the others may be what can't be written: it gets its own turn, and its own failure.
            return try await queue([item])
        }
    }

    private func queue(_ items: [WorkItem]) async throws -> Int {
        var sequences: [String: Int] = [:]
        for endpoint in try await catalog.endpoints() { sequences[endpoint.name] = endpoint.lastSequence }
        var events: [ProposedEvent] = []
        for item in items {
            let parts = item.item.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2, let position = Int(parts[0]), let last = sequences[parts[1]],
                let event = try await log.event(at: position)
            else {
                let what = "the log has no event to tell of at '\(item.item)'"
                throw StageFailure(.passing, "unknown-notification", what)
            }
            let id = Identity.notification(of: event.id.description, endpoint: parts[1])
            sequences[parts[1]] = last + 1
            let queued = try await writer.notification(of: event, id: id, endpoint: parts[1], sequence: last + 1)
            events.append(
                ProposedEvent(
                    queued,
                    stream: .notification(id),
                    expectedRevision: 0,
                    cause: .event(position),
                    correlation: event.correlation
                )
            )
        }
        return try await log.append(events).last?.position ?? log.headPosition
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        throw StageFailure(.stage, failure.reason, failure.message)
    }
}
