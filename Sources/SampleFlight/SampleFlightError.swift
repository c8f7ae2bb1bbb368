/// A sample flight that could not be written.
package struct SampleFlightError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Sendable, CaseIterable {
        /// The number of images, megapixels or workers cannot be drawn.
        case invalidSettings = "invalid-settings"
        /// A frame could not be written to the directory.
        case notWritten = "not-written"
    }

    package let code: Code
    /// What happened and what to do about it.
    package let message: String

    package var description: String { "\(code.rawValue): \(message)" }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
