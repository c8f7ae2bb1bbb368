import Events
import HTTPTypes
import Hummingbird
package import Intake
import Logging
import Synchronization

/// Records what a push says, malformed records included, and returns once the events are on disk.
package typealias Observe = @Sendable (NoticeBatch) async throws -> ObservationOutcome

/// `POST /v1/observations`: a store, or whoever writes to it, says what has changed in a bucket.
///
/// | status | means |
/// |---|---|
/// | 200 | what could be read is on disk; the body counts it, and says what was malformed |
/// | 400 | nothing in it could be read: sending it again can't help |
/// | 401 | the token is missing or wrong, or none is set |
/// | 408, 413, 415 | too slow, too large, no form that is known here |
/// | 503 | nothing was recorded: the intake is closed, or the agent stops; send it again after `Retry-After` seconds |
///
/// `GET` and `HEAD` are answered with 204, for stores that ask whether somebody is there before they push.
struct ObservationsRoute: Sendable {
    let settings: ServerSettings
    let state: AgentServer.State
    let observe: Observe

    var operations: [Operation] {
        [
            Operation(
                method: .post,
                path: "/v1/observations",
                id: "pushObservations",
                tag: "intake",
                summary: "Says what has changed in a bucket; answered when it is on disk.",
                scope: .push,
                body: Operation.RequestBody(
                    types: PushForm.types,
                    schema: .anything,
                    summary: "S3's event JSON, or CloudEvents in binary, structured or batched mode."
                ),
                form: .json(.named("Observed")),
                problems: [
                    .bodyIncomplete, .bodyTooLarge, .contentTypeUnsupported, .intakeClosed, .nothingReadable,
                    .requestTooSlow,
                ],
                handle: post
            ),
            Operation(
                method: .get,
                path: "/v1/observations",
                id: "probeObservations",
                tag: "intake",
                summary: "For stores that ask whether somebody is there before they push.",
                scope: .open,
                form: .nothing
            ) { _ in Response(status: .noContent, headers: [.allow: "POST"]) },
        ]
    }

    @Sendable
    private func post(_ call: Call) async throws -> Response {
        guard !state.isStopping.load(ordering: .relaxed) else { throw Problem.stopping }
        let form = try PushForm(call.request.headers)
        let reader = BodyReader(sizeLimit: settings.bodyLimit, timeLimit: settings.receiveLimit)
        let batch = form.read(try await reader.read(call.request))
        let malformed = batch.malformed.map(Self.describe)
        if !malformed.isEmpty, batch.notices.isEmpty, batch.ignored == 0 {
            var problem = Problem(.nothingReadable, "nothing in it could be read; malformed says why")
            problem.malformed = malformed
            throw problem
        }
        let outcome = try await record(batch, call.context)
        return .json(
            CanonicalJSON { json in
                json.set("ignored", batch.ignored)
                json.set("late", outcome.late)
                json.set("left_out", outcome.leftOut)
                json.set("malformed", malformed)
                json.set("observed", outcome.observed)
                json.set("outdated", outcome.outdated)
                json.set("removed", outcome.removed)
                json.set("repeated", outcome.repeated)
            }
        )
    }

    /// Whatever went wrong, nothing may have been recorded, and a repetition is only counted: the sender is asked for one.
    private func record(_ batch: NoticeBatch, _ context: ServerContext) async throws -> ObservationOutcome {
        var problem = Problem(.intakeClosed, "nothing may have been recorded: send it again later")
        problem.retryAfter = 10
        do {
            let observe = observe
            if let outcome = try await within(settings.answerLimit, { try await observe(batch) }) { return outcome }
            context.logger.warning("The intake did not answer a push in time.")
        } catch {
            context.logger.warning("A push was turned away.", metadata: ["reason": "\(error)"])
        }
        throw problem
    }

    private static func describe(_ malformed: MalformedNotice) -> CanonicalJSON {
        CanonicalJSON { json in
            json.set("bucket", malformed.bucket)
            json.set("code", malformed.code.rawValue)
            json.set("key", malformed.key)
            json.set("reason", malformed.message)
        }
    }
}
