/// One `Key: value` line at the end of a commit message.
package typealias Trailer = (key: String, value: String)

/// Who a commit is by.
package struct CommitAuthor: Sendable, Equatable {
    package var name: String
    package var email: String

    package init(name: String, email: String) {
        self.name = name
        self.email = email
    }

    /// Reads `Name <address>`; nil for what git would change.
    package init?(_ text: String) {
        guard text.hasSuffix(">"), let open = text.firstIndex(of: "<") else { return nil }
        let name = text[..<open].drop { $0 == " " }
        let email = text[text.index(after: open)...].dropLast()
        let isPlain = (name + email).unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        let bare = String(name.reversed().drop { $0 == " " }.reversed())
        guard !bare.isEmpty, !email.isEmpty, isPlain, !(name + email).contains(where: { "<>".contains($0) }),
            !email.contains(" "), bare.contains(where: { $0.isLetter || $0.isNumber })
        else { return nil }
        self.init(name: bare, email: String(email))
    }
}

/// A commit and the trailers that git finds in its message.
package struct CommitTrailers: Sendable {
    /// The commit's full hash.
    package let commit: String
    package let trailers: [Trailer]
}

/// A commit message: a subject, perhaps more paragraphs, and trailers.
struct CommitMessage {
    let text: String

    /// Joins the parts, or says what git would change or misread.
    init(_ message: String, trailers: [Trailer]) throws(DVCError) {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        guard let subject = lines.first, subject.contains(where: { !$0.isWhitespace }),
            !message.unicodeScalars.contains("\0")
        else { throw DVCError(.badMessage, "a commit needs a message whose first line says what it does") }
        var body = message
        while body.last?.isWhitespace == true { body.removeLast() }
        var paragraphs = [body]
        if !trailers.isEmpty {
            for trailer in trailers {
                guard Self.isKey(trailer.key), Self.isValue(trailer.value) else {
                    throw DVCError(
                        .badMessage,
                        "the trailer \(trailer.key.debugDescription) needs a key of letters, digits and '-', and a value of one line without white space around it"
                    )
                }
            }
            paragraphs.append(trailers.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))
        }
        text = paragraphs.joined(separator: "\n\n") + "\n"
    }

    static func isKey(_ key: String) -> Bool {
        !key.isEmpty
            && key.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 0x2D
            }
    }

    static func isValue(_ value: String) -> Bool {
        guard let first = value.first, let last = value.last, !first.isWhitespace, !last.isWhitespace else {
            return false
        }
        return value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}
