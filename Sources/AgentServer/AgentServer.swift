import HTTPTypes
import Hummingbird
import HummingbirdCore
import Intake
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// What the agent answers over HTTP: `GET /healthz`, and `POST /v1/observations` by those who have the token.
///
/// On graceful shutdown it listens no more, answers what it has begun to read, and ends. Plain HTTP/1.1: what comes from
/// other machines comes through a proxy that speaks TLS.
package final class AgentServer: Service {
    private let settings: ServerSettings
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void
    private let observe: Observe
    private let state = State()

    /// - Parameters:
    ///   - onListening: called with the port once connections are taken.
    ///   - observe: records what a push says; it returns once the events are on disk.
    package init(
        _ settings: ServerSettings,
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in },
        observe: @escaping Observe
    ) {
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
        self.observe = observe
    }

    /// Listens until shutdown.
    ///
    /// - Throws: `address-unavailable`.
    package func run() async throws {
        if settings.token == nil {
            logger.warning("Pushes are refused: no token is set.")
        }
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: { [state] in
                state.isStopping.store(true, ordering: .relaxed)
            }
        } catch  where !state.hasListened.load(ordering: .relaxed) && !(error is CancellationError) {
            throw ServerError(
                code: .addressUnavailable,
                message: "can't listen on \(settings.host):\(settings.port): \(error)"
            )
        }
    }

    private var application: some ApplicationProtocol {
        let router = Router(context: ServerContext.self)
        router.add(middleware: Manners())
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/healthz", method: method, use: health)
        }
        ObservationsRoute(settings: settings, state: state, observe: observe).add(to: router)
        return Application(
            router: router,
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: TimeAmount(settings.idleLimit),
                    httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                        maxHeaderFieldSize: 16 << 10,
                        maxHeaderListSize: 32 << 10,
                        maxHeaderFieldCount: 100
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: .maximum(settings.maximumConnections, logger: logger)
            ),
            onServerRunning: { [state, logger, onListening, settings] channel in
                state.hasListened.store(true, ordering: .relaxed)
                let port = channel.localAddress?.port ?? settings.port
                logger.notice("Listening.", metadata: ["host": "\(settings.host)", "port": "\(port)"])
                onListening(port)
            },
            logger: logger
        )
    }

    @Sendable
    private func health(_ request: Request, _ context: ServerContext) throws -> Response {
        guard !state.isStopping.load(ordering: .relaxed) else { throw Problem.stopping }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"status":"ok"}"#))
        )
    }

    /// What the service and its routes share.
    final class State: Sendable {
        let hasListened = Atomic(false)
        let isStopping = Atomic(false)
    }
}

extension Problem {
    static var stopping: Problem {
        var problem = Problem(.serverStopping, "the agent is being stopped: send it again later")
        problem.retryAfter = 10
        return problem
    }
}
