import Foundation
import HTTPTypes
import Hummingbird

/// A request with its parameters, every one of which is what the operation says.
struct Call: Sendable {
    let request: Request
    let context: ServerContext
    private let values: [String: String]

    /// - Throws: `bad-parameter`.
    init(_ request: Request, _ context: ServerContext, _ operation: Operation) throws(Problem) {
        let parameters = operation.parameters
        self.request = request
        self.context = context
        var values: [String: String] = [:]
        let query = try Self.query(of: request)
        // The address that a store pushes to may carry anything.
        let isStrict = [.read, .operate].contains(operation.scope)
        for name in query.keys where isStrict && !parameters.contains(where: { $0.place == .query && $0.name == name })
        {
            throw Problem(.badParameter, "there is no parameter '\(name)' here")
        }
        for parameter in parameters {
            let said: String? =
                switch parameter.place {
                case .path: try context.parameters.get(parameter.name).map(Self.decoded)
                case .query: query[parameter.name]
                case .header: HTTPField.Name(parameter.name).flatMap { request.headers[$0] }
                }
            if said == nil, parameter.isRequired { throw Problem(.badParameter, "\(parameter.name) is missing") }
            if let said, !parameter.takes(said) { throw Self.refused(parameter, said) }
            values[parameter.name] = said ?? parameter.standard
        }
        self.values = values
    }

    func text(_ name: String) -> String? { values[name] }
    /// The value of a parameter that no request is without.
    func required(_ name: String) -> String { values[name] ?? "" }
    func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }
    func flag(_ name: String) -> Bool { values[name] == "true" }
    var limit: Int { number("limit") ?? 100 }
    /// Where a list goes on that begins with the highest number.
    var cursor: Int { number("cursor") ?? .max }

    private static func query(of request: Request) throws(Problem) -> [String: String] {
        var values: [String: String] = [:]
        for part in (request.uri.query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decoded(pair[0].replacing("+", with: " "))
            let value = pair.count > 1 ? try decoded(pair[1].replacing("+", with: " ")) : ""
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem(.badParameter, "the parameter '\(name)' is there twice")
            }
        }
        return values
    }

    private static func decoded(_ text: some StringProtocol) throws(Problem) -> String {
        guard let decoded = String(text).removingPercentEncoding else {
            throw Problem(.badParameter, "'\(text)' is no text in UTF-8 with percent encoding")
        }
        return decoded
    }

    private static func refused(_ parameter: Parameter, _ said: String) -> Problem {
        let wanted =
            switch parameter.kind {
            case .text: "a text"
            case .choice(let choices): "one of \(choices.joined(separator: ", "))"
            case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
            case .flag: "true or false"
            case .digest: "a SHA-256 in 64 hexadecimal digits"
            }
        return Problem(.badParameter, "\(parameter.name) is \(wanted), not '\(said.prefix(100))'")
    }
}
