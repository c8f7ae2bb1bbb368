import Events
import HTTPTypes
import Hummingbird
import NIOCore

/// One thing that can be asked of the API: the route and its part of the OpenAPI document are made of the same value.
struct Operation: Sendable {
    /// What a 2xx answer holds.
    enum Form: Sendable {
        case json(Schema)
        case text(String)
        case geoJSON(Schema)
        /// Bytes of one of these types, in full or in part.
        case bytes([String])
        /// Server-sent events.
        case events(String)
        case nothing
    }

    let method: HTTPRequest.Method
    /// With `{name}` for a parameter.
    let path: String
    let id: String
    let tag: String
    let summary: String
    var scope = Access.Scope.read
    var parameters: [Parameter] = []
    var body: RequestBody?
    let form: Form
    /// What may go wrong beside what may at every operation of its scope.
    var problems: [Problem.Code] = []
    let handle: @Sendable (Call) async throws -> Response

    /// What a request carries.
    struct RequestBody: Sendable {
        let types: [String]
        let schema: Schema
        let summary: String
    }

    /// The path as the router has it.
    var route: String {
        path.split(separator: "/").map { part in
            part.hasPrefix("{") ? "/:\(part.dropFirst().dropLast())" : "/\(part)"
        }.joined()
    }

    /// Everything that may go wrong.
    var allProblems: Set<Problem.Code> {
        var codes: Set<Problem.Code> = [.answerTooSlow, .internalError, .serverStopping]
        if !parameters.isEmpty || method == .get || scope == .operate { codes.insert(.badParameter) }
        if scope != .open { codes.formUnion([.tokenRequired, .scopeInsufficient]) }
        return codes.union(problems)
    }
}

extension Response {
    /// An answer in JSON.
    static func json(_ json: CanonicalJSON, type: String = "application/json") -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes))
        )
    }
}
