import Events
import Projections

extension CatalogReader {
    /// The settings that the store remembers: those of its recipe, and how partitions are named.
    func rememberedSettings() async throws -> [SettingKey: String] {
        var values = try await recipeToCome()?.values ?? [:]
        values[.partition] = try await partitionTemplate()
        return values
    }
}

extension Recipe {
    /// The settings that this recipe was adopted with.
    var values: [SettingKey: String] {
        Dictionary(
            uniqueKeysWithValues: settings.compactMap { name, value in SettingKey(rawValue: name).map { ($0, value) } }
        )
    }
}
