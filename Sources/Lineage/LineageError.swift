/// Why a lineage question has no answer.
package struct LineageError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Nothing in the store has this identifier.
        case notFound = "id-not-found"
        /// The identifier fits several things.
        case ambiguous = "id-ambiguous"
        /// A directory that an export would write into holds something.
        case notEmpty = "not-empty"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
