import Files

extension DatasetRepository {
    /// Whether git takes a tag of this name.
    package func isTagName(_ name: String) async throws -> Bool {
        guard !name.hasPrefix("-") else { return false }
        return try await git.run(["check-ref-format", "refs/tags/\(name)"], accepting: [0, 1]).status == 0
    }

    /// A commit's message, with its trailers.
    package func message(of commit: String) async throws -> String {
        try await git.run(["log", "-1", "--format=%B", commit]).line
    }

    /// The name that a tag gets which is to be called so: what git refuses is escaped as `%XX`; nil where that helps nothing.
    package func tagName(for text: String) async throws -> String? {
        if try await isTagName(text) { return text }
        let escaped = Self.escaped(text)
        return try await isTagName(escaped) ? escaped : nil
    }

    /// Source: git-check-ref-format(1), "Description".
    private static func escaped(_ text: String) -> String {
        let bytes = Array(text.utf8)
        func isAt(_ index: Int, _ byte: Character) -> Bool {
            bytes.indices.contains(index) && bytes[index] == byte.asciiValue
        }
        func isEnd(_ index: Int) -> Bool { index == bytes.count || isAt(index, "/") }
        var escaped: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            let isRefused =
                switch Character(Unicode.Scalar(byte)) {
                case "\0"..."\u{20}", "\u{7F}", "~", "^", ":", "?", "*", "[", "\\": true
                case ".":
                    index == 0 || index == bytes.count - 1 || isAt(index - 1, ".") || isAt(index - 1, "/")
                        || bytes[index...].starts(with: ".lock".utf8) && isEnd(index + 5)
                case "/": index == 0 || index == bytes.count - 1 || isAt(index - 1, "/")
                case "{": isAt(index - 1, "@")
                case "-": index == 0
                default: false
                }
            if isRefused {
                escaped += Array("%\(hexadecimal([byte]).uppercased())".utf8)
            } else {
                escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// Gives a commit a tag with a message, signed where commits are; nothing happens where it has it.
    ///
    /// A tag of that name on another commit is somebody's, and stays (`tagTaken`).
    ///
    /// - Returns: false where git takes no tag of that name.
    package func tag(_ name: String, commit: String, message: String) async throws -> Bool {
        guard try await isTagName(name) else { return false }
        if let tagged = try await self.commit(named: "refs/tags/\(name)") {
            guard tagged == commit else {
                throw DVCError(
                    .tagTaken,
                    "the tag \(name) is on commit \(tagged.prefix(12)), not on \(commit.prefix(12)): rename or remove it, the agent tries again"
                )
            }
            return true
        }
        try await GitLocks(repository: path).clear(patience: patience)
        try await git.run(
            ["tag", "--annotate", "--cleanup=verbatim", "--file=-", "--end-of-options", name, commit],
            input: message.hasSuffix("\n") ? message : message + "\n"
        )
        return true
    }
}
