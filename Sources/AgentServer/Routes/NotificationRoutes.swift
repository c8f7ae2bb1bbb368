import EventLog
import Events
import HTTPTypes
import Hummingbird
import Projections

/// Who is told of what, and what they were told.
struct NotificationRoutes: Sendable {
    let store: ServedStore

    var operations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/notifications",
                id: "listNotifications",
                tag: Self.tag,
                summary: "Notifications, newest first.",
                parameters: [
                    .query("endpoint", "only those for it"),
                    .query("state", .choice(["abandoned", "delivered", "queued"]), "only those in it"), .limit, .cursor,
                ],
                form: .json(.page("Notification"))
            ) { call in
                let page = try await store.catalog.notifications(
                    endpoint: call.text("endpoint"),
                    state: call.text("state"),
                    before: call.cursor,
                    limit: call.limit
                )
                return .json(page.json(\.json))
            },
            Operation(
                method: .get,
                path: "/v1/notifications/{notification}",
                id: "getNotification",
                tag: Self.tag,
                summary: "One notification with the body that is sent.",
                parameters: [Self.notification],
                form: .json(.named("NotificationDetail")),
                problems: [.notFound]
            ) { call in
                let notification = try await notification(call)
                var json = notification.json
                json.set("body", canonical: Array(notification.body.utf8))
                return .json(json)
            },
            Operation(
                method: .get,
                path: "/v1/endpoints",
                id: "listEndpoints",
                tag: Self.tag,
                summary: "Who is told of what, and how much waits for each.",
                form: .json(.object(["items": .list(.named("Endpoint"))]))
            ) { _ in .json(try await endpoints()) },
            Operation(
                method: .post,
                path: "/v1/notifications/{notification}/redeliver",
                id: "redeliverNotification",
                tag: Self.tag,
                summary: "Sends a notification that was delivered or abandoned once more, under its id.",
                scope: .operate,
                parameters: [Self.notification],
                form: .json(.named("Recorded")),
                problems: [.notFound, .notRedeliverable]
            ) { try await redeliver(try await notification($0)) },
            Operation(
                method: .post,
                path: "/v1/endpoints/{endpoint}/enable",
                id: "enableEndpoint",
                tag: Self.tag,
                summary: "Lets an endpoint that answered 410 be told again; what waited for it is sent.",
                scope: .operate,
                parameters: [.path("endpoint", "an endpoint's name")],
                form: .json(.named("Endpoint")),
                problems: [.notFound]
            ) { try await enable($0.required("endpoint")) },
        ]
    }

    private static let tag = "notifications"
    private static let notification = Parameter.path("notification", "a notification's id")

    private func notification(_ call: Call) async throws -> CatalogNotification {
        guard let notification = try await store.catalog.notification(call.required("notification")) else {
            throw Problem(.notFound, "there is no notification of this id")
        }
        return notification
    }

    private func redeliver(_ notification: CatalogNotification) async throws -> Response {
        guard notification.state != "queued" else {
            throw Problem(.notRedeliverable, "it waits to be sent anyhow")
        }
        let event = ProposedEvent(
            RedeliveryRequested(after: notification.state),
            stream: .notification(notification.id)
        )
        let position = try await store.record([event])
        return .json(
            CanonicalJSON {
                $0.set("id", notification.id)
                $0.set("position", position)
            }
        )
    }

    private func enable(_ name: String) async throws -> Response {
        guard let endpoint = try await store.catalog.endpoint(name) else {
            throw Problem(.notFound, "there is no endpoint of this name")
        }
        if endpoint.state != "enabled" {
            _ = try await store.record([ProposedEvent(endpoint.enabling, stream: .endpoint(name))])
        }
        guard let enabled = try await endpointsAsJSON().first(where: { $0.name == name })?.json else {
            throw Problem(.notFound, "there is no endpoint of this name")
        }
        return .json(enabled)
    }

    private func endpoints() async throws -> CanonicalJSON {
        let endpoints = try await endpointsAsJSON().map(\.json)
        return CanonicalJSON { $0.set("items", endpoints) }
    }

    private func endpointsAsJSON() async throws -> [(name: String, json: CanonicalJSON)] {
        let waiting = Dictionary(
            try await store.catalog.waitingNotifications().map { ($0.endpoint, $0.count) }
        ) { first, _ in first }
        return try await store.catalog.endpoints().map { endpoint in
            let json = CanonicalJSON {
                $0.set("name", endpoint.name)
                $0.set("place", endpoint.place)
                $0.set("state", endpoint.state)
                $0.set("kinds", endpoint.filter.kinds)
                $0.set("datasets", endpoint.filter.partitions)
                $0.set("last_sequence", endpoint.lastSequence)
                $0.set("waiting", waiting[endpoint.name] ?? 0)
            }
            return (endpoint.name, json)
        }
    }
}
