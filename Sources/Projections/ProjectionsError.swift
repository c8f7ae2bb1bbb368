/// Why the views could not be opened or brought up to date.
package struct ProjectionsError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// There is no such view.
        case unknownView = "unknown-view"
        /// A view met an event that it cannot fold.
        case viewStopped = "view-stopped"
        /// `projections.db` cannot be used.
        case unusable = "projections-unusable"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
