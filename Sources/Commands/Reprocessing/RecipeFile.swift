import Events
import Projections

/// A file of recipe settings, as `recipe show` prints it.
enum RecipeFile {
    /// Its values.
    ///
    /// - Throws: `SettingsError` for a setting that is none of a recipe.
    static func read(_ path: String) async throws -> [SettingKey: String] {
        let layers = try await SettingLayers(flags: [:], environment: [:], file: path)
        var values: [SettingKey: String] = [:]
        for key in SettingKey.allCases {
            guard let found = try layers.find(key), found.origin == path else { continue }
            guard key.recipeName != nil else {
                throw SettingsError(
                    .badValue,
                    "\(path): \(key.rawValue) is no part of a recipe: only settings that change tiles stand in such a file"
                )
            }
            values[key] = found.value
        }
        return values
    }
}

extension StoreOptions {
    /// The recipe that these settings ask for; what nobody says is as the store has it, or will have it.
    func recipe(_ given: [SettingKey: String], in store: StoreReader) async throws -> Recipe {
        var layers = try await layers(given)
        layers.recipe = try await store.catalog.recipeToCome()?.values ?? [:]
        return try Settings(layers, cores: 1).recipe
    }
}
