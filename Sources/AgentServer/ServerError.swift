/// Why the server can't run.
package struct ServerError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The address is another program's, is not this machine's, or may not be listened on.
        case addressUnavailable = "address-unavailable"
    }

    package let code: Code
    package let message: String

    package var description: String { message }
}
