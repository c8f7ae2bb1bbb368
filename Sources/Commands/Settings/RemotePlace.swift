package import DVC
import Files

/// Where dataset versions are pushed to, as the settings say it.
package enum RemotePlace: Sendable, Equatable {
    case none
    /// A place that the settings describe; `.dvc/config` gets it as the default remote.
    case place(RemoteSettings)
    /// A remote that `.dvc/config` describes.
    case named(String)

    /// What belongs into `.dvc/config.local`, which git does not have.
    private static let secrets: Set<String> = [
        "access_key_id", "secret_access_key", "session_token", "password", "sse_customer_key", "sas_token",
        "connection_string", "account_key", "client_secret", "passphrase",
    ]

    init(_ values: SettingValues) throws {
        let options = try Self.options(values)
        guard let text = try values.text(.dvcRemote) else {
            guard options.isEmpty else {
                throw SettingsError(.contradiction, "dvc_remote_options are given for no dvc_remote: name one")
            }
            self = .none
            return
        }
        if let (name, path) = DVCSettings.reference(text) {
            guard options.isEmpty, path.isEmpty else {
                throw try values.bad(
                    .dvcRemote,
                    "names a remote of .dvc/config, which takes no path and no options here"
                )
            }
            self = .named(name)
            return
        }
        guard !text.isEmpty else { throw try values.bad(.dvcRemote, "is empty") }
        let isNative = !text.contains("://") || text.hasPrefix("s3://") || Remotes.directory(text) != nil
        guard try isNative || values.text(.versioning) == "dvc" else {
            throw try values.bad(
                .dvcRemote,
                "'\(text)' is neither a directory nor s3://BUCKET/PREFIX nor remote://NAME; other places take `versioning: dvc`"
            )
        }
        self = .place(RemoteSettings(url: Remotes.directory(text) ?? text, options: options))
    }

    private static func options(_ values: SettingValues) throws -> [(key: String, value: String)] {
        try (values.text(.dvcRemoteOptions) ?? "").split(separator: " ").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[0].lowercased() != "url" else {
                throw try values.bad(.dvcRemoteOptions, "are KEY=VALUE, with a blank between two, not '\(pair)'")
            }
            guard !secrets.contains(parts[0].lowercased()) else {
                throw try values.bad(
                    .dvcRemoteOptions,
                    "would put \(parts[0]) into git: `dvc remote modify --local swathlog \(parts[0]) …` in the dataset instead"
                )
            }
            return (parts[0].lowercased(), parts[1])
        }
    }

    /// What `.dvc/config` has to say; nil where it is left as it is.
    var described: RemoteSettings? {
        if case .place(let settings) = self { settings } else { nil }
    }

    /// Its absolute path where it is a directory that the settings name.
    var directory: String? { described.flatMap { Remotes.directory($0.url) } }

    /// The place as events name it; nil for none.
    func url(in configuration: DVCSettings) throws -> String? {
        switch self {
        case .none: return nil
        case .place(let settings): return settings.url
        case .named(let name):
            guard let found = try configuration.remote(name) else {
                let known = configuration.remotes.isEmpty ? "none" : configuration.remotes.joined(separator: ", ")
                throw SettingsError(.badValue, "dvc_remote: .dvc/config has no remote \(name), but \(known)")
            }
            return found.url
        }
    }
}
