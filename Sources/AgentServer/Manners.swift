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

    func handle(
        _ request: Request,
        context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = problem(for: error, context).response
        }
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.connection] == "close" {
            let channel = context.channel
            channel.eventLoop.scheduleTask(in: Self.grace) { channel.close(promise: nil) }
        }
        return response
    }

    private func problem(for error: any Error, _ context: ServerContext) -> Problem {
        if let problem = error as? Problem { return problem }
        if let error = error as? any HTTPResponseError, error.status == .notFound {
            return Problem(.notFound, "there is nothing under this path")
        }
        context.logger.error("A request failed.", metadata: ["reason": "\(error)"])
        return Problem(.internalError, "the agent failed to answer; its log has the reason")
    }
}
