import EventLog
import Events
import HTTPTypes
import Hummingbird
import Lineage
import NIOCore
import Projections

/// The log itself, and what it proves.
struct RecordRoutes: Sendable {
    let store: ServedStore
    let streams: EventStreams

    var operations: [Operation] { eventOperations + proofOperations }

    private static let filters: [Parameter] = [
        .query("type", "only events of these types, separated by commas"),
        .query("stream", "only events of this stream, such as object/ID"),
    ]

    static func filter(_ call: Call) -> EventFilter {
        EventFilter(
            types: call.text("type").map { Set($0.split(separator: ",").map(String.init)) },
            stream: call.text("stream")
        )
    }

    private var eventOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/events",
                id: "listEvents",
                tag: "events",
                summary: "Events of the log by position.",
                parameters: Self.filters + [
                    .query("order", .choice(["newest", "oldest"]), standard: "oldest", "which come first"), .limit,
                    .cursor,
                ],
                form: .json(.page("Event"))
            ) { call in
                let newestFirst = call.text("order") == "newest"
                let page = try await store.log.page(
                    Self.filter(call),
                    from: call.number("cursor") ?? (newestFirst ? .max : 0),
                    newestFirst: newestFirst,
                    limit: call.limit
                )
                return .json(
                    CanonicalJSON {
                        $0.set("items", page.events.map(\.json))
                        $0.set("next", page.next)
                    }
                )
            },
            Operation(
                method: .get,
                path: "/v1/events/stream",
                id: "streamEvents",
                tag: "events",
                summary: "Events as they are recorded, each under its position as id.",
                parameters: Self.filters + [
                    .query("after", .number(0...Int.max >> 10), "begin after this position; else with what comes next"),
                    .header("Last-Event-ID", .number(0...Int.max >> 10), "begin after this position"),
                ],
                form: .events("Events in JSON, as the list has them."),
                problems: [.tooManyStreams, .positionUnknown]
            ) { try streams.events($0) },
            Operation(
                method: .get,
                path: "/v1/events/{position}",
                id: "getEvent",
                tag: "events",
                summary: "One event.",
                parameters: [Self.position],
                form: .json(.named("Event")),
                problems: [.notFound]
            ) { .json(try await event($0).json) },
        ]
    }

    private var proofOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/events/{position}/proof",
                id: "proveEvent",
                tag: "audit",
                summary:
                    "The proof that an event is in the log (C2SP tlog-proof), for who has neither log nor program.",
                parameters: [Self.position],
                form: .text("text/plain; charset=utf-8"),
                problems: [.notFound]
            ) { call in
                let position = try await event(call).position
                guard let checkpoint = try await store.log.firstCheckpoint(covering: position) else {
                    throw Problem(.notFound, "no signed checkpoint covers the event yet: ask again after the next one")
                }
                let proof = try await store.log.proof(ofEventAt: position, in: checkpoint)
                return Response(
                    status: .ok,
                    headers: [.contentType: "text/plain; charset=utf-8"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: proof.text))
                )
            },
            Operation(
                method: .get,
                path: "/v1/audit",
                id: "getAudit",
                tag: "audit",
                summary: "The log's Merkle tree, its newest checkpoint, and what the newest audit of the record found.",
                form: .json(.named("Audit"))
            ) { _ in .json(try await audit()) },
            Operation(
                method: .post,
                path: "/v1/audit",
                id: "requestAudit",
                tag: "audit",
                summary: "Has the agent audit its record now: the log, its checkpoints and git; GET tells how it ends.",
                scope: .operate,
                form: .json(.named("Audit"))
            ) { _ in
                store.audits.request()
                return .json(try await audit())
            },
            Operation(
                method: .get,
                path: "/v1/lineage",
                id: "getLineage",
                tag: "audit",
                summary: "Where a thing came from and what became of it.",
                parameters: [
                    .query(
                        "id",
                        required: true,
                        "a source key, tile path, prefix of a digest, git commit, notification or #POSITION"
                    )
                ],
                form: .json(.named("Lineage")),
                problems: [.notFound, .idAmbiguous]
            ) { call in
                do {
                    return .json(try await store.lineage.answer(call.required("id")).json)
                } catch let error as LineageError {
                    throw Problem(error.code == .ambiguous ? .idAmbiguous : .notFound, error.message)
                }
            },
        ]
    }

    private static let position = Parameter.path("position", .number(1...Int.max >> 10), "an event's position")

    private func event(_ call: Call) async throws -> RecordedEvent {
        guard let position = call.number("position"), let event = try await store.log.event(at: position) else {
            throw Problem(.notFound, "the log has no event at this position")
        }
        return event
    }

    private func audit() async throws -> CanonicalJSON {
        let head = try await store.log.storedHead()
        let checkpoint = try await store.log.newestCheckpoint()
        let audited = try await store.catalog.lastPosition(of: .auditCompleted)
        let newest = audited > 0 ? try await store.log.event(at: audited) : nil
        let found = try newest?.decode(AuditCompleted.self)
        return CanonicalJSON { json in
            json.set("size", head.size)
            json.set("root", head.root)
            json.set(
                "checkpoint",
                checkpoint.map { checkpoint in
                    CanonicalJSON {
                        $0.set("origin", checkpoint.origin)
                        $0.set("size", checkpoint.head.size)
                        $0.set("root", checkpoint.head.root)
                        $0.set("note", checkpoint.text)
                    }
                }
            )
            store.audits.encode(into: &json)
            guard let newest, let found else { return }
            json.set(
                "newest",
                CanonicalJSON {
                    found.encode(into: &$0)
                    $0.set("position", newest.position)
                    $0.set("recorded_at", newest.recordedAt.description)
                }
            )
        }
    }
}
