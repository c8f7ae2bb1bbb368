import Foundation

/// A JSON value that a program printed.
///
/// What is not there reads as nothing, so a test says what it expects in one line and fails there.
package enum JSON: Sendable, Equatable, Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    package init(_ text: String) throws {
        do {
            self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
        } catch {
            throw ToolError("this is no JSON: \(text.prefix(500))")
        }
    }

    /// One value a line.
    package static func lines(_ text: String) throws -> [JSON] {
        try text.split(separator: "\n").map { try JSON(String($0)) }
    }

    package subscript(key: String) -> JSON {
        if case .object(let members) = self { members[key] ?? .null } else { .null }
    }

    package subscript(index: Int) -> JSON {
        if case .list(let items) = self, items.indices.contains(index) { items[index] } else { .null }
    }

    package var text: String {
        if case .text(let value) = self { value } else { "" }
    }

    package var int: Int? {
        if case .number(let value) = self { Int(exactly: value) } else { nil }
    }

    package var double: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    package var list: [JSON] {
        if case .list(let items) = self { items } else { [] }
    }

    package var keys: [String] {
        if case .object(let members) = self { members.keys.sorted() } else { [] }
    }
}

extension Outcome {
    /// The output as one JSON value.
    package func parsed() throws -> JSON { try JSON(text) }

    /// Everything that the program said.
    package var allText: String { text + errorText }
}
