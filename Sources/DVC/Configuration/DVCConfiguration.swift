/// The text of `.dvc/config`, changed key by key so that people's own settings, comments and line ends stay.
///
/// What DVC reads is what ConfigObj reads: <https://configobj.readthedocs.io/en/latest/configobj.html#the-config-file-format>.
struct DVCConfiguration {
    private var lines: TextLines

    init(_ text: String) {
        lines = TextLines(text)
    }

    var text: String { lines.text }

    /// The value of a key, without its quotes.
    func value(_ key: String, in section: String) -> String? {
        index(of: key, in: section).flatMap { Self.pair(lines[$0])?.value }
    }

    /// The keys of a section with their values, in the order of the file.
    func pairs(in section: String) -> [(key: String, value: String)] {
        guard let header = index(ofSection: section) else { return [] }
        return ((header + 1)..<end(of: header)).compactMap { Self.pair(lines[$0]) }
    }

    /// The names of all sections, in the order of the file.
    var sections: [String] { lines.texts.compactMap(Self.section) }

    /// Sets a key, in its place when it is there.
    mutating func set(_ key: String, in section: String, to value: String) {
        guard self.value(key, in: section) != value else { return }
        let needsQuotes = value.contains { [",", "#", "'"].contains($0) }
        let line = "    \(key) = \(needsQuotes ? "\"\(value)\"" : value)"
        if let index = index(of: key, in: section) {
            lines[index] = line
        } else if let header = index(ofSection: section) {
            lines.insert(line, at: end(of: header))
        } else {
            lines.append(Self.header(section))
            lines.append(line)
        }
    }

    /// Settings under which DVC would work with other files or other locks than this program, and what DVC itself can't read.
    var problem: String? {
        for line in lines.texts where !Self.isReadable(line) {
            return
                "the line \(line.trimmed.debugDescription) is no setting, or one of several lines: write it as `key = value`"
        }
        var seen: Set<String> = []
        if let twice = sections.first(where: { !seen.insert($0).inserted }) {
            return "the section [\(twice)] is there twice, which dvc refuses: make one of the two"
        }
        if isOn("hardlink_lock", in: "core") {
            return "core.hardlink_lock uses another kind of lock: `dvc config --unset core.hardlink_lock`"
        }
        if sections.contains(where: { isOn("version_aware", in: $0) }) {
            return "a version_aware remote makes DVC rewrite the pointers: set version_aware to false"
        }
        if sections.contains(where: { isOn("worktree", in: $0) }) {
            return
                "a worktree remote is one that DVC reads files from by their names, and objects are pushed by their MD5: set worktree to false"
        }
        return nil
    }

    private func isOn(_ key: String, in section: String) -> Bool {
        value(key, in: section)?.lowercased() == "true"
    }

    private func index(of key: String, in section: String) -> Int? {
        guard let header = index(ofSection: section) else { return nil }
        return ((header + 1)..<end(of: header)).first { Self.pair(lines[$0])?.key == key }
    }

    /// DVC takes section names and keys in any case.
    private func index(ofSection section: String) -> Int? {
        lines.texts.firstIndex { Self.section($0)?.lowercased() == section.lowercased() }
    }

    /// Where a section's lines end, the empty ones after them left out.
    private func end(of header: Int) -> Int {
        var end = ((header + 1)..<lines.count).first { Self.section(lines[$0]) != nil } ?? lines.count
        while end > header + 1, lines[end - 1].trimmed.isEmpty { end -= 1 }
        return end
    }

    private static func isReadable(_ line: String) -> Bool {
        let line = line.trimmed
        return line.isEmpty || line.hasPrefix("#") || section(line) != nil || pair(line) != nil
    }

    /// A line's key in lower case and its value without quotes or a comment; nil for lines of other kinds.
    private static func pair(_ line: String) -> (key: String, value: String)? {
        let line = line.trimmed
        guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#"), !line.hasPrefix("[") else { return nil }
        let key = line[..<equals].trimmed
        let rest = line[line.index(after: equals)...].trimmed
        let bare =
            ["\"", "'"].contains { key.count >= 2 && key.hasPrefix($0) && key.hasSuffix($0) }
            ? String(key.dropFirst().dropLast()) : key
        guard !bare.isEmpty else { return nil }
        for quotes in ["\"\"\"", "'''", "\"", "'"] where rest.hasPrefix(quotes) {
            let inner = rest.dropFirst(quotes.count)
            guard let end = inner.firstRange(of: quotes) else { return nil }
            return (bare.lowercased(), String(inner[..<end.lowerBound]))
        }
        return (bare.lowercased(), rest.prefix { $0 != "#" }.trimmed)
    }

    /// The name in a section's header, which a comment may follow.
    private static func section(_ line: String) -> String? {
        let line = line.trimmed
        guard line.hasPrefix("["),
            let match = line.wholeMatch(of: #/\[\s*("\s*\S.*?"|'\s*\S.*?'|[^'"\s].*?)\s*\]\s*(?:\#.*)?/#)
        else { return nil }
        let name = String(match.1)
        return name.hasPrefix("'") || name.hasPrefix("\"") ? String(name.dropFirst().dropLast()) : name
    }

    private static func header(_ section: String) -> String {
        section.contains("\"") ? "['\(section)']" : "[\(section)]"
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        let rest = drop { $0 == " " || $0 == "\t" }
        return String(rest.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
