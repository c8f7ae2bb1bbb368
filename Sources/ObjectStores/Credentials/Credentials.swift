package import Events

/// What signs a request; it prints as `<redacted>`.
package struct Credentials: Sendable, Equatable {
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Present in credentials that were lent for a time.
    package let sessionToken: String?
    /// When they stop being good; nil where nobody said.
    package let expires: Timestamp?

    package init(
        accessKeyID: String,
        secretAccessKey: String,
        sessionToken: String? = nil,
        expires: Timestamp? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expires = expires
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    /// Without it `dump` and string interpolation of an enclosing value would print the fields.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
