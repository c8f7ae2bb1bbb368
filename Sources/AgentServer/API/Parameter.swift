import Events

/// What a request may say in its path, its query or a header.
struct Parameter: Sendable {
    enum Place: String, Sendable {
        case path, query, header
    }

    enum Kind: Sendable {
        case text
        case choice([String])
        case number(ClosedRange<Int>)
        case flag
        /// A SHA-256 in hexadecimal.
        case digest
    }

    let name: String
    let place: Place
    let kind: Kind
    /// What holds where the request says nothing; nil for nothing.
    var standard: String?
    /// Whether a request without it is none.
    var isRequired = false
    let summary: String

    static func path(_ name: String, _ summary: String) -> Parameter { path(name, .text, summary) }

    static func path(_ name: String, _ kind: Kind, _ summary: String) -> Parameter {
        Parameter(name: name, place: .path, kind: kind, summary: summary)
    }

    static func query(_ name: String, required: Bool = false, _ summary: String) -> Parameter {
        Parameter(name: name, place: .query, kind: .text, isRequired: required, summary: summary)
    }

    static func query(_ name: String, _ kind: Kind, standard: String? = nil, _ summary: String) -> Parameter {
        Parameter(name: name, place: .query, kind: kind, standard: standard, summary: summary)
    }

    static func header(_ name: String, _ kind: Kind, _ summary: String) -> Parameter {
        Parameter(name: name, place: .header, kind: kind, summary: summary)
    }

    /// How many items one part of a list has.
    static let limit = query("limit", .number(1...1_000), standard: "100", "the most items of one part")

    /// Where a list that is ordered by numbers goes on.
    static let cursor = query("cursor", .number(1...Int.max >> 10), "what the part before said under next")

    /// Where a list that is ordered by names goes on.
    static let nameCursor = query("cursor", "what the part before said under next")

    /// Whether a text is what this parameter takes.
    func takes(_ text: String) -> Bool {
        switch kind {
        case .text: true
        case .choice(let choices): choices.contains(text)
        case .number(let range): Int(text).map { range.contains($0) && String($0) == text } ?? false
        case .flag: text == "true" || text == "false"
        case .digest: text.utf8.count == 64 && Digest(hex: text)?.description == text
        }
    }

    var schema: Schema {
        switch kind {
        case .text: .text
        case .choice(let choices): .choice(choices)
        case .number(let range): .whole(range)
        case .flag: .flag
        case .digest: .digest
        }
    }

    var json: CanonicalJSON {
        CanonicalJSON { json in
            json.set("name", name)
            json.set("in", place.rawValue)
            json.set("description", summary)
            if place == .path || isRequired { json.set("required", true) }
            var schema = schema.json
            switch kind {
            case .flag: schema.set("default", standard.map { $0 == "true" })
            case .number: schema.set("default", standard.flatMap { Int($0) })
            default: schema.set("default", standard)
            }
            json.set("schema", schema)
        }
    }
}
