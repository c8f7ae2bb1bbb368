package import Events
package import Projections

/// Text with placeholders that a version fills: its commit's message, or its tag.
package struct CommitTemplate: Sendable, Equatable {
    /// What can stand between braces.
    package enum Field: String, Sendable, CaseIterable {
        case partition
        /// What changed, in words: `add 12, remove 3 of 840 files`.
        case summary
        case added, changed, removed
        /// Files in the version, and their bytes.
        case files, bytes
        /// The first twelve digits of the recipe's digest.
        case recipe
        /// The log positions that the version is made of.
        case from, through
        /// Which version of its partition it is, counted from 1.
        case number
        /// The id in the commit's trailer.
        case id
        /// The day in UTC: `2026-03-01`.
        case date
    }

    private enum Piece: Sendable, Equatable {
        case text(String)
        case field(Field)
    }

    package let text: String
    private let pieces: [Piece]

    package static let standardMessage = CommitTemplate(
        text: "{partition}: {summary}",
        pieces: [.field(.partition), .text(": "), .field(.summary)]
    )

    private init(text: String, pieces: [Piece]) {
        self.text = text
        self.pieces = pieces
    }

    /// Reads a template; nil for a brace that is none of a placeholder's.
    ///
    /// `{{` and `}}` stand for braces.
    package init?(_ text: String) {
        var pieces: [Piece] = []
        var literal = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            guard character == "{" || character == "}" else {
                literal.append(character)
                continue
            }
            if rest.first == character {
                literal.append(rest.removeFirst())
                continue
            }
            guard character == "{", let end = rest.firstIndex(of: "}"),
                let field = Field(rawValue: String(rest[..<end]))
            else { return nil }
            if !literal.isEmpty { pieces.append(.text(literal)) }
            literal = ""
            pieces.append(.field(field))
            rest = rest[rest.index(after: end)...]
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        self.init(text: text, pieces: pieces)
    }

    /// Whether no two versions of a store fill it alike.
    ///
    /// Between two placeholders stands text, and beside a number no digit: `{partition}{number}` would be the same for
    /// the version 11 of `a` and the version 1 of `a1`.
    package var isUnique: Bool {
        if pieces.contains(.field(.id)) { return true }
        let numbers: [Piece] = [.field(.number), .field(.through)]
        return pieces.indices.contains { pieces[$0] == .field(.partition) && isApart($0) }
            && pieces.indices.contains { numbers.contains(pieces[$0]) && isApart($0, fromDigits: true) }
    }

    /// Whether a placeholder has text on both sides, or nothing.
    private func isApart(_ index: Int, fromDigits: Bool = false) -> Bool {
        let sides = [(index - 1, \String.last), (index + 1, \String.first)]
        return sides.allSatisfy { side, nearest in
            guard pieces.indices.contains(side) else { return true }
            guard case .text(let text) = pieces[side] else { return false }
            return !fromDigits || text[keyPath: nearest]?.isNumber != true
        }
    }

    /// What a version makes of it.
    ///
    /// - Parameters:
    ///   - number: which version of its partition it is.
    ///   - time: when its intent was recorded.
    package func filled(_ commit: CatalogCommit, number: Int, time: Timestamp) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .field(let field): Self.value(field, commit, number, time)
            }
        }.joined()
    }

    private static func value(_ field: Field, _ commit: CatalogCommit, _ number: Int, _ time: Timestamp) -> String {
        switch field {
        case .partition: commit.partition
        case .summary: commit.summary
        case .added: String(commit.added)
        case .changed: String(commit.changed)
        case .removed: String(commit.removed)
        case .files: String(commit.files)
        case .bytes: String(commit.bytes)
        case .recipe: String(commit.recipe.description.prefix(12))
        case .from: String(commit.fromPosition)
        case .through: String(commit.throughPosition)
        case .number: String(number)
        case .id: commit.id
        case .date: String(time.description.prefix(10))
        }
    }
}

extension CatalogCommit {
    /// What changed, in words.
    fileprivate var summary: String {
        var parts: [String] = []
        if added > 0 { parts.append("add \(added)") }
        if changed > 0 { parts.append("change \(changed)") }
        if removed > 0 { parts.append("remove \(removed)") }
        let what = parts.isEmpty ? "renew" : parts.joined(separator: ", ")
        return "\(what) of \(files) files"
    }
}
