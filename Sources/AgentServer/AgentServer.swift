import Events
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Intake
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// What the agent answers over HTTP: how it is, the API under `/v1`, and the page at `/`.
///
/// On graceful shutdown it listens no more, answers what it has begun to read, and ends. Plain HTTP/1.1: what comes from
/// other machines comes through a proxy that speaks TLS.
package final class AgentServer: Service {
    private let settings: ServerSettings
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void
    private let vitals: Vitals?
    private let observe: Observe?
    private let store: ServedStore?
    private let state = State()

    /// - Parameters:
    ///   - onListening: called with the port once connections are taken.
    ///   - vitals: what `/readyz` and `/metrics` say; without it there are none.
    ///   - store: what the API reads; nil for a server that only takes pushes.
    ///   - observe: records what a push says; it returns once the events are on disk. Nil where nothing can be pushed, because
    ///     the source is no bucket.
    package init(
        _ settings: ServerSettings,
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in },
        vitals: Vitals? = nil,
        store: ServedStore? = nil,
        observe: Observe?
    ) {
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
        self.vitals = vitals
        self.store = store
        self.observe = observe
    }

    /// Listens until shutdown.
    ///
    /// - Throws: `address-unavailable`, where the server is required.
    package func run() async throws {
        if settings.token == nil, settings.operateToken == nil, observe != nil {
            logger.info("Pushes are refused: no token is set.")
        }
        let board = store.map { StatusBoard($0, isOperable: settings.operateToken != nil) }
        do {
            try await withThrowingTaskGroup { group in
                if let board { group.addTask { try await self.sample(board) } }
                try await withGracefulShutdownHandler {
                    try await application(board).run()
                } onGracefulShutdown: { [state] in
                    state.isStopping.store(true, ordering: .relaxed)
                }
                group.cancelAll()
            }
        } catch  where !state.hasListened.load(ordering: .relaxed) && !(error is CancellationError) {
            try await doWithout(
                ServerError(
                    code: .addressUnavailable,
                    message: "can't listen on \(settings.host):\(settings.port): \(error)"
                )
            )
        }
    }

    /// An address that nobody asked for may be another program's: the agent does its work all the same.
    private func doWithout(_ error: ServerError) async throws {
        guard !settings.isRequired else { throw error }
        logger.warning(
            "There is no page and no API: name a free port with http_port, or say http: off.",
            metadata: [
                "host": "\(settings.host)", "port": "\(settings.port)", "reason": "\(error)",
            ]
        )
        try? await gracefulShutdown()
    }

    /// Keeps the rates known, whether somebody asks or not.
    private func sample(_ board: StatusBoard) async throws {
        while true {
            do {
                try await board.sample()
            } catch let error as CancellationError {
                throw error
            } catch {
                logger.warning("The rates could not be read.", metadata: ["reason": "\(error)"])
            }
            try await Task.sleep(for: .seconds(2))
        }
    }

    private func operations(_ board: StatusBoard?) -> [Operation] {
        var operations: [Operation] = []
        if let store, let board {
            let streams = EventStreams(store: store, status: board, state: state, limit: settings.maximumStreams)
            operations += StatusRoutes(status: board, streams: streams).operations
            operations += ObjectRoutes(store: store, files: FileAnswers()).operations
            operations += DatasetRoutes(store: store).operations
            operations += QuarantineRoutes(store: store).operations
            operations += NotificationRoutes(store: store).operations
            operations += ReprocessRoutes(store: store, settings: settings).operations
            operations += RecordRoutes(store: store, streams: streams).operations
        }
        if let observe {
            operations += ObservationsRoute(settings: settings, state: state, observe: observe).operations
        }
        return operations
    }

    private func application(_ board: StatusBoard?) -> some ApplicationProtocol {
        let operations = operations(board)
        let router = Router(context: ServerContext.self)
        router.add(middleware: Manners(sendLimit: settings.sendLimit, operations: operations))
        HealthRoutes(state: state, vitals: vitals, limit: settings.healthLimit).add(to: router)
        let document = OpenAPI(operations: operations, version: store?.version ?? "").json
        for operation in operations + [Self.description(document)] {
            for method in operation.method == .get ? [.get, .head] : [operation.method] {
                router.on(RouterPath(operation.route), method: method) { [settings] request, context in
                    try Access(settings: settings).check(operation.scope, request, context)
                    let call = try Call(request, context, operation)
                    // What a push may take is its own to say: it answers for what was recorded.
                    if operation.scope == .push { return try await operation.handle(call) }
                    return try await within(settings.answerLimit) { try await operation.handle(call) }
                        ?? Problem.tooSlow.response
                }
            }
        }
        if store != nil { WebPage().add(to: router) }
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

    /// The document that describes the API.
    private static func description(_ document: CanonicalJSON) -> Operation {
        Operation(
            method: .get,
            path: "/v1/openapi.json",
            id: "getDescription",
            tag: "status",
            summary: "This document.",
            scope: .open,
            form: .json(.anything)
        ) { _ in .json(document) }
    }

    /// What the service and its routes share.
    final class State: Sendable {
        let hasListened = Atomic(false)
        let isStopping = Atomic(false)
    }
}

extension Problem {
    static var tooSlow: Problem {
        var problem = Problem(.answerTooSlow, "the answer took too long: ask for less at a time")
        problem.retryAfter = 10
        return problem
    }

    static var stopping: Problem {
        var problem = Problem(.serverStopping, "the agent is being stopped: send it again later")
        problem.retryAfter = 10
        return problem
    }
}
