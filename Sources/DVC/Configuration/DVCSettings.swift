package import Files
package import ObjectStores

/// What DVC's configuration files say together: those of the system, of the user, of the repository, and its local one,
/// of which a later one counts before an earlier one.
///
/// Source: `dvc config`, "Description", in DVC's documentation, and `dvc/config.py` for the places.
package struct DVCSettings: Sendable {
    private let levels: [(configuration: DVCConfiguration, directory: String)]
    private let home: String?
    /// Keys of a remote that hold paths.
    ///
    /// Source: `_map_dirs` of dvc/config.py.
    private static let paths: Set<String> = [
        "credentialpath", "keyfile", "cert_path", "key_path", "gdrive_user_credentials_file",
        "gdrive_service_account_json_file_path",
    ]

    package init(repository: String, environment: AWSEnvironment = .ofProcess()) throws(FileError) {
        let home = environment["HOME"]
        let user = environment["XDG_CONFIG_HOME"] ?? home.map { "\($0)/.config" }
        let directories = [
            environment["DVC_SYSTEM_CONFIG_DIR"] ?? "/etc/xdg/dvc",
            environment["DVC_GLOBAL_CONFIG_DIR"] ?? user.map { "\($0)/dvc" },
            "\(repository)/.dvc",
        ]
        var files: [(path: String, directory: String)] = []
        for directory in directories.compactMap(\.self) { files.append(("\(directory)/config", directory)) }
        files.append(("\(repository)/.dvc/config.local", "\(repository)/.dvc"))
        var levels: [(configuration: DVCConfiguration, directory: String)] = []
        for file in files where try fileInfo(file.path) != nil {
            let text = String(decoding: try readFile(file.path), as: UTF8.self)
            levels.append((DVCConfiguration(text), file.directory))
        }
        self.levels = levels
        self.home = home
    }

    /// The value of a key.
    package func value(_ key: String, in section: String) -> String? {
        levels.reversed().lazy.compactMap { $0.configuration.value(key, in: section) }.first
    }

    /// The absolute path that a key holds.
    func path(_ key: String, in section: String) -> String? {
        levels.reversed().lazy.compactMap { level in
            level.configuration.value(key, in: section).map { place($0, from: level.directory) }
        }.first
    }

    /// The name of the default remote.
    package var defaultRemote: String? { value("remote", in: "core") }

    /// The names of all remotes in lower case, sorted.
    package var remotes: [String] {
        Set(levels.flatMap { $0.configuration.sections.compactMap(Self.remoteName) }).sorted()
    }

    /// A remote with all that the files say of it, its place absolute; nil where they do not name it.
    ///
    /// A URL `remote://OTHER/PATH` means a path below that remote, with that one's options.
    package func remote(_ name: String) throws(DVCError) -> RemoteSettings? {
        try remote(name, depth: 0)
    }

    private func remote(_ name: String, depth: Int) throws(DVCError) -> RemoteSettings? {
        guard depth < 8 else {
            throw DVCError(.badConfiguration, "the remotes of .dvc/config lead to each other in a circle: break it")
        }
        let section = "remote \"\(name)\""
        var options: [(key: String, value: String)] = []
        var url: String?
        for (configuration, directory) in levels {
            for (key, value) in configuration.pairs(in: section) {
                options.removeAll { $0.key == key }
                if key == "url" {
                    url = place(value, from: directory)
                } else {
                    options.append((key, Self.paths.contains(key) ? place(value, from: directory) : value))
                }
            }
        }
        guard var url else { return nil }
        if let (base, path) = Self.reference(url) {
            guard let other = try remote(base, depth: depth + 1) else {
                throw DVCError(
                    .badConfiguration,
                    "the remote \(name) builds on \(base), which .dvc/config does not have"
                )
            }
            url = path.isEmpty ? other.url : "\(other.url)/\(path)"
            options = other.options.filter { pair in !options.contains { $0.key == pair.key } } + options
        }
        return RemoteSettings(name: name.lowercased(), url: url, options: options)
    }

    /// The parts of `remote://NAME/PATH`; nil for every other place.
    package static func reference(_ url: String) -> (name: String, path: String)? {
        let scheme = "remote://"
        guard url.hasPrefix(scheme) else { return nil }
        let parts = url.dropFirst(scheme.count).split(separator: "/", maxSplits: 1)
        guard let name = parts.first else { return nil }
        return (String(name), parts.count > 1 ? String(parts[1]) : "")
    }

    /// A path is relative to the file that it stands in.
    func place(_ text: String, from directory: String) -> String {
        if text.contains("://") || text.hasPrefix("/") { return text }
        if text.hasPrefix("~/"), let home { return home + text.dropFirst() }
        return normalized("\(directory)/\(text)")
    }

    /// The path without `.` and `..`.
    private func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func remoteName(_ section: String) -> String? {
        guard section.lowercased().hasPrefix("remote \""), section.hasSuffix("\"") else { return nil }
        return section.dropFirst("remote \"".count).dropLast().lowercased()
    }
}
