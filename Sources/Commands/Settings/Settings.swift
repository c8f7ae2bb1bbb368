import DVC
package import Events
import Files
import Imaging
package import Logging
package import ObjectStores
import Projections
package import Stages

/// The effective settings, checked and typed.
package struct Settings: Sendable, Equatable {
    /// Absolute path of the store's directory.
    package var store: String
    /// What `run` watches.
    package var source: SourcePlace?
    package var sources: SourceSettings
    package var recipe: Recipe
    /// Pixels.
    package var maxPixels: Int
    package var workers: Int
    package var keeping: FolderStore.Keeping
    /// `keep` or `withdraw`.
    package var onRemove: String
    /// Absolute path of the git repository that gets the dataset; nil for the store's own.
    package var datasetRepository: String?
    /// How the partitions of new keys are named.
    package var partition: PartitionTemplate
    package var versions: VersionSettings
    package var checkpointInterval: Duration
    /// Whether the installed `dvc` pushes dataset versions.
    package var pushesByProgram: Bool
    /// nil: the agent makes no audits.
    package var auditInterval: Duration?
    /// How long a stage or a view may stand still.
    package var stallLimit: Duration
    /// Where dataset versions are pushed to.
    package var remote: RemotePlace
    /// Who is told of what.
    package var endpoints: [Endpoint]
    /// Where endpoints may be.
    package var addresses: AddressPolicy
    package var logLevel: Logger.Level
    var logFormat: LogOutput.Format
    /// What is in flight when the agent is asked to stop may take so long.
    package var gracePeriod: Duration

    package init(_ layers: SettingLayers, cores: Int) throws {
        let values = SettingValues(layers: layers)
        store = absolute(try values.text(.store) ?? "")
        source = try layers.find(.source).map { try SourcePlace($0.value, origin: $0.origin) }
        sources = try SourceSettings(values)
        recipe = Recipe(engineRevision: Imaging.engineRevision, settings: try values.tiling().values)
        maxPixels = try values.number(.maxPixels) ?? 0
        workers = try values.number(.workers) ?? cores
        keeping = try values.text(.originals).flatMap(FolderStore.Keeping.init(rawValue:)) ?? .copy
        onRemove = try values.text(.onRemove) ?? "keep"
        datasetRepository = try values.text(.datasetRepo).map(absolute)
        if datasetRepository == StorePaths(root: store).dataset { datasetRepository = nil }
        let template = try values.text(.partition) ?? PartitionTemplate.standard.text
        guard let partition = PartitionTemplate(template) else {
            throw try values.bad(.partition, "is text with {1}, {2} … or {bucket} in it, not '\(template)'")
        }
        self.partition = partition
        versions = try VersionSettings(values)
        checkpointInterval = .seconds(try values.number(.checkpointInterval) ?? 300)
        pushesByProgram = try values.text(.versioning) == "dvc"
        auditInterval = try values.number(.auditInterval).flatMap { $0 > 0 ? .seconds($0) : nil }
        stallLimit = .seconds(try values.number(.stallLimit) ?? 3_600)
        remote = try RemotePlace(values)
        endpoints = try values.endpoints()
        addresses = AddressPolicy(
            allowsInsecure: try values.text(.webhookAllowInsecure) == "true",
            allowed: try values.addressBlocks()
        )
        logFormat = try values.text(.logFormat).flatMap(LogOutput.Format.init(rawValue:)) ?? .auto
        gracePeriod = .seconds(try values.number(.gracePeriod) ?? 100)
        logLevel = try values.text(.logLevel).flatMap(Logger.Level.init(rawValue:)) ?? .notice
    }
}

/// Reads values of their kinds from the layers.
struct SettingValues {
    let layers: SettingLayers

    func text(_ key: SettingKey) throws -> String? {
        guard let found = try layers.find(key) else { return nil }
        if case .choice(let choices) = key.kind, !choices.contains(found.value) {
            throw SettingsError(
                .badValue,
                "\(found.origin): \(key.rawValue) is one of \(choices.joined(separator: ", ")), not '\(found.value)'"
            )
        }
        return found.value
    }

    func number(_ key: SettingKey) throws -> Int? {
        guard let found = try layers.find(key) else { return nil }
        guard case .number(let range) = key.kind, let number = Int(found.value), range.contains(number) else {
            var limits = ""
            if case .number(let range) = key.kind { limits = " from \(range.lowerBound) to \(range.upperBound)" }
            throw SettingsError(
                .badValue,
                "\(found.origin): \(key.rawValue) is a whole number\(limits), not '\(found.value)'"
            )
        }
        return number
    }
}

extension SettingValues {
    /// An error that names a setting and where its value was said.
    func bad(_ key: SettingKey, _ why: String) throws -> SettingsError {
        SettingsError(.badValue, "\(try layers.find(key)?.origin ?? key.flag): \(key.rawValue) \(why)")
    }

    /// The listed endpoints, and the one of `webhook_url`, whose name is its URL.
    fileprivate func endpoints() throws -> [Endpoint] {
        var endpoints: [Endpoint] = []
        if let found = try layers.find(.endpoints) {
            endpoints = try EndpointSettings(origin: found.origin, variables: layers.variables).read(found.value)
        }
        let secret = try text(.webhookSecret).map { text in
            guard let secret = WebhookSecret(text) else {
                throw try bad(.webhookSecret, "is empty, not base64 after whsec_, or no Ed25519 key after whsk_")
            }
            return secret
        }
        guard let url = try text(.webhookURL) else { return endpoints }
        let checked = try EndpointSettings.checked(url, "webhook_url") { SettingsError(.badValue, $0) }
        let filter = EndpointFilter(kinds: [NotificationKind.datasetCommitted.rawValue])
        return endpoints + [Endpoint(name: checked, url: checked, filter: filter, secrets: [secret].compactMap(\.self))]
    }

    fileprivate func addressBlocks() throws -> [AddressBlock] {
        try (text(.webhookAllowCIDRs) ?? "").split { $0 == " " || $0 == "," }.map { text in
            guard let block = AddressBlock(String(text)) else {
                throw try bad(.webhookAllowCIDRs, "has '\(text)', which is no block of addresses such as 10.0.0.0/8")
            }
            return block
        }
    }

    /// The settings of the recipe; what is wrong is told with where it was said.
    fileprivate func tiling() throws -> TilingSettings {
        var texts: [String: String] = [:]
        var checked = TilingSettings()
        for name in TilingSettings.Name.allCases {
            guard let key = SettingKey(rawValue: name.rawValue), let found = try layers.find(key) else { continue }
            do {
                try checked.set(name, to: found.value)
            } catch {
                throw SettingsError(.badValue, "\(found.origin): \(error.message)")
            }
            texts[name.rawValue] = found.value
        }
        do {
            return try TilingSettings(values: texts)
        } catch {
            throw SettingsError(.contradiction, error.message)
        }
    }
}

/// Reads a settings file.
func readSettings(_ path: String) throws -> [UInt8] {
    try readFile(path)
}
