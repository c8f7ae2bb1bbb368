import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What holds for every answer: its headers, the form of a refusal, and the end of a connection that is told to end.
struct Manners: RouterMiddleware {
    typealias Context = ServerContext

    /// How long a sender has to read its answer and to hang up, while what it still sends is thrown away.
    ///
    /// A connection that is closed with bytes unread is reset, and the answer may be lost with it.
    private static let grace = TimeAmount.seconds(2)

    /// How long a reader may take nothing of its answer.
    let sendLimit: Duration
    /// What is known to the router, to tell a wrong method from a wrong path.
    let operations: [Operation]

    func handle(
        _ request: Request,
        context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = problem(for: error, request, context).response
        }
        if request.method == .head {
            response = response.createHeadResponse()
        } else {
            response.body = response.body.sent(within: sendLimit, on: context.channel)
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        for (name, value) in Self.safety where response.headers[name] == nil { response.headers[name] = value }
        if response.headers[.connection] == "close" {
            let channel = context.channel
            channel.eventLoop.scheduleTask(in: Self.grace) { channel.close(promise: nil) }
        }
        return response
    }

    /// What browsers are told, whatever the answer is; the page has a policy of its own.
    private static let safety: [(HTTPField.Name, String)] = [
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }

    private func problem(for error: any Error, _ request: Request, _ context: ServerContext) -> Problem {
        if let problem = error as? Problem { return problem }
        if let error = error as? any HTTPResponseError, error.status == .notFound {
            let allowed = operations.filter { $0.isAt(request.uri.path) }.map(\.method.rawValue)
            guard allowed.isEmpty else {
                var problem = Problem(.methodNotAllowed, "this can't be done here with \(request.method.rawValue)")
                problem.allow = (allowed.contains("GET") ? allowed + ["HEAD"] : allowed).joined(separator: ", ")
                return problem
            }
            return Problem(.notFound, "there is nothing under this path")
        }
        // Nobody waits for it any more, or the agent stops.
        if error is CancellationError { return .stopping }
        context.logger.error("A request failed.", metadata: ["reason": "\(error)"])
        return Problem(.internalError, "the agent failed to answer; its log has the reason")
    }
}

extension Operation {
    /// Whether a request's path is one of this operation's.
    func isAt(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        let own = self.path.split(separator: "/")
        return parts.count == own.count && zip(parts, own).allSatisfy { $1.hasPrefix("{") || $0 == $1 }
    }
}
