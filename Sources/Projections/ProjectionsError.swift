/// Why the views could not be opened or brought up to date.
package struct ProjectionsError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// There is no such view.
        case unknownView = "unknown-view"
        /// A view met an event that it cannot fold.
        case viewStopped = "view-stopped"
        /// The disk is full: nothing can be folded before there is room.
        case diskFull = "disk-full"
        /// `projections.db` cannot be used.
        case unusable = "projections-unusable"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What to say when the disk that holds `projections.db` at `path` is full.
    init(diskFull path: String) {
        self.init(.diskFull, "the disk that holds \(path) is full: make room, the views go on by themselves then")
    }

    package var description: String { message }
}
