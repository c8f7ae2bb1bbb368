/// What was asked for is not there, or nothing can be done with it.
struct NotFound: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
