package import EventLog
package import Events
package import HTTPTransfer
package import Projections

/// Where notifications go.
package struct WebhookEndpoint: Sendable, Equatable {
    package let url: String
    /// Signs each message when given.
    package let secret: String?

    package init(url: String, secret: String?) {
        self.url = url
        self.secret = secret
    }
}

/// Delivers queued notifications: each as one signed POST, under one id however often it is tried.
///
/// A crash between the answer and its receipt repeats the POST: delivery is at least once, and the receiver knows a
/// repetition by its `webhook-id`.
package struct NotifyingStage: Stage {
    package let name = "notifying"
    package let parallelism = 4
    /// About a day and a half in all: 5 s doubling up to 10 h.
    package let retry = RetryPolicy(attempts: 16, base: .seconds(5), cap: .seconds(36_000), least: .seconds(1))
    private let log: EventLog
    private let catalog: CatalogReader
    private let client: HTTPClient
    private let endpoint: WebhookEndpoint?
    private let time: any TimeSource

    package init(
        log: EventLog,
        catalog: CatalogReader,
        client: HTTPClient,
        endpoint: WebhookEndpoint?,
        time: any TimeSource
    ) {
        self.log = log
        self.catalog = catalog
        self.client = client
        self.endpoint = endpoint
        self.time = time
    }

    package func postpone(_ item: WorkItem) async throws -> Postponement? {
        // What was queued for another endpoint, or while there was one, is kept: the setting may come back. Another
        // receiver than the one that the log names never gets it.
        guard let endpoint, try await catalog.endpoint(ofNotification: item.item) == endpoint.url else {
            return .untilChange
        }
        return nil
    }

    package func perform(_ item: WorkItem) async throws -> Int {
        guard let notification = try await catalog.notification(item.item), let endpoint else {
            throw StageFailure(.passing, "unknown-notification", "the catalog has no notification \(item.item)")
        }
        let attempt = item.attempts + 1
        let outcome = try await send(notification, to: endpoint)
        let attempted = NotificationAttempted(
            attempt: attempt,
            status: outcome.status,
            error: outcome.error,
            seconds: outcome.seconds
        )
        let stream = StreamName.notification(notification.id)
        let attemptEvent = ProposedEvent(
            attempted,
            stream: stream,
            cause: .event(item.position),
            correlation: notification.queuedPosition
        )
        guard let status = outcome.status, (200..<300).contains(status) else {
            try await log.append([attemptEvent])
            let what = outcome.status.map { "answered with status \($0)" } ?? "gave no answer: \(outcome.error ?? "")"
            throw StageFailure(.passing, "webhook-failed", "\(endpoint.url) \(what)")
        }
        let appended = try await log.append([
            attemptEvent,
            ProposedEvent(
                NotificationDelivered(attempt: attempt),
                stream: stream,
                cause: .earlier(0),
                correlation: notification.queuedPosition
            ),
        ])
        return appended[1].position
    }

    package func giveUp(_ item: WorkItem, because failure: StageFailure) async throws -> Int {
        let event = NotificationAbandoned(attempts: item.attempts + 1, reason: failure.message)
        let appended = try await log.append([
            ProposedEvent(event, stream: .notification(item.item), cause: .event(item.position))
        ])
        return appended[0].position
    }

    private struct Outcome {
        var status: Int?
        var error: String?
        var seconds = 0.0
    }

    private func send(_ notification: CatalogNotification, to endpoint: WebhookEndpoint) async throws -> Outcome {
        let body = Array(notification.body.utf8)
        let now = time.now()
        var headers = [("content-type", "application/cloudevents+json; charset=utf-8")]
        if let secret = endpoint.secret {
            guard let signature = WebhookSignature(secret: secret) else {
                throw StageFailure(
                    .stage,
                    "bad-webhook-secret",
                    "the webhook secret is empty or not base64 after whsec_: correct SWATHLOG_WEBHOOK_SECRET"
                )
            }
            headers += signature.headers(id: notification.id, at: now, body: body)
        } else {
            headers.append(("webhook-id", notification.id))
        }
        do {
            let response = try await client.send(
                HTTPRequest(method: "POST", url: endpoint.url, headers: headers, body: body)
            )
            return Outcome(status: response.status, seconds: response.seconds)
        } catch {
            if error.code == .cancelled { throw CancellationError() }
            return Outcome(error: error.message, seconds: (time.now() - now).seconds)
        }
    }
}
