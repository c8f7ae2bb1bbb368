import Events
import HTTPTypes
import Hummingbird
import Projections

/// What could not be processed: seen, tried again, or laid aside.
struct QuarantineRoutes: Sendable {
    let store: ServedStore

    var operations: [Operation] { singleOperations + reasonOperations }

    private var singleOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/quarantine",
                id: "listQuarantined",
                tag: Self.tag,
                summary: "Objects and notices in quarantine, newest first.",
                parameters: [
                    .query("reason", "only those under this code"),
                    .query("dismissed", .flag, standard: "false", "those that were dismissed, in place of the others"),
                    .limit, .cursor,
                ],
                form: .json(.page("Quarantined"))
            ) { call in
                let found = try await store.catalog.quarantined(
                    before: call.cursor,
                    reason: call.text("reason"),
                    dismissed: call.flag("dismissed"),
                    limit: call.limit + 1
                )
                let shown = Array(found.prefix(call.limit))
                let page = Page(items: shown, next: found.count > call.limit ? shown.last?.position : nil)
                return .json(page.json(\.json))
            },
            Operation(
                method: .get,
                path: "/v1/quarantine/{id}",
                id: "getQuarantined",
                tag: Self.tag,
                summary: "One object or notice in quarantine.",
                parameters: [Self.id],
                form: .json(.named("Quarantined")),
                problems: [.notFound]
            ) { .json(try await found($0).json) },
            Operation(
                method: .post,
                path: "/v1/quarantine/{id}/release",
                id: "releaseQuarantined",
                tag: Self.tag,
                summary: "Has an object tried again.",
                scope: .operate,
                parameters: [Self.id],
                form: .json(.named("Recorded")),
                problems: [.notFound, .notReleasable]
            ) { call in
                let object = try await found(call)
                if object.isNotice {
                    throw Problem(
                        .notReleasable,
                        "a notice that could not be read names no object to try again: dismiss it"
                    )
                }
                if object.isOutdated {
                    throw Problem(
                        .notReleasable,
                        "a newer version of the key is known, so this one is not wanted: dismiss it"
                    )
                }
                return try await record(ObjectReleased(reason: object.reason), object)
            },
            Operation(
                method: .post,
                path: "/v1/quarantine/{id}/dismiss",
                id: "dismissQuarantined",
                tag: Self.tag,
                summary: "Lays an object or notice aside: it stays out, and counts as trouble no more.",
                scope: .operate,
                parameters: [Self.id],
                form: .json(.named("Recorded")),
                problems: [.notFound]
            ) { call in
                let object = try await found(call)
                return try await record(ObjectDismissed(reason: object.reason), object)
            },
        ]
    }

    private var reasonOperations: [Operation] {
        [
            Operation(
                method: .post,
                path: "/v1/reasons/{reason}/release",
                id: "releaseReason",
                tag: Self.tag,
                summary: "Has all objects tried again that are in quarantine under a reason.",
                scope: .operate,
                parameters: [Self.reason],
                form: .json(.named("RecordedMany")),
                problems: [.notFound]
            ) { call in
                let found = try await found(under: call.required("reason"))
                let events = found.filter(\.isReleasable).map {
                    ProposedEvent(ObjectReleased(reason: $0.reason), stream: $0.stream)
                }
                return try await record(events, of: found.count)
            },
            Operation(
                method: .post,
                path: "/v1/reasons/{reason}/dismiss",
                id: "dismissReason",
                tag: Self.tag,
                summary: "Lays all aside that is in quarantine under a reason.",
                scope: .operate,
                parameters: [Self.reason],
                form: .json(.named("RecordedMany")),
                problems: [.notFound]
            ) { call in
                let found = try await found(under: call.required("reason"))
                let events = found.map { ProposedEvent(ObjectDismissed(reason: $0.reason), stream: $0.stream) }
                return try await record(events, of: found.count)
            },
        ]
    }

    private static let tag = "quarantine"
    private static let reason = Parameter.path("reason", "the code of a reason")
    private static let id = Parameter.path("id", "its id, as the list has it")

    private func found(_ call: Call) async throws -> QuarantinedObject {
        guard let object = try await store.catalog.quarantined(call.required("id")) else {
            throw Problem(.notFound, "nothing in quarantine has this id")
        }
        return object
    }

    private func record(_ payload: some EventPayload, _ object: QuarantinedObject) async throws -> Response {
        let position = try await store.record([ProposedEvent(payload, stream: object.stream)])
        return .json(
            CanonicalJSON {
                $0.set("id", object.id)
                $0.set("position", position)
            }
        )
    }

    /// Oldest first.
    private func found(under reason: String) async throws -> [QuarantinedObject] {
        let found = try await store.catalog.quarantined(reason: reason, limit: .max)
        guard !found.isEmpty else { throw Problem(.notFound, "nothing is in quarantine under this reason") }
        return found.reversed()
    }

    /// Records so much at a time that nobody at work waits long; a repetition goes on with what is left.
    private func record(_ events: [ProposedEvent], of count: Int) async throws -> Response {
        for start in stride(from: 0, to: events.count, by: 500) {
            _ = try await store.record(Array(events[start..<min(start + 500, events.count)]))
        }
        return .json(
            CanonicalJSON {
                $0.set("recorded", events.count)
                $0.set("left", count - events.count)
            }
        )
    }
}
