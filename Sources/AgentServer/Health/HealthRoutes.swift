import Events
import HTTPTypes
import Hummingbird
import NIOCore
import Stages
import Synchronization

/// `GET /healthz`, `GET /readyz`, `GET /metrics`: for Kubernetes and Prometheus, which carry no token.
///
/// | path | 200 means | 503 means |
/// |---|---|---|
/// | `/healthz` | the process turns | it is being stopped |
/// | `/readyz` | it makes progress | it does not: the body has the reasons |
/// | `/metrics` | the body is Prometheus text, or OpenMetrics for who accepts it | |
struct HealthRoutes: Sendable {
    let state: AgentServer.State
    let vitals: Vitals?

    func add(to router: Router<ServerContext>) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/healthz", method: method, use: health)
            guard let vitals else { continue }
            router.on("/readyz", method: method) { _, _ in try await ready(vitals) }
            router.on("/metrics", method: method) { request, _ in try await metrics(vitals, request) }
        }
    }

    @Sendable
    private func health(_ request: Request, _ context: ServerContext) throws -> Response {
        guard !state.isStopping.load(ordering: .relaxed) else { throw Problem.stopping }
        return answer(.ok, "application/json", #"{"status":"ok"}"#)
    }

    private func ready(_ vitals: Vitals) async throws -> Response {
        guard !state.isStopping.load(ordering: .relaxed) else { throw Problem.stopping }
        let readiness = await vitals.readiness()
        return answer(readiness.isReady ? .ok : .serviceUnavailable, "application/json", readiness.json.text)
    }

    private func metrics(_ vitals: Vitals, _ request: Request) async throws -> Response {
        let format = MetricsText.Format(accept: request.headers[.accept])
        let text = MetricsText.write(format, vitals.registry, try await vitals.samples())
        return answer(.ok, format.contentType, text)
    }

    private func answer(_ status: HTTPResponse.Status, _ type: String, _ body: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .vary: "Accept"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }
}
