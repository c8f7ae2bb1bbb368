import Events
import Hummingbird

extension Call {
    /// The request's body, one JSON object of these members and no others.
    ///
    /// A content type that no form of a page can send is asked for, so that no page of another site can have anything begun.
    ///
    /// - Throws: `body-incomplete`, `body-too-large`, `body-unreadable`, `content-type-unsupported`, `request-too-slow`.
    func object(_ body: RequestBody, _ reader: BodyReader, members: Set<String>) async throws -> JSONObject {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
        guard type?.filter({ $0 != " " }) == "application/json" else {
            throw Problem(.contentTypeUnsupported, "the body is JSON: say Content-Type: application/json")
        }
        var request = request
        request.body = body
        do {
            let object = try JSONObject(try await reader.read(request))
            for name in object.names {
                guard members.contains(name) else {
                    throw Problem(.bodyUnreadable, "the body has a member '\(name.prefix(100))' that is not known here")
                }
                guard object.raw(name) != nil else { throw Problem(.bodyUnreadable, "the body's '\(name)' is null") }
            }
            return object
        } catch let error as EventError {
            throw Problem(.bodyUnreadable, "the body can't be read: \(error.message)")
        }
    }

    /// Runs an operation on the request's body; it is cancelled when who asked goes away.
    func attended(_ operation: (RequestBody) async throws -> Response) async throws -> Response {
        var response: Response
        do {
            response = try await request.body.consumeWithCancellationOnInboundClose(operation)
        } catch let problem as Problem {
            response = problem.response
        }
        // Whoever watches the connection has taken what came after the request.
        response.headers[.connection] = "close"
        return response
    }
}
