import ArgumentParser

/// How settings are told to people: a Markdown table of all of them, and the help of their flags.
extension SettingKey {
    /// The table that the README has: name, variable, default, what a value is, what it does.
    static var reference: String {
        let head = ["| setting | variable | default | a value is | what it does |", "|---|---|---|---|---|"]
        let rows = allCases.map { key in
            let cells = [
                "`\(key.rawValue)`", "`\(key.environmentVariable)`", key.defaultText, key.kindText,
                key.summary + (key.isSecret ? "; never shown" : ""),
            ]
            return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        return (head + rows).joined(separator: "\n")
    }

    /// The default in Markdown, in words where it is no fixed value; empty where there is none.
    private var defaultText: String {
        defaultValue.map { "`\($0)`" } ?? derivedDefault ?? ""
    }

    /// What holds where nobody says a value and it isn't always the same.
    private var derivedDefault: String? {
        switch self {
        case .include: "all"
        case .s3Endpoint: "what `AWS_ENDPOINT_URL_S3` says"
        case .s3Region: "what `AWS_REGION` or the profile says"
        case .httpPort: "8000, none where that is taken"
        case .caBundle: "the system's"
        case .workers: "number of cores"
        case .sweepInterval: "60, for a bucket 3600"
        case .datasetRepo: "the store's own"
        case .commitAuthor: "git's `user.name` and `user.email`"
        case .commitCommitter: "as for the author"
        case .commitSigningKey: "git's `user.signingkey`"
        case .gitBranch: "the one that is checked out"
        default: nil
        }
    }

    /// What a value has to be, in words.
    private var kindText: String {
        switch (kind, self) {
        case (.path, .source): "path or URL"
        case (.path, _): "path"
        case (.choice(let values), _): values.map { "`\($0)`" }.joined(separator: ", ")
        case (.number(let range), _): Self.words(range) + unit
        case (.recipe, .tileSize): "pixels"
        case (.recipe, .tileOverlap): "pixels or per cent"
        case (.recipe, .jpegQuality): Self.words(1...100)
        case (.recipe, .variants): Self.words(0...999)
        case (.text, _), (.recipe, _): "text"
        }
    }

    private var unit: String {
        switch self {
        case .pollInterval, .lookBack, .sweepInterval, .commitInterval, .checkpointInterval, .auditInterval: " seconds"
        case .stallLimit, .gracePeriod: " seconds"
        case .maxPixels: " pixels"
        default: ""
        }
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        "\(range.lowerBound) to \(range.upperBound)"
    }

    /// The summary as a sentence, with the values where it doesn't name them, and the default.
    fileprivate var help: String {
        let starts = (summary.first?.isLowercase ?? false) ? summary.prefix(1).uppercased() : String(summary.prefix(1))
        let whose = recipeName == nil ? "default" : "a new store's default"
        let value = (defaultValue ?? derivedDefault).map { "\(whose): \($0)" }
        let facts = [unsaidValues, value].compactMap(\.self).joined(separator: "; ")
        return "\(starts)\(summary.dropFirst())\(facts.isEmpty ? "" : " (\(facts))")."
    }

    private var unsaidValues: String? {
        switch kind {
        case .number: kindText
        case .choice(let values) where !values.allSatisfy { summary.contains("`\($0)`") }: kindText
        case .recipe where self == .jpegQuality: kindText
        default: nil
        }
    }
}

extension ArgumentHelp {
    /// The help of a setting's flag: what the reference says of it.
    static func setting(_ key: SettingKey) -> ArgumentHelp {
        ArgumentHelp(key.help)
    }
}
