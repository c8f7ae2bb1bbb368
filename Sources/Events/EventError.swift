/// What can be wrong with the text of an event.
package struct EventError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The payload is not a JSON object.
        case malformedJSON = "malformed-json"
        /// A field is missing or of another kind.
        case badField = "bad-field"
        /// The type or its version is not known to this program.
        case unknownEvent = "unknown-event"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
