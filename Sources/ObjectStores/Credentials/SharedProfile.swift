import Files

/// What the shared config and credentials files say about one profile.
///
/// Source: "Shared config and credentials files" of the AWS SDKs and Tools Reference Guide.
struct SharedProfile: Sendable {
    let name: String
    /// Whether somebody asked for it by name, so that its absence is an error.
    let isNamed: Bool
    private let values: [String: String]
    private let all: [String: [String: String]]

    /// - Parameter name: nil for `AWS_PROFILE`, else `default`.
    init(_ name: String?, environment: AWSEnvironment) throws(S3Error) {
        let named = name ?? environment["AWS_PROFILE"]
        var all: [String: [String: String]] = [:]
        for (variable, file) in [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
            guard let path = environment.file(variable, default: file), let text = try Self.text(of: path) else {
                continue
            }
            // Where both files have a value, that of the credentials file counts, which is read last.
            let profiles = parseSharedFile(text, prefixed: file == "config")
            for (name, values) in profiles { all[name, default: [:]].merge(values) { $1 } }
        }
        self.init(named ?? "default", isNamed: named != nil, all: all)
        guard !isNamed || all[self.name] != nil else {
            throw S3Error(
                .noCredentials,
                "the shared files have no profile \"\(self.name)\"; correct its name, or AWS_PROFILE"
            )
        }
    }

    private init(_ name: String, isNamed: Bool, all: [String: [String: String]]) {
        self.name = name
        self.isNamed = isNamed
        self.all = all
        values = all[name] ?? [:]
    }

    subscript(key: String) -> String? {
        values[key].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The profile that this one takes its credentials from.
    var source: SharedProfile? {
        self["source_profile"].map { SharedProfile($0, isNamed: true, all: all) }
    }

    private static func text(of path: String) throws(S3Error) -> String? {
        do {
            return String(decoding: try readFile(path), as: UTF8.self)
        } catch {
            if [.notFound, .wrongKind].contains(error.code) { return nil }
            throw S3Error(.noCredentials, error.message)
        }
    }
}

/// Reads the sections of a shared file.
///
/// - Parameter prefixed: whether profiles other than `default` are headed `[profile NAME]`, as in the config file.
func parseSharedFile(_ text: String, prefixed: Bool) -> [String: [String: String]] {
    var profiles: [String: [String: String]] = [:]
    var current: String?
    for line in text.split(whereSeparator: \.isNewline) {
        // An indented line belongs to a nested block (`s3 =` with settings under it), of which none is needed.
        guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { continue }
        if first == "[" {
            current = sectionName(line, prefixed: prefixed)
            if let current, profiles[current] == nil { profiles[current] = [:] }
            continue
        }
        guard let current, let equals = line.firstIndex(of: "=") else { continue }
        let key = trimmed(line[..<equals]).lowercased()
        var value = line[line.index(after: equals)...]
        for mark in [" #", " ;", "\t#", "\t;"] {
            if let comment = value.firstRange(of: mark) { value = value[..<comment.lowerBound] }
        }
        profiles[current]?[key] = trimmed(value)
    }
    return profiles
}

private func sectionName(_ line: Substring, prefixed: Bool) -> String? {
    guard let end = line.firstIndex(of: "]") else { return nil }
    let inside = trimmed(line[line.index(after: line.startIndex)..<end])
    let words = inside.split(maxSplits: 1, whereSeparator: \.isWhitespace)
    if words.count == 2, words[0] == "profile" { return prefixed ? trimmed(words[1]) : nil }
    // Sections of the config file without the word are of other kinds, such as `[services x]`.
    return !prefixed || inside == "default" ? inside : nil
}

private func trimmed(_ text: some StringProtocol) -> String {
    var rest = Substring(text)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
}
