/// The text of `.dvc/config`, changed key by key so that people's own settings and comments stay.
struct DVCConfiguration {
    private var lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
    }

    var text: String { lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n" }

    /// The value of a key, without its quotes.
    func value(_ key: String, in section: String) -> String? {
        index(of: key, in: section).flatMap { Self.pair(lines[$0])?.value }
    }

    /// The keys of a section with their values, in the order of the file.
    func pairs(in section: String) -> [(key: String, value: String)] {
        guard let header = index(ofSection: section) else { return [] }
        return lines[(header + 1)..<end(of: header)].compactMap(Self.pair)
    }

    /// The names of all sections, in the order of the file.
    var sections: [String] { lines.compactMap(Self.section) }

    /// Sets a key, in its place when it is there.
    mutating func set(_ key: String, in section: String, to value: String) {
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

    /// Settings under which DVC would work with other files or other locks than this program.
    var problem: String? {
        if value("hardlink_lock", in: "core")?.lowercased() == "true" {
            return "core.hardlink_lock uses another kind of lock: `dvc config --unset core.hardlink_lock`"
        }
        if lines.contains(where: {
            $0.trimmed.hasPrefix("version_aware") && $0.lowercased().hasSuffix("true")
        }) {
            return "a version_aware remote makes DVC rewrite the pointers: set version_aware to false"
        }
        return nil
    }

    private func index(of key: String, in section: String) -> Int? {
        guard let header = index(ofSection: section) else { return nil }
        return lines[(header + 1)..<end(of: header)].firstIndex { Self.pair($0)?.key == key }
    }

    /// DVC takes section names and keys in any case.
    private func index(ofSection section: String) -> Int? {
        lines.firstIndex { Self.section($0)?.lowercased() == section.lowercased() }
    }

    /// A line's key in lower case and its value without quotes or a comment; nil for lines of other kinds.
    private static func pair(_ line: String) -> (key: String, value: String)? {
        let line = line.trimmed
        guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#"), !line.hasPrefix("[") else { return nil }
        let key = line[..<equals].trimmed.lowercased()
        let rest = line[line.index(after: equals)...].trimmed
        for quote in ["\"", "'"] where rest.hasPrefix(quote) {
            return (key, String(rest.dropFirst().prefix { String($0) != quote }))
        }
        return (key, rest.prefix { $0 != "#" }.trimmed)
    }

    private func end(of header: Int) -> Int {
        lines[(header + 1)...].firstIndex { Self.section($0) != nil } ?? lines.count
    }

    private static func section(_ line: String) -> String? {
        let line = line.trimmed
        guard line.hasPrefix("["), line.hasSuffix("]") else { return nil }
        let name = line.dropFirst().dropLast().trimmed
        return name.hasPrefix("'") && name.hasSuffix("'") && name.count >= 2
            ? String(name.dropFirst().dropLast()) : name
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
