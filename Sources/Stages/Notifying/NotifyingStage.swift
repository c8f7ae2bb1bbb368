package import EventLog
package import Events
package import Logging
package import Projections
import Synchronization

/// Delivers queued notifications: each as one request, under one id however often it is tried.
///
/// A crash between the answer and its receipt repeats the request: delivery is at least once, and the receiver knows a
/// repetition by its `webhook-id`. An endpoint that fails again and again is left alone as a whole and asked with one
/// notification at a time; its backlog waits, that of others goes on.
package final class NotifyingStage: Stage {
    package let name = "notifying"
    package let parallelism = 16
    package let retry = Endpoint.schedule
    /// How long an endpoint that fails is left alone.
    private static let endpointWaits = RetryPolicy(base: .seconds(5), cap: .seconds(900), least: .seconds(1))

    private let log: EventLog
    private let catalog: CatalogReader
    private let sender: any NotificationSender
    private let time: any TimeSource
    private let logger: Logger
    private let receivers: Mutex<Receivers>

    /// Who is told, as the settings say it now.
    private struct Receivers {
        var endpoints: [String: Endpoint] = [:]
        var breakers: [String: Breaker] = [:]
    }

    /// The endpoints of the items that are at work.
    private let inFlight = Mutex<[String: String]>([:])

    package init(
        log: EventLog,
        catalog: CatalogReader,
        sender: any NotificationSender,
        endpoints: [Endpoint],
        time: any TimeSource,
        logger: Logger
    ) {
        self.log = log
        self.catalog = catalog
        self.sender = sender
        self.time = time
        self.logger = logger
        receivers = Mutex(Receivers())
        take(endpoints)
    }

    /// Tells these endpoints from now on; what is under way ends as it began.
    package func take(_ endpoints: [Endpoint]) {
        receivers.withLock { receivers in
            let before = receivers.endpoints
            receivers.endpoints = Dictionary(endpoints.map { ($0.name, $0) }) { first, _ in first }
            receivers.breakers = receivers.endpoints.mapValues { endpoint in
                let breaker = receivers.breakers[endpoint.name] ?? Breaker(waits: Self.endpointWaits)
                // Who changed one that is left alone expects it to be asked now.
                if before[endpoint.name] != endpoint { breaker.askNow() }
                return breaker
            }
        }
    }

    private func receiver(_ name: String) -> (endpoint: Endpoint, breaker: Breaker)? {
        receivers.withLock { receivers in
            guard let endpoint = receivers.endpoints[name], let breaker = receivers.breakers[name] else { return nil }
            return (endpoint, breaker)
        }
    }

    /// Requests to one endpoint at a time, so that a slow one leaves room for others.
    private var requestsPerEndpoint: Int {
        let count = receivers.withLock { $0.endpoints.count }
        return (parallelism + count - 1) / max(1, count)
    }

    /// Whether an endpoint is left alone for now, or asked whether it is back.
    package func leavesAlone(_ endpoint: String) -> Bool { receiver(endpoint)?.breaker.openUntil != nil }

    package func retry(of item: WorkItem) async throws -> RetryPolicy {
        guard let notification = try await catalog.notification(item.item) else { return retry }
        return receiver(notification.endpoint)?.endpoint.retry ?? retry
    }

    package func postpone(_ item: WorkItem) async throws -> Postponement? {
        // What was queued for an endpoint that is not configured or not enabled now is kept: it may come back.
        guard let endpoint = try await catalog.enabledEndpoint(ofNotification: item.item),
            let breaker = receiver(endpoint)?.breaker
        else { return .untilChange }
        let requestsPerEndpoint = requestsPerEndpoint
        let isAdmitted = inFlight.withLock { inFlight in
            guard inFlight.values.count(where: { $0 == endpoint }) < requestsPerEndpoint else { return false }
            inFlight[item.item] = endpoint
            return true
        }
        guard isAdmitted else { return .untilChange }
        guard let postponement = breaker.postpone(item.item, now: time.now()) else { return nil }
        leave(item)
        return postponement
    }

    private func leave(_ item: WorkItem) {
        inFlight.withLock { $0[item.item] = nil }
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        defer { leave(item) }
        guard let notification = try await catalog.notification(item.item),
            let (endpoint, breaker) = receiver(notification.endpoint)
        else {
            throw StageFailure(.passing, "unknown-notification", "the catalog has no notification \(item.item)")
        }
        do {
            let outcome = try await sender.send(notification, to: endpoint)
            return try await record(outcome, of: notification, to: endpoint, breaker, item)
        } catch {
            // No word of the endpoint: the breaker must not wait for one.
            breaker.released(item.item)
            throw error
        }
    }

    private func record(
        _ outcome: SendOutcome,
        of notification: CatalogNotification,
        to endpoint: Endpoint,
        _ breaker: Breaker,
        _ item: WorkItem
    ) async throws -> Int {
        let attempt = notification.attempts + 1
        let stream = StreamName.notification(notification.id)
        func proposed(_ payload: some EventPayload, _ stream: StreamName, _ cause: Cause) -> ProposedEvent {
            ProposedEvent(payload, stream: stream, cause: cause, correlation: notification.queuedPosition)
        }
        let attempted = NotificationAttempted(
            attempt: attempt,
            status: outcome.status,
            error: outcome.error,
            seconds: outcome.seconds,
            answer: outcome.answer
        )
        var events = [proposed(attempted, stream, .event(item.position))]
        guard !outcome.isSuccess else {
            events.append(proposed(NotificationDelivered(attempt: attempt), stream, .earlier(0)))
            if case .isBack(let wasTold) = breaker.succeeded(item.item) {
                logger.notice("An endpoint is back.", metadata: ["endpoint": "\(endpoint.name)"])
                if wasTold { events.append(proposed(StageResumed(stage: pauseName(endpoint)), .agent, .earlier(0))) }
            }
            return try await log.append(events)[1].position
        }
        let failure = StageFailure(
            .passing,
            "webhook-failed",
            "\(endpoint.name) \(outcome.words)",
            retryAfter: outcome.retryAfter
        )
        if outcome.status == 410 {
            logger.error("An endpoint is gone.", metadata: ["endpoint": "\(endpoint.name)"])
            events.append(
                proposed(EndpointDisabled(name: endpoint.name, reason: "gone"), .endpoint(endpoint.name), .earlier(0))
            )
        }
        // Who asks to be left alone means all requests.
        let concernsAll = outcome.status == 429 || outcome.retryAfter != nil
        let judged =
            concernsAll
            ? StageFailure(.source, failure.reason, failure.message, retryAfter: outcome.retryAfter) : failure
        if case .ofSource(let until, let isNews, let round) = breaker.failed(item.item, judged, now: time.now()), isNews
        {
            logger.warning(
                "An endpoint is left alone for now.",
                metadata: ["endpoint": "\(endpoint.name)", "message": "\(failure.message)"]
            )
            let paused = StageFailed(
                stage: pauseName(endpoint),
                item: nil,
                attempt: round,
                reason: failure.reason,
                message: failure.message,
                nextAttemptAt: until
            )
            events.append(proposed(paused, .agent, .earlier(0)))
        }
        try await log.append(events)
        throw failure
    }

    /// What the pause of one endpoint is called.
    private func pauseName(_ endpoint: Endpoint) -> String { "\(name) \(endpoint.name)" }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        let attempts = try await catalog.notification(item.item)?.attempts ?? item.attempts + 1
        let event = NotificationAbandoned(attempts: attempts, reason: failure.message)
        let appended = try await log.append([
            ProposedEvent(event, stream: .notification(item.item), cause: .event(item.position))
        ])
        return appended[0].position
    }
}
