/// A remote as `.dvc/config` describes it.
package struct RemoteSettings: Sendable, Equatable {
    package var name: String
    /// An absolute directory, or any URL that DVC knows.
    package var url: String
    /// More keys of the remote, for example `endpointurl`, in this order.
    package var options: [(key: String, value: String)]

    package init(name: String = "swathlog", url: String, options: [(key: String, value: String)] = []) {
        self.name = name
        self.url = url
        self.options = options
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.url == right.url
            && left.options.elementsEqual(right.options) { $0.key == $1.key && $0.value == $1.value }
    }
}

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
        guard let index = index(of: key, in: section), let equals = lines[index].firstIndex(of: "=") else {
            return nil
        }
        let value = lines[index][lines[index].index(after: equals)...].trimmed
        for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
            return String(value.dropFirst().dropLast())
        }
        return value
    }

    /// Sets a key, in its place when it is there.
    mutating func set(_ key: String, in section: String, to value: String) {
        let needsQuotes = value.contains { [",", "#", "'"].contains($0) }
        let line = "    \(key) = \(needsQuotes ? "\"\(value)\"" : value)"
        if let index = index(of: key, in: section) {
            lines[index] = line
        } else if let header = lines.firstIndex(where: { Self.section($0) == section }) {
            lines.insert(line, at: end(of: header))
        } else {
            lines.append(Self.header(section))
            lines.append(line)
        }
    }

    /// Settings under which DVC would work with other files or other locks than this program.
    var problem: String? {
        if value("dir", in: "cache") != nil {
            return "cache.dir moves the cache: `dvc config --unset cache.dir`"
        }
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
        guard let header = lines.firstIndex(where: { Self.section($0) == section }) else { return nil }
        return lines[(header + 1)..<end(of: header)].firstIndex { line in
            line.prefix { $0 != "=" }.trimmed == key && line.contains("=")
        }
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
