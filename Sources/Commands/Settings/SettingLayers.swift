import Configuration
import Yams

/// The places that settings come from, asked in order: flags, environment, YAML file, the store's recipe, defaults.
package struct SettingLayers: Sendable {
    /// A value, and where it came from.
    package struct Found: Sendable, Equatable {
        package let value: String
        package let origin: String
    }

    private let flags: InMemoryProvider
    private let environment: EnvironmentVariablesProvider
    private let file: (provider: InMemoryProvider, path: String)?
    /// The file's list of endpoints, as YAML: the one setting that takes more than a value.
    private let fileEndpoints: String?
    /// The environment, for settings that name a variable.
    let variables: [String: String]
    /// What the store's adopted recipe says.
    package var recipe: [SettingKey: String] = [:]
    /// Where the store's last agent had the dataset; nil for the store's own repository.
    package var dataset: String?

    /// - Parameters:
    ///   - flags: the values that were given on the command line.
    ///   - variables: the environment.
    ///   - path: the YAML file; nil for none.
    package init(
        flags: [SettingKey: String],
        environment variables: [String: String],
        file path: String?
    ) async throws {
        self.flags = InMemoryProvider(
            name: "flags",
            values: Dictionary(
                uniqueKeysWithValues: flags.map { (Self.key($0.key), ConfigValue(.string($0.value), isSecret: false)) }
            )
        )
        environment = EnvironmentVariablesProvider(environmentVariables: variables)
        self.variables = variables
        if let path {
            let content = try Self.readFile(path)
            fileEndpoints = content.endpoints
            file = (
                InMemoryProvider(
                    name: path,
                    values: Dictionary(
                        uniqueKeysWithValues: content.values.map {
                            (Self.key($0.key), ConfigValue(.string($0.value), isSecret: false))
                        }
                    )
                ), path
            )
        } else {
            fileEndpoints = nil
            file = nil
        }
        try Self.checkVariables(variables)
    }

    /// The value of a setting and its origin; nil when nobody gives one.
    package func find(_ setting: SettingKey) throws -> Found? {
        if let value = try text(flags, Self.key(setting)) { return Found(value: value, origin: setting.flag) }
        if let value = try text(environment, Self.variable(setting)), !value.isEmpty {
            return Found(value: value, origin: setting.environmentVariable)
        }
        if setting == .endpoints {
            return file.flatMap { file in fileEndpoints.map { Found(value: $0, origin: file.path) } }
        }
        if let file, let value = try text(file.provider, Self.key(setting)) {
            return Found(value: value, origin: file.path)
        }
        if let value = recipe[setting] { return Found(value: value, origin: "the store's recipe") }
        if setting == .datasetRepo, let dataset { return Found(value: dataset, origin: "the store") }
        return setting.defaultValue.map { Found(value: $0, origin: Self.byDefault) }
    }

    /// The settings of the recipe that somebody gives, as texts by their names; not those that the store remembers.
    package func recipeSettings() throws -> [String: String] {
        var given: [String: String] = [:]
        for key in SettingKey.allCases where key.recipeName != nil && recipe[key] == nil {
            guard let found = try find(key), found.origin != Self.byDefault else { continue }
            given[key.rawValue] = found.value
        }
        return given
    }

    private static let byDefault = "default"

    private func text(_ provider: some ConfigProvider, _ key: AbsoluteConfigKey) throws -> String? {
        guard let value = try provider.value(forKey: key, type: .string).value else { return nil }
        guard case .string(let text) = value.content else { return nil }
        return text
    }

    private static func key(_ setting: SettingKey) -> AbsoluteConfigKey {
        AbsoluteConfigKey([setting.rawValue])
    }

    private static func variable(_ setting: SettingKey) -> AbsoluteConfigKey {
        AbsoluteConfigKey(["swathlog", setting.rawValue])
    }
}

extension SettingLayers {
    /// Variables that only steer a command, and are no settings.
    private static let otherVariables: Set<String> = ["SWATHLOG_CONFIG"]

    /// A misspelt variable would be ignored in silence otherwise.
    private static func checkVariables(_ variables: [String: String]) throws {
        let known = Set(SettingKey.allCases.map(\.environmentVariable)).union(otherVariables)
        for name in variables.keys.sorted() where name.hasPrefix("SWATHLOG_") && !known.contains(name) {
            throw SettingsError(
                .unknownKey,
                "the environment variable \(name) is no setting: `swathlog config` lists them all"
            )
        }
    }

    /// - Returns: its values, and its endpoints as YAML, which is more than one value.
    private static func readFile(_ path: String) throws -> (values: [SettingKey: String], endpoints: String?) {
        let text: String
        let document: Node?
        do {
            text = String(decoding: try readSettings(path), as: UTF8.self)
            document = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError(.badFile, "\(path) can't be read as YAML settings: \(error)")
        }
        guard let document else { return ([:], nil) }
        var values: [SettingKey: String] = [:]
        var endpoints: String?
        guard let mapping = document.mapping else {
            throw SettingsError(.badFile, "\(path): settings are a YAML mapping, such as `tile_size: 512`")
        }
        for (key, value) in mapping {
            let line = key.mark.map { ":\($0.line)" } ?? ""
            guard let name = key.string, let setting = SettingKey(rawValue: name) else {
                throw SettingsError(
                    .unknownKey,
                    "\(path)\(line): '\(key.string ?? "?")' is no setting: `swathlog config` lists them all"
                )
            }
            if setting == .endpoints, value.sequence != nil {
                endpoints = try Yams.serialize(node: value)
                continue
            }
            guard let text = value.scalar?.string else {
                throw SettingsError(.badValue, "\(path)\(line): '\(name)' takes one value")
            }
            values[setting] = text
        }
        return (values, endpoints)
    }
}
