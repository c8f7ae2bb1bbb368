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
/// | `/metrics` | the body is Prometheus text, or OpenMetrics for who accepts it | it could not be read in time |
///
/// What can't be read in time is answered with 503 and `answer-too-slow`: a disk that hangs holds no scrape.
struct HealthRoutes: Sendable {
    private let state: AgentServer.State
    private let vitals: Vitals?
    private let limit: Duration

    /// - Parameter limit: how long an answer may take.
    init(state: AgentServer.State, vitals: Vitals?, limit: Duration) {
        self.state = state
        self.vitals = vitals
        self.limit = limit
    }

    func add(to router: Router<ServerContext>) {
        for method in [HTTPRequest.Method.get, .head] { router.on("/healthz", method: method, use: health) }
        guard let vitals else { return }
        let readiness = Prompt(within: limit, vitals.readiness)
        let samples = Prompt(within: limit, vitals.samples)
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/readyz", method: method) { _, _ in try await ready(readiness) }
            router.on("/metrics", method: method) { request, _ in
                try await metrics(vitals.registry, samples, request)
            }
        }
    }

    @Sendable
    private func health(_ request: Request, _ context: ServerContext) throws -> Response {
        guard !state.isStopping.load(ordering: .relaxed) else { throw Problem.stopping }
        return answer(.ok, "application/json", #"{"status":"ok"}"#)
    }

    private func ready(_ prompt: Prompt<Readiness>) async throws -> Response {
        guard !state.isStopping.load(ordering: .relaxed) else { throw Problem.stopping }
        let readiness = try await prompt.value()
        return answer(readiness.isReady ? .ok : .serviceUnavailable, "application/json", readiness.json.text)
    }

    private func metrics(
        _ registry: MetricsRegistry,
        _ samples: Prompt<[MetricSample]>,
        _ request: Request
    ) async throws -> Response {
        let format = MetricsText.Format(accept: request.headers[.accept])
        let text = MetricsText.write(format, registry, try await samples.value())
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
